"""A journal for many conversations at once: what is appended in a short while shares one flush of the disk.

::

    journal = GroupedJournal(folder, "services")
    journal.append(…)            # numbered and queued; costs no flush
    await journal.durable()      # then answer the peer

A large content may be given before its record (:meth:`GroupedJournal.soon`): it is filed while its sender is still judged.

An append is not an acknowledgement: whoever answers a peer awaits :meth:`GroupedJournal.durable` first. A thread writes
and flushes the queue; what comes while it does shares the next flush, so that records cost one flush for each pause of
the disk, not one each. Contents come before the lines that name them (:mod:`.pack`), and lines in order: what a crash
takes is an unacknowledged end.
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.core.errors import HarnessError
from conformance.evidence.journal import Journal, line_of, not_written
from conformance.evidence.pack import SUFFIX, Filed, Pack
from conformance.evidence.record import Record

# Seconds that a record nobody waits for may stay in memory: the end of a connection, a failed handshake.
LINGER = 0.02
# Seconds before a disk that refused is tried again unasked, and how many records may wait for it.
RETRY = 0.5
MAX_QUEUE = 10_000


@dataclass(frozen=True, slots=True)
class _Queued:
    record: Record
    contents: tuple[Filed, ...]


@dataclass(frozen=True, slots=True)
class _Early:
    content: bytes
    done: Future[Filed]

    def answer(self, what: Filed | HarnessError) -> None:
        """Tell whoever gave it, unless they left."""
        if not self.done.set_running_or_notify_cancel():
            return
        if isinstance(what, Filed):
            self.done.set_result(what)
        else:
            self.done.set_exception(what)


@dataclass(frozen=True, slots=True)
class _Waiter:
    upto: int
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]

    def answer(self, error: HarnessError | None) -> None:
        """Wake the one who waits; its loop may be gone, and so may its patience."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._settle, error)

    def _settle(self, error: HarnessError | None) -> None:
        if self.done.done():
            return
        if error:
            self.done.set_exception(error)
        else:
            self.done.set_result(None)


class GroupedJournal(Journal):
    """As :class:`Journal`, but :meth:`append` only queues. When the disk refuses, waiters are told and nothing is lost."""

    def __init__(self, folder: Path, writer: str = "run") -> None:
        super().__init__(folder, writer)
        self._pack = Pack(self._path.with_suffix(SUFFIX), self.store)
        self._queue: list[_Queued] = []
        self._early: list[_Early] = []
        self._waiters: list[_Waiter] = []
        self._queued = 0
        self._settled = 0
        self._work = threading.Condition(self._lock)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"journal {writer}", daemon=True)
        self._thread.start()

    async def durable(self) -> None:
        """Return once everything appended so far is durable; raises :class:`HarnessError` when the disk refuses."""
        with self._lock:
            if self._settled == self._queued:
                return
            loop = asyncio.get_running_loop()
            waiter = _Waiter(self._queued, loop, loop.create_future())
            self._waiters.append(waiter)
            self._work.notify()
        await waiter.done

    def soon(self, content: bytes) -> Future[Filed]:
        """As in :class:`Journal`, beside the caller, with the flush that comes next."""
        early = _Early(content, Future())
        with self._lock:
            if self._closing:
                raise HarnessError("evidence.journal-closed", service="")
            self._early.append(early)
            self._work.notify()
        return early.done

    def close(self) -> None:
        """Write what is queued and end the segment; later appends raise."""
        with self._lock:
            self._closing = True
            self._work.notify()
        self._thread.join()
        self._pack.close()
        super().close()

    def _take(self, segment: int, record: Record, contents: tuple[Filed, ...]) -> None:
        del segment
        if self._closing:
            raise HarnessError("evidence.journal-closed", service=record.service)
        if len(self._queue) >= MAX_QUEUE:
            raise not_written(OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)))
        self._queue.append(_Queued(record, contents))
        self._queued += 1
        if len(self._queue) == 1:
            self._work.notify()

    def _taken(self, record: Record) -> None:
        """Listeners hear of it when it is durable."""

    def _run(self) -> None:
        refused = False
        while True:
            with self._lock:
                while not self._queue and not self._early and not self._closing:
                    self._work.wait()
                if not self._early and not self._closing:
                    self._work.wait_for(
                        lambda: self._waiters or self._early or self._closing, RETRY if refused else LINGER
                    )
                batch, self._queue = self._queue, []
                early, self._early = self._early, []
                last = self._closing
            refused = not self._commit(batch, early)
            if last:
                return

    def _commit(self, batch: list[_Queued], early: list[_Early]) -> bool:
        """Make a batch durable and tell; a batch that the disk refuses goes back to the head of the queue."""
        error = self._attempt(batch, early)
        with self._lock:
            if error:
                self._queue[:0] = batch
            else:
                self._settled += len(batch)
            answered = [waiter for waiter in self._waiters if error or waiter.upto <= self._settled]
            self._waiters = [waiter for waiter in self._waiters if waiter not in answered]
        if not error:
            for queued in batch:
                super()._taken(queued.record)
        for waiter in answered:
            waiter.answer(error)
        return error is None

    def _attempt(self, batch: list[_Queued], early: list[_Early]) -> HarnessError | None:
        """Why a batch could not be made durable; whoever gave a content early is told as soon as readers find it."""
        error = self._guarded(self._file, batch, early)
        for one in early:
            if error and not one.done.done():
                one.answer(error)
        return error or self._guarded(self._note, batch)

    def _file(self, batch: list[_Queued], early: list[_Early]) -> None:
        """Contents of records, and those given early: hashing and writing hold no lock of the interpreter."""
        filed = [self._filed(one.content) for one in early]
        self._pack.place(filed)
        for one, content in zip(early, filed, strict=True):
            one.answer(content)
        self._pack.add([*filed, *(content for queued in batch for content in queued.contents)])

    def _note(self, batch: list[_Queued]) -> None:
        if batch and self._segment is not None:
            for prepare in self.prerequisites:
                prepare()
            self._write(self._segment, b"".join(line_of(queued.record) for queued in batch))

    def _guarded(self, work: Callable[..., None], *parts: Any) -> HarnessError | None:
        try:
            work(*parts)
        except OSError as exc:
            return not_written(exc)
        except HarnessError as exc:
            return exc
        except Exception as exc:  # noqa: BLE001 - whoever waits must be told, whatever it is
            return HarnessError("evidence.not-written", reason=repr(exc))
        return None
