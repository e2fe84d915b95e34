"""The product's database: one SQLite file in WAL mode, one connection shared under a lock."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .accounts import schema as accounts
from .annuaire import schema as annuaire
from .dmp.tables import SCHEMA as DMP
from .files import schema as files
from .insi.tables import SCHEMA as IDENTITIES
from .psc import schema as psc
from .sdo.tables import SCHEMA as ORIENTATIONS
from .structures import schema as structures
from .tddui import schema as transfers

SCHEMA = """
CREATE TABLE IF NOT EXISTS persons (key TEXT PRIMARY KEY, identity TEXT NOT NULL, created TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS correspondents (
    person TEXT NOT NULL REFERENCES persons(key), address TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (person, address));
CREATE TABLE IF NOT EXISTS oppositions (
    person TEXT NOT NULL REFERENCES persons(key), channel TEXT NOT NULL, since TEXT NOT NULL,
    PRIMARY KEY (person, channel));
CREATE TABLE IF NOT EXISTS mailboxes (
    address TEXT PRIMARY KEY, kind TEXT NOT NULL, box TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL,
    at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES persons(key), origin TEXT NOT NULL,
    unique_id TEXT NOT NULL, set_id TEXT NOT NULL, version INTEGER NOT NULL, replaces TEXT, part TEXT NOT NULL,
    type_code TEXT NOT NULL, type_label TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL,
    created TEXT NOT NULL, mailbox TEXT NOT NULL, sha256 TEXT NOT NULL, spec TEXT NOT NULL,
    content BLOB NOT NULL, pdf BLOB);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, direction TEXT NOT NULL, mailbox TEXT NOT NULL, message_id TEXT NOT NULL,
    thread TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL,
    text TEXT NOT NULL, raw BLOB NOT NULL, person TEXT, document TEXT, at TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', uid TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS received_once ON messages (mailbox, uid) WHERE uid IS NOT NULL;
CREATE TABLE IF NOT EXISTS items (
    id TEXT PRIMARY KEY, message INTEGER NOT NULL REFERENCES messages(id), message_id TEXT NOT NULL,
    mailbox TEXT NOT NULL, state TEXT NOT NULL, person TEXT, unique_id TEXT NOT NULL, title TEXT NOT NULL,
    author TEXT NOT NULL, created TEXT NOT NULL, type_code TEXT NOT NULL, type_label TEXT NOT NULL,
    traits TEXT NOT NULL, reason TEXT NOT NULL, sha256 TEXT NOT NULL, content BLOB NOT NULL, pdf BLOB,
    document TEXT);
CREATE TABLE IF NOT EXISTS traces (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,
    request TEXT NOT NULL, response TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (entry_id TEXT PRIMARY KEY, unique_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS withdrawals (unique_id TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS readings (unique_id TEXT PRIMARY KEY, who TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS item_details (
    item TEXT PRIMARY KEY, version INTEGER NOT NULL, act TEXT NOT NULL, encounter TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS connections (service TEXT PRIMARY KEY, settings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS still_due (
    message INTEGER PRIMARY KEY REFERENCES messages(id), recipients TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


# The tables of every part of the product; a part with tables of its own adds them here.
SCHEMAS = (
    SCHEMA,
    accounts.SCHEMA,
    annuaire.SCHEMA,
    psc.SCHEMA,
    transfers.SCHEMA,
    structures.SCHEMA,
    files.SCHEMA,
    ORIENTATIONS,
    DMP,
    IDENTITIES,
)


class Store:
    """Statements on the database. Threads share it: each statement, or each :meth:`together`, holds the lock."""

    def __init__(self, path: Path) -> None:
        # The file holds health data and mail credentials: nobody but its owner reads it.
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript("".join(SCHEMAS))

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Every row of a query."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query."""
        with self._lock:
            found: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
            return found

    def run(self, sql: str, *values: Any) -> int:
        """Change something; returns the id of the last row inserted."""
        with self._lock:
            return self._db.execute(sql, values).lastrowid or 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """All the statements inside, or none of them."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


def now() -> str:
    """The present instant, ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
