"""Bytes by their SHA-256: written once, never changed, verified on reading."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Protocol

PREFIX = "sha256:"


class Altered(Exception):
    """A content that no longer has the hash it is filed under, or is missing."""


class Contents(Protocol):
    """Where the bytes of a run are read from: a folder during the run, a sealed dossier afterwards."""

    def get(self, digest: str) -> bytes:
        """The bytes of ``sha256:…``; raises :class:`Altered` when absent or changed."""
        ...


def digest_of(content: bytes) -> str:
    """``sha256:`` and 64 hexadecimal digits."""
    return PREFIX + hashlib.sha256(content).hexdigest()


def verified(digest: str, content: bytes) -> bytes:
    """The content itself, or :class:`Altered`."""
    if digest_of(content) != digest:
        raise Altered(digest)
    return content


class ContentStore:
    """A folder of contents, fanned out by the first two digits; safe for several processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Where a content lies; raises :class:`Altered` for what is not a digest."""
        name = digest.removeprefix(PREFIX)
        if len(name) != 64 or set(name) - set("0123456789abcdef"):
            raise Altered(digest)
        return self.folder / name[:2] / name[2:]

    def put(self, content: bytes) -> str:
        """File the bytes durably and return their digest; a known content costs one ``stat``."""
        digest = digest_of(content)
        target = self.path(digest)
        if not target.exists():
            self._place(target, content, durable=True)
        return digest

    def put_soon(self, digest: str, content: bytes) -> None:
        """File the bytes under their digest for readers; durable only after :meth:`sync`, or by a copy elsewhere."""
        self._place(self.path(digest), content, durable=False)

    def sync(self, digest: str, *, forget: bool = False) -> None:
        """Make durable what was put soon; ``forget`` what the system keeps of it in memory, for it is large and seldom read."""
        target = self.path(digest)
        _sync(target, forget=forget)
        _sync(target.parent)

    def sound(self, digest: str) -> bool:
        """Whether the content is there, whole."""
        if not self.path(digest).exists():  # what most are asked about: a fraction of a failed reading
            return False
        try:
            self.get(digest)
        except Altered:
            return False
        return True

    def _place(self, target: Path, content: bytes, *, durable: bool) -> None:
        scratch = target.with_name(f".{target.name}.{os.getpid()}")
        handle = _created(scratch)
        try:
            write_all(handle, content)
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
        scratch.replace(target)
        if durable:
            # A rename is durable only once its folder is (POSIX fsync of the directory).
            _sync(target.parent)

    def get(self, digest: str) -> bytes:
        """The bytes, verified."""
        try:
            content = self.path(digest).read_bytes()
        except OSError as exc:
            raise Altered(digest) from exc
        return verified(digest, content)


def write_all(handle: int, *contents: bytes) -> None:
    """Write contents whole, one after the other, without joining them first."""
    left = [memoryview(content) for content in contents if content]
    while left:
        done = os.writev(handle, left)
        while left and done >= len(left[0]):
            done -= len(left.pop(0))
        if left:
            left[0] = left[0][done:]


def _created(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o644)


def _sync(path: Path, *, forget: bool = False) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
        if forget:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)
