"""The local engine: a few processes, one batch at a time each, watched one by one.

A process that dies takes nothing with it: its batch is given again, and the document it was at is judged alone. A
document that ends its process a second time, alone, is answered for by the engine.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.context import SpawnProcess
from typing import Any

from conformance.core.errors import HarnessError
from conformance.core.texts import Language, language
from conformance.scale.item import Batch
from conformance.scale.rules import rules_version
from conformance.scale.verdict import Examine, Verdict, examine, fatal
from conformance.scale.worker import NOWHERE, Place, serve

# Many times what the worst document takes within the bounds of the parsers.
DOCUMENT_SECONDS = 300.0
# A process imports the checks: a second, on a machine that does nothing else.
START_SECONDS = 120.0
# Deaths in a row outside any document: the installation is at fault, not a document.
STILLBORN = 5
TICK = 1.0


@dataclass(slots=True)
class _Worker:
    """A process, the way to it, and what it was given. ``alone`` when its batch is a document under suspicion."""

    process: SpawnProcess
    pipe: connection.Connection
    place: Place
    batch: Batch | None = None
    alone: bool = False
    ready: bool = False
    at: int = NOWHERE
    since: float = field(default_factory=time.monotonic)

    def stuck(self, limit: float) -> bool:
        """Whether it has been at the same document for longer than ``limit`` seconds, or never began."""
        place = self.place.value
        if place != self.at or (self.ready and self.batch is None):
            self.at, self.since = place, time.monotonic()
        return time.monotonic() - self.since > (limit if self.ready else START_SECONDS)


class Local:
    """Judges batches on ``jobs`` processes. ``seconds`` bounds the time of one document."""

    def __init__(self, jobs: int, examine: Examine = examine, *, seconds: float = DOCUMENT_SECONDS) -> None:
        self._jobs = jobs
        self._examine = examine
        self._seconds = seconds
        # Processes are spawned: a fork would copy locks and threads of whoever calls.
        self._spawn = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._again: deque[Batch] = deque()
        self._suspects: deque[Batch] = deque()
        self._stillborn = 0

    def judge(self, batches: Iterator[Batch]) -> Generator[Sequence[Verdict | None], None, None]:
        """Verdicts as they come, one per document; none for a document that is still as known."""
        spoken = language()
        try:
            while True:
                self._give(batches, spoken)
                if not any(worker.batch for worker in self._workers):
                    return
                yield from self._listen()
        finally:
            for worker in self._workers:
                self._end(worker)
            self._workers.clear()

    def processes(self) -> list[int]:
        """The ids of the processes at work."""
        return [worker.process.pid for worker in self._workers if worker.process.pid]

    def _give(self, batches: Iterator[Batch], spoken: Language) -> None:
        for number in range(self._jobs):
            worker = self._workers[number] if number < len(self._workers) else None
            if worker is not None and worker.batch is not None:
                continue
            alone = bool(self._suspects)
            batch = self._suspects.popleft() if alone else self._again.popleft() if self._again else next(batches, None)
            if batch is None:
                return
            if worker is None:
                worker = self._start(spoken)
                self._workers.append(worker)
            worker.batch, worker.alone, worker.at, worker.since = batch, alone, NOWHERE, time.monotonic()
            if worker.ready:
                self._send(worker)

    def _start(self, spoken: Language) -> _Worker:
        ours, theirs = self._spawn.Pipe()
        place = self._spawn.RawValue("i", NOWHERE)
        arguments = (theirs, place, self._examine, spoken)
        process = self._spawn.Process(target=serve, args=arguments, daemon=True, name="conformance-check")
        process.start()
        theirs.close()
        return _Worker(process, ours, place)

    def _listen(self) -> Iterator[Sequence[Verdict | None]]:
        """Wait for one answer, one death, or one tick of the clock."""
        pipes: dict[Any, _Worker] = {worker.pipe: worker for worker in self._workers}
        for pipe in connection.wait(list(pipes), timeout=TICK):
            worker = pipes[pipe]
            try:
                answer = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._mourn(worker, "document.worker-died")
                continue
            if worker.ready:
                worker.batch, self._stillborn = None, 0
                yield answer
            else:
                self._welcome(worker, answer)
        for worker in [each for each in self._workers if each.stuck(self._seconds) and not each.pipe.poll()]:
            yield from self._mourn(worker, "document.worker-stuck")

    def _welcome(self, worker: _Worker, rules: str) -> None:
        if rules != rules_version():
            raise HarnessError("scale.rules-differ", ours=rules_version(), theirs=rules)
        worker.ready, worker.since = True, time.monotonic()
        self._send(worker)

    def _send(self, worker: _Worker) -> None:
        try:
            worker.pipe.send(worker.batch)
        except OSError:
            # It is dead: listening to it tells so.
            worker.at = NOWHERE

    def _mourn(self, worker: _Worker, code: str) -> Iterator[Sequence[Verdict | None]]:
        """Bury a process; its batch is given again, but for the document it was at, which is judged alone."""
        self._end(worker)
        self._workers.remove(worker)
        batch, at = worker.batch or [], worker.place.value
        if at == NOWHERE:
            self._stillborn += 1
            if self._stillborn > STILLBORN:
                raise HarnessError("scale.workers-fail", count=self._stillborn)
            (self._suspects if worker.alone else self._again).extend([batch] if batch else [])
            return
        if worker.alone:
            yield [fatal(batch[0][0], rules_version(), code)]
            return
        self._suspects.append([batch[at]])
        if rest := batch[:at] + batch[at + 1 :]:
            self._again.append(rest)

    @staticmethod
    def _end(worker: _Worker) -> None:
        worker.pipe.close()
        worker.process.kill()
        worker.process.join(timeout=10)
