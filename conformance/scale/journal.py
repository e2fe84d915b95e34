"""Verdicts in SQLite, by document hash and rules version: the ledger of the cluster engine.

What a cluster sends twice is written over itself. The lines of JSON are drawn from it at the end.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.core.errors import SetupError, UsageError
from conformance.scale.ledger import path_key
from conformance.scale.verdict import Verdict

_TABLES = """
CREATE TABLE IF NOT EXISTS verdict (
    sha256 TEXT, rules TEXT, kind TEXT, valid INTEGER, opened INTEGER, findings TEXT, PRIMARY KEY (sha256, rules)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS document (
    path_key BLOB, rules TEXT, path BLOB, sha256 TEXT, readable INTEGER, PRIMARY KEY (path_key, rules)
) WITHOUT ROWID;
"""
_VERDICT = """
INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sha256, rules)
DO UPDATE SET kind = excluded.kind, valid = excluded.valid, opened = excluded.opened, findings = excluded.findings
"""
_DOCUMENT = """
INSERT INTO document VALUES (?, ?, ?, ?, ?) ON CONFLICT (path_key, rules)
DO UPDATE SET sha256 = excluded.sha256, readable = excluded.readable
"""
_DRAWN = """
SELECT d.path, d.sha256, d.readable, v.kind, v.valid, v.opened, v.findings
FROM document d JOIN verdict v ON v.sha256 = d.sha256 AND v.rules = d.rules WHERE d.rules = ? ORDER BY d.path_key
"""


class Journal:
    """SQLite in write-ahead mode beside the file of results; one writer at a time."""

    def __init__(self, path: Path, rules: str, *, resume: bool = False) -> None:
        self.path = path
        self._rules = rules
        self._journal = path.with_name(path.name + ".sqlite")
        if not resume and (path.exists() or self._journal.exists()):
            raise UsageError("scale.out-exists", path=path)
        if path.exists() and not self._journal.exists():
            raise UsageError("scale.other-engine", path=path, engine="local")
        self._base = _opened(self._journal)

    @property
    def files(self) -> tuple[Path, ...]:
        """What it writes: no document."""
        names = ("", ".part", ".sqlite", ".sqlite-wal", ".sqlite-shm")
        return tuple(self.path.with_name(self.path.name + name) for name in names)

    def known(self, path: str) -> str | None:
        """The hash under which this path was last judged by these rules."""
        found = self._base.execute(
            "SELECT sha256, readable FROM document WHERE path_key = ? AND rules = ?", (path_key(path), self._rules)
        ).fetchone()
        if found is None:
            return None
        return str(found[0]) if found[1] else ""

    def add(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """Write in one transaction; those whose path was not there with this hash."""
        new = [verdict for verdict in verdicts if self.known(verdict.path) != verdict.key]
        self._base.execute("BEGIN IMMEDIATE")
        for each in new:
            key = path_key(each.path)
            # What could not be read has no hash: its answer is its path's own.
            sha256 = each.sha256 or f"unread-{key.hex()}"
            findings = json.dumps(list(each.findings), allow_nan=False)
            self._base.execute(_VERDICT, (sha256, each.rules, each.kind, each.valid, each.opened, findings))
            name = each.path.encode("utf-8", "surrogatepass")
            self._base.execute(_DOCUMENT, (key, each.rules, name, sha256, each.sha256 is not None))
        self._base.execute("COMMIT")
        return new

    def verdicts(self) -> Iterator[Verdict]:
        """The verdict of every path under these rules."""
        for path, sha256, readable, kind, valid, opened, findings in self._base.execute(_DRAWN, (self._rules,)):
            name = path.decode("utf-8", "surrogatepass")
            found = tuple(json.loads(findings))
            yield Verdict(name, sha256 if readable else None, kind, bool(valid), bool(opened), found, self._rules)

    def draw(self) -> None:
        """Write the lines of JSON, whole or not at all."""
        part = self.path.with_name(self.path.name + ".part")
        with part.open("wb") as file:
            for verdict in self.verdicts():
                file.write(verdict.line())
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path)

    def close(self) -> None:
        """Let go of the journal; it stays, to be resumed."""
        self._base.close()


def _opened(journal: Path) -> sqlite3.Connection:
    base = sqlite3.connect(journal, isolation_level=None, timeout=1)
    try:
        base.execute("PRAGMA journal_mode=WAL")
        # A commit waits for the disk: a verdict told as kept is kept.
        base.execute("PRAGMA synchronous=FULL")
        base.execute("PRAGMA locking_mode=EXCLUSIVE")
        base.executescript(_TABLES)
        base.execute("BEGIN EXCLUSIVE")
        base.execute("COMMIT")
    except sqlite3.OperationalError as exc:
        base.close()
        if exc.sqlite_errorname in {"SQLITE_BUSY", "SQLITE_LOCKED"}:
            raise SetupError("scale.out-busy", path=journal) from exc
        raise UsageError("scale.out-unwritable", path=journal, reason=str(exc)) from exc
    except sqlite3.DatabaseError as exc:
        base.close()
        raise UsageError("scale.out-damaged", path=journal, line="-") from exc
    return base
