"""What the bench may make go wrong in a lane's DMP."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.core.errors import UsageError

# slow: answers late. unavailable: HTTP 503. refuses: a registry response with a code. lost-answer: does its work, then
# closes the connection without a word. partial: a part of what a search or a reading should give comes, with an error for the
# rest; a submission is taken with a warning. stale: the authorisation ends when it is used.
KNOWN = ("slow", "unavailable", "refuses", "lost-answer", "partial", "stale")
MAX_DELAY = 60.0


@dataclass(slots=True)
class Active:
    """One fault in force: how many more calls it strikes, and its own value."""

    left: int
    value: str = ""
    kind: str = ""


@dataclass
class Faults:
    """The faults in force, by name."""

    active: dict[str, Active] = field(default_factory=dict)

    def switch(self, asked: Mapping[str, Any]) -> None:
        """Put a fault on or off: ``fault``, ``active``, ``times`` (calls it strikes), ``value``, ``kind``.

        ``value`` is seconds for ``slow``, a code for ``refuses``; ``kind`` limits the fault to one transaction. Raises
        :class:`~conformance.core.errors.UsageError` for a fault that is not known, or a number that is none.
        """
        name = str(asked.get("fault", ""))
        if name not in KNOWN:
            raise UsageError("dmp.unknown-fault", fault=name, known=", ".join(KNOWN))
        if not asked.get("active", True):
            self.active.pop(name, None)
            return
        times, value = int(_number("times", asked.get("times", 1_000_000))), str(asked.get("value", ""))
        if name == "slow" and value:
            _number("value", value)
        self.active[name] = Active(times, value, str(asked.get("kind", "")))

    def strike(self, name: str, kind: str = "") -> str | None:
        """Let a fault strike a transaction once; answers its value, or ``None`` when it is not in force."""
        found = self.active.get(name)
        if found is None or found.left < 1 or (found.kind and found.kind != kind):
            return None
        found.left -= 1
        if not found.left:
            # What strikes no more is not in force any more.
            del self.active[name]
        return found.value

    def delay(self) -> float:
        """Seconds to wait before working."""
        value = self.strike("slow")
        return 0.0 if value is None else min(float(value or 5), MAX_DELAY)


def _number(member: str, value: Any) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found) or found < 0:
        raise UsageError("dmp.wrong-fault", member=member, got=str(value)[:100])
    return found
