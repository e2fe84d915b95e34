"""The statuses of an orientation and which may follow which.

The codes are those of JDV_J252 (TRE_R357-StatutPersonnePriseCharge). No published text at hand gives the order: the
table below is a **hypothesis** of the project, read from the labels alone. ``transitions`` of the action ``configure``
replaces it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

NOTIFIED = "39"
# What the establishment reports (flux 4) after each status.
TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "39": ("40", "41", "42", "45"),
    "40": ("41", "42", "45"),
    "41": ("42", "45"),
    "42": ("72", "71", "43", "45"),
    "72": ("71", "43", "45"),
    "71": ("43", "47", "45"),
    "43": ("47", "44"),
    "44": ("42", "45"),
    "45": (),
    "46": (),
    "47": ("51", "48"),
    "51": ("47", "48"),
    "48": (),
    "49": (),
    "37": (),
    "54": ("40", "41", "42", "45"),
}
# What the SI-SDO itself announces (flux 5): cancelled decision, impossible admission confirmed, notification cancelled
# or active again.
ANNOUNCED = ("37", "46", "49", "54")


class Machine:
    """Answers whether a status may follow another; ``enforced`` false lets everything follow everything."""

    def __init__(self, transitions: Mapping[str, Iterable[str]] = TRANSITIONS, *, enforced: bool = True) -> None:
        self._after = {status: tuple(following) for status, following in transitions.items()}
        self.enforced = enforced

    def allows(self, before: str, after: str) -> bool:
        """Whether ``after`` may be reported when the last known status is ``before``; the same one always may."""
        return not self.enforced or after == before or after in self._after.get(before, ())
