"""What the product asks of the DMP behind a user's back: one thread, each errand once while it waits."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..faults import Fault
from ..traces import Traces
from ..worker import Worker

Errand = Callable[[], None]


class Errands:
    """Errands by key, in memory: one that fails is asked for again the next time that its occasion comes."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces
        self._lock = threading.Lock()
        self._waiting: dict[str, Errand] = {}
        self._current = ""
        self._worker = Worker("dmp-errands", self._take, self._do, lambda: None)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        with self._lock:
            return not self._waiting and not self._current

    def waits(self, key: str) -> bool:
        """Whether an errand of this key is under way."""
        with self._lock:
            return key in self._waiting or key == self._current

    def run(self, key: str, errand: Errand) -> None:
        """Run an errand soon; it takes the place of one of the same key that has not begun."""
        with self._lock:
            self._waiting[key] = errand
        self._worker.wake()

    def start(self) -> None:
        """Start running errands."""
        self._worker.start()

    def stop(self) -> None:
        """Finish the errand in progress and drop the others."""
        self._worker.stop()

    def _take(self) -> tuple[str, Errand] | None:
        with self._lock:
            if not self._waiting:
                return None
            self._current = next(iter(self._waiting))
            return self._current, self._waiting.pop(self._current)

    def _do(self, taken: tuple[str, Errand]) -> None:
        key, errand = taken
        try:
            errand()
        except Exception as exc:  # noqa: BLE001 - the worker outlives its errands; the user goes on seeing what was known
            told = str(exc) if isinstance(exc, Fault) else type(exc).__name__
            self._traces.add("dui", "dmp.errand", key, "", told)
        finally:
            with self._lock:
                self._current = ""
