"""Where verdicts are kept: what an engine needs to know of it, and the index that tells what is already there."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from conformance.scale.verdict import Verdict


class Ledger(Protocol):
    """Verdicts by document hash, path and rules version: none is lost once :meth:`add` returns, none is there twice."""

    @property
    def files(self) -> tuple[Path, ...]:
        """What it writes: no document."""
        ...

    def known(self, path: str) -> str | None:
        """The hash under which this path was last judged by these rules; empty for one that could not be read."""
        ...

    def add(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """Keep verdicts durably; those that were not there yet."""
        ...

    def verdicts(self) -> Iterator[Verdict]:
        """The last verdict of every path under these rules."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...

    def draw(self) -> None:
        """Leave the lines of JSON whole."""
        ...


class Index:
    """Which (path, hash) are judged, on disk so that millions weigh nothing in memory. Built anew from the results."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._path = path
        self._base = sqlite3.connect(path, isolation_level=None)
        # It is thrown away and rebuilt: nothing of it must survive a stop.
        self._base.execute("PRAGMA journal_mode=OFF")
        self._base.execute("PRAGMA synchronous=OFF")
        self._base.execute(
            "CREATE TABLE judged (path BLOB, sha256 TEXT, turn INTEGER, PRIMARY KEY (path, sha256)) WITHOUT ROWID"
        )
        self._turn = 0

    def last(self, path: str) -> str | None:
        """The hash last judged at this path."""
        found = self._base.execute(
            "SELECT sha256 FROM judged WHERE path = ? ORDER BY turn DESC LIMIT 1", (path_key(path),)
        ).fetchone()
        return None if found is None else str(found[0])

    def take(self, path: str, sha256: str) -> bool:
        """Make it the last of its path; false when it was there already."""
        self._turn += 1
        key = path_key(path)
        new = self._base.execute("INSERT OR IGNORE INTO judged VALUES (?, ?, ?)", (key, sha256, self._turn)).rowcount
        if not new:
            self._base.execute("UPDATE judged SET turn = ? WHERE path = ? AND sha256 = ?", (self._turn, key, sha256))
        return bool(new)

    def close(self) -> None:
        """Throw it away."""
        self._base.close()
        self._path.unlink(missing_ok=True)


def path_key(path: str) -> bytes:
    """A path of any length, and of any bytes, as sixteen."""
    return hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=16).digest()
