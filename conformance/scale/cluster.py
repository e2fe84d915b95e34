"""The cluster engine: batches sent to ``dask.distributed``, an optional part of the installation.

A batch that a dead worker takes with it is sent again by the scheduler. One that keeps ending workers is taken apart, its
documents judged alone, with nothing else under way: the one that ends workers alone is answered for by the engine.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from conformance.core.errors import HarnessError, SetupError
from conformance.core.texts import language
from conformance.scale.item import Batch
from conformance.scale.rules import rules_version
from conformance.scale.verdict import Examine, Verdict, examine, fatal
from conformance.scale.worker import judge_batch

# Batches under way per worker: one at work, one at hand.
AHEAD = 2
CONNECT_SECONDS = 30
# No batch may take longer: 50 documents, each many times the usual.
STALLED_SECONDS = 900


class Cluster:
    """Judges batches on the workers of a scheduler; without an address, on ``jobs`` processes of this machine."""

    def __init__(self, address: str | None, jobs: int, examine: Examine = examine) -> None:
        self._address = address
        self._jobs = jobs
        self._examine = examine
        self._suspects: deque[Batch] = deque()

    def judge(self, batches: Iterator[Batch]) -> Generator[Sequence[Verdict | None], None, None]:
        """Verdicts as they come, one per document; none for a document that is still as known."""
        with ExitStack() as stack:
            client = stack.enter_context(self._client(stack))
            ahead = AHEAD * _workers(client)
            under_way: dict[Any, Batch] = {}
            while True:
                while len(under_way) < ahead and (batch := next(batches, None)):
                    under_way[self._submit(client, batch)] = batch
                if under_way:
                    yield from self._gather(under_way)
                elif self._suspects:
                    batch = self._suspects.popleft()
                    yield from self._gather({self._submit(client, batch): batch}, alone=True)
                else:
                    return

    def _client(self, stack: ExitStack) -> Any:
        try:
            import distributed
        except ImportError as exc:
            raise SetupError("scale.dask-missing") from exc
        try:
            if self._address is not None:
                return distributed.Client(self._address, timeout=CONNECT_SECONDS)
            # No page of statistics: nothing listens beyond this machine.
            cluster = distributed.LocalCluster(
                n_workers=self._jobs,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                silence_logs="CRITICAL",
            )
            return distributed.Client(stack.enter_context(cluster))
        except (OSError, ValueError, RuntimeError) as exc:
            raise SetupError("scale.dask-unreachable", address=self._address or "-", reason=type(exc).__name__) from exc

    def _submit(self, client: Any, batch: Batch) -> Any:
        # A name of its own: the scheduler takes two calls of one name for one.
        key = f"conformance-check-{uuid.uuid4().hex}"
        return client.submit(judge_batch, batch, self._examine, language(), key=key, pure=False)

    def _gather(self, under_way: dict[Any, Batch], *, alone: bool = False) -> Iterator[Sequence[Verdict | None]]:
        """Wait for at least one batch; take out of ``under_way`` those that ended."""
        import distributed

        try:
            done = distributed.wait(list(under_way), timeout=STALLED_SECONDS, return_when="FIRST_COMPLETED").done
        except TimeoutError as exc:
            raise HarnessError("scale.dask-stalled", seconds=STALLED_SECONDS) from exc
        for future in done:
            batch = under_way.pop(future)
            failure = future.exception()
            if failure is None:
                rules, verdicts = future.result()
                if rules != rules_version():
                    raise SetupError("scale.rules-differ", ours=rules_version(), theirs=rules)
                yield verdicts
            elif not isinstance(failure, distributed.KilledWorker):
                raise HarnessError("scale.dask-failed", reason=f"{type(failure).__name__}: {failure}") from failure
            elif alone:
                yield [fatal(batch[0][0], rules_version(), "document.worker-died")]
            else:
                self._suspects.extend([each] for each in batch)


def _workers(client: Any) -> int:
    """How many workers there are; each must have one thread, since a parser may hold or end its process."""
    client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    threads = client.nthreads()
    if any(count != 1 for count in threads.values()):
        raise SetupError("scale.dask-threads", threads=sum(threads.values()), workers=len(threads))
    return len(threads)
