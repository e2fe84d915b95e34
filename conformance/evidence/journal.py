"""The append-only journal: one segment per writer process, durable before it is acknowledged.

Layout of a run's evidence folder::

    journal/<writer>.jsonl   records, one JSON line each
    journal/<writer>.pack    contents not yet durable under their own name (:mod:`.pack`)
    content/ab/cdef…         bytes by SHA-256
    salt                     key of the redaction placeholders

A ``kill -9`` can leave one torn line at the end of a segment: it was never acknowledged and is not a record.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.core.errors import HarnessError
from conformance.core.words import Provenance
from conformance.evidence.pack import Filed, restore
from conformance.evidence.record import Record
from conformance.evidence.redaction import Redactor
from conformance.evidence.store import ContentStore, digest_of, write_all

SALT_BYTES = 32


def now_utc() -> str:
    """The wall clock as records spell it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Journal:
    """The writing end, for one process. Safe for threads; every :meth:`append` is durable when it returns.

    Where many conversations are written down at once, :class:`~conformance.evidence.grouped.GroupedJournal`.
    """

    def __init__(self, folder: Path, writer: str = "run") -> None:
        self.folder = folder
        self._lock = threading.Lock()
        (folder / "journal").mkdir(parents=True, exist_ok=True)
        self.store = ContentStore(folder / "content")
        restore(folder / "journal", self.store)
        self.redactor = Redactor(_salt(folder))
        self._next: defaultdict[tuple[str, str], int] = defaultdict(lambda: 1)
        for record in read_journal(folder):
            key = (record.service, record.lane)
            self._next[key] = max(self._next[key], record.seq + 1)
        self._path = folder / "journal" / f"{writer}-{os.getpid()}-{secrets.token_hex(4)}.jsonl"
        self._segment: int | None = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._closer = weakref.finalize(self, os.close, self._segment)
        # Called with each record once it is durable, in the thread that appended it.
        self.listeners: list[Callable[[Record], None]] = []
        # Called before records are written, by whoever writes them: what they tell of must be durable first.
        self.prerequisites: list[Callable[[], None]] = []

    def soon(self, content: bytes) -> Future[Filed]:
        """File a content before the record that will name it; what comes of it goes into its ``blobs``.

        Readers find it then; it is durable before that record is.
        """
        filed, done = self._filed(content), Future[Filed]()
        self.store.put(filed.content)
        done.set_result(filed)
        return done

    def _filed(self, content: bytes | Filed) -> Filed:
        if isinstance(content, Filed):
            return content
        clean = self.redactor.content(content)
        return Filed(clean, digest_of(clean), clean == content)

    def append(
        self,
        service: str,
        lane: str,
        kind: str,
        *,
        provenance: Provenance,
        data: Mapping[str, Any] | None = None,
        blobs: Mapping[str, bytes | Filed] | None = None,
        session: str = "",
        marks: Iterable[str] = (),
    ) -> Record:
        """Redact, store, write, sync; returns the record as it will be sealed."""
        with self._lock:
            if self._segment is None:
                raise HarnessError("evidence.journal-closed", service=service)
            filed = {role: self._filed(content) for role, content in (blobs or {}).items()}
            record = Record(
                service=service,
                lane=lane,
                seq=self._next[service, lane],
                kind=kind,
                utc=now_utc(),
                monotonic=time.monotonic(),
                provenance=provenance,
                session=session,
                data=self.redactor.data(dict(data or {})),
                blobs={role: one.digest for role, one in filed.items()},
                marks=tuple(sorted({mark.lower() for mark in marks if mark})),
            )
            self._take(self._segment, record, tuple(filed.values()))
            self._next[service, lane] += 1
        self._taken(record)
        return record

    async def durable(self) -> None:
        """Return once everything appended so far is durable; here it always is."""

    def _take(self, segment: int, record: Record, contents: tuple[Filed, ...]) -> None:
        """File a record, under the lock; one that cannot be filed has not been, and its number is free."""
        for prepare in self.prerequisites:
            prepare()
        for filed in contents:
            self.store.put(filed.content)
        self._write(segment, line_of(record))

    def _taken(self, record: Record) -> None:
        """Go on without the lock."""
        for listener in self.listeners:
            listener(record)

    def _write(self, segment: int, lines: bytes) -> None:
        """Write and sync lines whole; what a full disk cut short is taken back, so that the journal still reads."""
        whole = os.fstat(segment).st_size
        try:
            write_all(segment, lines)
            os.fsync(segment)
        except OSError as exc:
            os.ftruncate(segment, whole)
            raise not_written(exc) from exc

    def last(self, service: str, lane: str) -> int:
        """The sequence number of the last record of a service in a lane; 0 before the first."""
        with self._lock:
            return self._next[service, lane] - 1

    def lasts(self, lane: str) -> dict[str, int]:
        """:meth:`last` of every service seen in a lane."""
        with self._lock:
            return {service: following - 1 for (service, where), following in self._next.items() if where == lane}

    def close(self) -> None:
        """End the segment; later appends raise."""
        with self._lock:
            self._segment = None
            self._closer()


def line_of(record: Record) -> bytes:
    """The line of a record as a segment holds it."""
    return record.to_line().encode("utf-8", "backslashreplace") + b"\n"


def not_written(exc: OSError) -> HarnessError:
    """What is told when the disk refuses a record."""
    return HarnessError("evidence.not-written", reason=exc.strerror or str(exc))


def read_journal(folder: Path) -> Iterator[Record]:
    """Every acknowledged record of a run, segment by segment; a torn last line is passed over."""
    for segment in sorted((folder / "journal").glob("*.jsonl")):
        yield from read_segment(segment.read_bytes(), segment.name)


def has_records(folder: Path) -> bool:
    """Whether a run's evidence folder holds anything; a segment that its writer never filled does not count."""
    return any(segment.stat().st_size for segment in (folder / "journal").glob("*.jsonl"))


def read_segment(content: bytes, name: str) -> Iterator[Record]:
    """The records of one segment; a broken line elsewhere than at the end is a harness error."""
    lines = content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            yield Record.from_line(line.decode("utf-8"))
        except ValueError as exc:
            if number == len(lines):
                return
            raise HarnessError("evidence.broken-line", segment=name, line=number, reason=str(exc)) from exc


def _salt(folder: Path) -> bytes:
    path = folder / "salt"
    try:
        with path.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            salt = secrets.token_bytes(SALT_BYTES)
            out.write(salt)
            out.flush()
            os.fsync(out.fileno())
            return salt
    except FileExistsError:
        return _settled(path)


def _settled(path: Path) -> bytes:
    # Another process may be between creating and writing it: its 32 bytes come within milliseconds.
    for _ in range(200):
        if len(salt := path.read_bytes()) == SALT_BYTES:
            return salt
        time.sleep(0.01)
    raise HarnessError("evidence.salt-incomplete", path=path.name)
