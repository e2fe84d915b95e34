"""What an observation of the front door may cost: connections, seconds, bytes. Beyond, it stops and says so."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from conformance import __version__

# How the harness names itself to the product it looks at.
USER_AGENT = f"dui-conformance/{__version__} (conformance probe; bounded; reads only)"


class Spent(Exception):
    """The budget is spent: what was not looked at by then is not known."""


@dataclass
class Budget:
    """How much may be asked of one address.

    ``connections`` in all, opened one after the other; ``seconds`` in all and ``step`` for each connection; ``page`` bytes
    read of an answer at most.
    """

    connections: int = 24
    seconds: float = 60.0
    step: float = 5.0
    page: int = 64 * 1024
    used: int = 0
    _until: float = field(default=0.0, init=False)

    def connection(self) -> float:
        """Take one connection; answers the seconds it may last, or raises :class:`Spent`."""
        now = time.monotonic()
        self._until = self._until or now + self.seconds
        if self.used >= self.connections or now >= self._until:
            raise Spent
        self.used += 1
        return min(self.step, self._until - now)

    def as_json(self) -> dict[str, float]:
        """The budget as evidence tells it."""
        return {"connections": self.connections, "seconds": self.seconds, "used": self.used}
