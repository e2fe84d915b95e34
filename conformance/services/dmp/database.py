"""The SQLite file of one lane's registry and repository, and when what it holds is durable.

One process writes. A commit writes SQLite's log (WAL), and :meth:`Database.sync` makes all the commits so far durable at once: the
journal calls it before it writes what tells of them, hence before the answers leave. A document that stands as it is in the
message that brought it is held there, in the contents of the journal, and not a second time. Both are durable before the answer
leaves; a power cut before it may leave an entry, of which nobody was told, without its message.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.evidence.store import Contents

SCHEMA = """
CREATE TABLE IF NOT EXISTS patients (
    matricule TEXT PRIMARY KEY, ins TEXT NOT NULL, oid TEXT NOT NULL, state TEXT NOT NULL, traits TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS authorisations (
    matricule TEXT NOT NULL, holder TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (matricule, holder));
CREATE INDEX IF NOT EXISTS of_holder ON authorisations (holder);
CREATE TABLE IF NOT EXISTS submissions (
    unique_id TEXT PRIMARY KEY, uuid TEXT NOT NULL, matricule TEXT NOT NULL, structure TEXT NOT NULL, at TEXT NOT NULL,
    facts TEXT NOT NULL, xml BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS sets_of_person ON submissions (matricule);
CREATE INDEX IF NOT EXISTS sets_by_uuid ON submissions (uuid);
CREATE TABLE IF NOT EXISTS entries (
    uuid TEXT PRIMARY KEY, lid TEXT NOT NULL, version INTEGER NOT NULL, current INTEGER NOT NULL,
    unique_id TEXT NOT NULL, matricule TEXT NOT NULL, status TEXT NOT NULL, structure TEXT NOT NULL,
    person TEXT NOT NULL, submission TEXT NOT NULL, at TEXT NOT NULL, facts TEXT NOT NULL, xml BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_current ON entries (unique_id) WHERE current = 1;
CREATE INDEX IF NOT EXISTS of_person ON entries (matricule, current);
CREATE INDEX IF NOT EXISTS by_logical_id ON entries (lid);
CREATE TABLE IF NOT EXISTS documents (
    unique_id TEXT PRIMARY KEY, sha1 TEXT NOT NULL, content BLOB, source TEXT, start INTEGER, size INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS associations (
    id INTEGER PRIMARY KEY, uuid TEXT NOT NULL, type TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
    slots TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_source ON associations (source);
CREATE INDEX IF NOT EXISTS by_target ON associations (target);
"""


class Database:
    """The file, and its transactions."""

    def __init__(self, path: Path, contents: Contents) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._contents = contents
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(SCHEMA)
        # In WAL mode NORMAL flushes the log before it is copied, and the copy before the log begins anew
        # (sqlite.org/pragma.html#pragma_synchronous): what is left to do is to flush the log after a commit.
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._log = os.open(f"{path}-wal", os.O_RDONLY)
        self._committed = True
        self.sync()
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
        os.close(self._log)

    def sync(self) -> None:
        """Make everything committed so far durable; from any thread. Raises :class:`OSError` when the disk refuses."""
        if not self._committed:
            return
        self._committed = False  # first: what is committed meanwhile sets it again
        try:
            os.fdatasync(self._log)
        except OSError:
            self._committed = True
            raise

    @contextmanager
    def together(self) -> Iterator[None]:
        """All the statements inside, or none of them."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        self.committed()

    def committed(self) -> None:
        """Tell that something was changed, which :meth:`sync` has to make durable."""
        self._committed = True
