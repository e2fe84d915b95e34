"""Digests of the contents of one message: each made once, those of large contents beside whoever goes on reading it."""

from __future__ import annotations

import hashlib
from concurrent.futures import Executor, Future

# What every submission needs of its documents: SHA-1 for XDS, SHA-256 for the journal and most signatures.
USUAL = ("sha1", "sha256")
# Bytes from which a thread pays: hashing lets the interpreter go (hashlib, above 2 KB).
LARGE = 64 * 1024


def digest(algorithm: str, content: bytes) -> bytes:
    """One digest. SHA-1 is what the formats name; it protects nothing here."""
    return hashlib.new(algorithm, content, usedforsecurity=False).digest()


class Digests:
    """The digests of one message's contents, which are known by their identity while this lives."""

    def __init__(self, executor: Executor | None = None) -> None:
        self._executor = executor
        self._known: dict[tuple[int, str], Future[bytes]] = {}
        self._held: list[bytes] = []

    def begin(self, content: bytes) -> None:
        """Begin the usual digests of a content, if it is large."""
        if self._executor and len(content) >= LARGE:
            self._held.append(content)
            for algorithm in USUAL:
                self._known[id(content), algorithm] = self._executor.submit(digest, algorithm, content)

    def of(self, algorithm: str, content: bytes) -> bytes:
        """A digest, waited for if it is being made."""
        begun = self._known.get((id(content), algorithm))
        return begun.result() if begun else digest(algorithm, content)
