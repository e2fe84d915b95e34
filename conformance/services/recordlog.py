"""The records of this process, kept to be waited for: no polling, and nothing missed between two waits."""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.evidence.record import Record

# Enough for the longest scenario many times over; older records stay in the journal. Bytes count what is kept of each.
KEPT = 20_000
KEPT_BYTES = 4 * 1024 * 1024
_FAST = 1


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

    def may_be(self, one: Record | _Kept) -> bool:
        """Whether everything but the mark is met."""
        return one.lane == self.lane and one.kind == self.kind and one.seq > self.after.get(one.service, 0)

    def met_by(self, record: Record) -> bool:
        """Whether this is the one."""
        return self.may_be(record) and (not self.mark or self.mark in record.marks)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A record packed: a tenth of what it takes as an object."""

    service: str
    lane: str
    kind: str
    seq: int
    packed: bytes

    @classmethod
    def of(cls, record: Record) -> _Kept:
        line = record.to_line().encode("utf-8", "surrogatepass")
        return cls(record.service, record.lane, record.kind, record.seq, zlib.compress(line, _FAST))

    @property
    def record(self) -> Record:
        return Record.from_line(zlib.decompress(self.packed).decode("utf-8", "surrogatepass"))


class RecordLog:
    """Listens to a journal (:attr:`Journal.listeners`), from any thread, for waiters of one asyncio loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._kept: deque[_Kept] = deque()
        self._bytes = 0
        self._waiters: dict[asyncio.Future[Record | None], Wanted] = {}

    def heard(self, record: Record) -> None:
        """Take a record that has just become durable."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, record, _Kept.of(record))

    async def wait(self, wanted: Wanted, limit: float) -> Record | None:
        """The first such record, past or to come within ``limit`` seconds; ``None`` if there is none."""
        for kept in self._kept:
            if wanted.may_be(kept) and wanted.met_by(record := kept.record):
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

    def _take(self, record: Record, kept: _Kept) -> None:
        self._kept.append(kept)
        self._bytes += len(kept.packed)
        while len(self._kept) > KEPT or self._bytes > KEPT_BYTES:
            self._bytes -= len(self._kept.popleft().packed)
        for waiter, wanted in self._waiters.items():
            if not waiter.done() and wanted.met_by(record):
                waiter.set_result(record)
