"""Contents on their way to the store, durable together: one append-only file for each segment of the journal.

A file for each content costs two flushes of the disk, its own and its folder's. The pack takes the same bytes one after
the other, so that all the contents of a group cost one; a large content, which would cost more written twice, is flushed in its
own file at once. The pack is read only after the machine itself went down: the contents
that the store has lost are then filed again (:func:`restore`). When its journal closes, the store is flushed and the
pack goes.

Each entry is ``sha256:… <length>``, LF, the bytes, LF. A torn last entry was never acknowledged.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.evidence.store import ContentStore, digest_of, write_all

SUFFIX = ".pack"
# Two lines of a digest and of a length.
_HEAD = 100
# Bytes of a content that is flushed in its own file.
LARGE = 256 * 1024
# Contents remembered by their digest; one forgotten that comes again is read again from the store.
RECENT = 1000


@dataclass(frozen=True, slots=True)
class Filed:
    """A content as it is filed: redacted, under its digest. ``verbatim`` when nothing of it had to be redacted."""

    content: bytes
    digest: str
    verbatim: bool = True


class Pack:
    """The pack of one segment, made when it is first needed."""

    def __init__(self, path: Path, store: ContentStore) -> None:
        self._path = path
        self._store = store
        # Digests of what was filed last: enough to know what comes again and again.
        self._recent: dict[str, None] = {}
        # Those that readers find already and that a flush has still to make durable.
        self._placed: set[str] = set()
        self._file: int | None = None

    def place(self, contents: Iterable[Filed]) -> None:
        """Give contents to readers at once; :meth:`add` makes them durable."""
        for filed in contents:
            known = filed.digest in self._recent or filed.digest in self._placed
            if not known and not self._store.sound(filed.digest):
                self._store.put_soon(filed.digest, filed.content)
                self._placed.add(filed.digest)

    def add(self, contents: Iterable[Filed]) -> None:
        """File contents and make them durable; a failure leaves the pack as it was."""
        filed = tuple(contents)
        self.place(filed)
        fresh = {one.digest: one.content for one in filed if one.digest in self._placed}
        for digest, content in fresh.items():
            if len(content) >= LARGE:
                self._store.sync(digest, forget=True)
        self._add({digest: content for digest, content in fresh.items() if len(content) < LARGE})
        self._placed -= set(fresh)
        self._recent |= dict.fromkeys(fresh)
        while len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]

    def _add(self, contents: Mapping[str, bytes]) -> None:
        if not contents:
            return
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        whole = os.fstat(self._file).st_size
        try:
            for digest, content in contents.items():
                write_all(self._file, b"%s %d\n" % (digest.encode(), len(content)), content, b"\n")
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, whole)
            raise

    def close(self) -> None:
        """Make the store durable by itself, then take the pack away."""
        if self._file is None:
            return
        for digest in _digests(self._file):
            self._store.sync(digest)
        os.close(self._file)
        self._file = None
        self._path.unlink()


def restore(folder: Path, store: ContentStore) -> None:
    """File again what the packs of a folder hold and the store has lost; sound contents cost one reading."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            packed = path.read_bytes()
        except FileNotFoundError:  # its journal is closing
            continue
        for content in _entries(packed):
            if not store.sound(digest_of(content)):
                store.put_soon(digest_of(content), content)
                store.sync(digest_of(content))


def _entries(packed: bytes) -> Iterator[bytes]:
    at = 0
    while (end := packed.find(b"\n", at, at + _HEAD)) >= 0:
        digest, _, length = packed[at:end].partition(b" ")
        if not length.isdigit():
            return
        content = packed[end + 1 : end + 1 + int(length)]
        if digest_of(content).encode() != digest:
            return
        yield content
        at = end + 1 + int(length) + 1


def _digests(pack: int) -> Iterator[str]:
    """The digests of a whole pack, its contents passed over."""
    at, size = 0, os.fstat(pack).st_size
    while head := os.pread(pack, _HEAD, at).partition(b"\n")[0]:
        digest, _, length = head.partition(b" ")
        at += len(head) + 1 + int(length) + 1
        if at > size:
            return
        yield digest.decode()
