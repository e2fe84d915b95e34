"""The records of this process, kept to be waited for: no polling, and nothing missed between two waits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.evidence.record import Record

# Enough for the longest scenario many times over; older records stay in the journal.
KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which record is waited for.

    Its lane and kind, a mark that it bears (lower case; empty for any), and what it comes after: the last sequence
    number seen of each service.
    """

    lane: str
    kind: str
    mark: str
    after: Mapping[str, int]

    def met_by(self, record: Record) -> bool:
        """Whether this is the one."""
        return (
            record.lane == self.lane
            and record.kind == self.kind
            and record.seq > self.after.get(record.service, 0)
            and (not self.mark or self.mark in record.marks)
        )


class RecordLog:
    """Listens to a journal (:attr:`Journal.listeners`), from any thread, for waiters of one asyncio loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._kept: deque[Record] = deque(maxlen=KEPT)
        self._waiters: dict[asyncio.Future[Record | None], Wanted] = {}

    def heard(self, record: Record) -> None:
        """Take a record that has just become durable."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, record)

    async def wait(self, wanted: Wanted, limit: float) -> Record | None:
        """The first such record, past or to come within ``limit`` seconds; ``None`` if there is none."""
        for record in self._kept:
            if wanted.met_by(record):
                return record
        waiter: asyncio.Future[Record | None] = self._loop.create_future()
        self._waiters[waiter] = wanted
        try:
            async with asyncio.timeout(limit):
                return await waiter
        except TimeoutError:
            return None
        finally:
            del self._waiters[waiter]

    def close(self) -> None:
        """Send every waiter home with nothing."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _take(self, record: Record) -> None:
        self._kept.append(record)
        for waiter, wanted in self._waiters.items():
            if not waiter.done() and wanted.met_by(record):
                waiter.set_result(record)
