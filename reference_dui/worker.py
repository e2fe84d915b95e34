"""A thread of the product's own that does what is due, one thing at a time, and sleeps until the next is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

# Seconds that a stop waits for what is in progress, and the bounds of one sleep.
STOP_LIMIT = 20.0
SHORTEST, LONGEST = 0.01, 60.0


class Worker:
    """``take`` answers what is due now, under the lock; ``do`` does it, outside; ``due`` answers when the next is.

    ``due`` is in seconds since the epoch, ``None`` when nothing waits. ``do`` must not raise.
    """

    def __init__(
        self, name: str, take: Callable[[], Any], do: Callable[[Any], None], due: Callable[[], float | None]
    ) -> None:
        self._take = take
        self._do = do
        self._due = due
        self._wake = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Start working."""
        self._thread.start()

    def stop(self) -> None:
        """End what is in progress and stop; the rest stays where it is."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=STOP_LIMIT)

    def wake(self) -> None:
        """Something new is due."""
        with self._wake:
            self._wake.notify_all()

    def _work(self) -> None:
        while True:
            with self._wake:
                if self._stopped:
                    return
                taken = self._take()
                if taken is None:
                    self._wake.wait(self._pause())
                    continue
            self._do(taken)

    def _pause(self) -> float | None:
        due = self._due()
        return None if due is None else min(max(due - time.time(), SHORTEST), LONGEST)
