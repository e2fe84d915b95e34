"""Digests of the contents of one message: each made once, those of large contents beside whoever goes on reading it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
        self._known: dict[int, Future[Mapping[str, bytes]]] = {}
        self._held: list[bytes] = []

    def begin(self, content: bytes) -> None:
        """Begin the usual digests of a content, if it is large."""
        if self._executor and len(content) >= LARGE:
            self._held.append(content)
            self._known[id(content)] = self._executor.submit(_usual, content)

    def of(self, algorithm: str, content: bytes) -> bytes:
        """A digest, waited for if it is being made."""
        begun = self._known.get(id(content)) if algorithm in USUAL else None
        return begun.result()[algorithm] if begun else digest(algorithm, content)


def _usual(content: bytes) -> Mapping[str, bytes]:
    return {algorithm: digest(algorithm, content) for algorithm in USUAL}
