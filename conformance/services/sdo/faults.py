"""What the SI-SDO can be told to do wrong, a given number of times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.core.errors import UsageError

# Fault -> HTTP status it answers; the others change how an answer leaves.
STATUSES = {"forbidden": 403, "too-many": 429, "broken": 500, "unavailable": 503}
FAULTS = (*STATUSES, "slow", "cut")
INTERACTIONS = ("token", "search", "read", "create", "*")
MAX_TIMES = 1000
MAX_DELAY = 20.0


@dataclass(slots=True)
class Fault:
    """One fault: which, on which interaction, how many times yet, and for ``slow`` and ``too-many`` its seconds."""

    name: str
    on: str
    left: int
    delay: float = 1.0


class Faults:
    """The faults in force, in the order they were put on."""

    def __init__(self) -> None:
        self._active: list[Fault] = []

    def put(self, asked: Mapping[str, Any]) -> Fault:
        """Put a fault on: ``fault``, ``on`` (``*`` by default), ``times`` (once by default), ``delay``."""
        name, on = str(asked.get("fault", "")), str(asked.get("on", "*"))
        times, delay = asked.get("times", 1), asked.get("delay", 1.0)
        known = name in FAULTS and on in INTERACTIONS
        counted = isinstance(times, int) and 1 <= times <= MAX_TIMES
        timed = isinstance(delay, int | float) and 0 <= delay <= MAX_DELAY
        if not (known and counted and timed):
            raise UsageError("services.sdo.fault", fault=name or "∅", known=", ".join(FAULTS))
        made = Fault(name, on, int(times), float(delay))
        self._active.append(made)
        return made

    def take(self, interaction: str) -> Fault | None:
        """The fault that this call meets, one time less."""
        for fault in self._active:
            if fault.on in ("*", interaction):
                fault.left -= 1
                if fault.left <= 0:
                    self._active.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Work properly again."""
        self._active.clear()
