"""The work list of received documents: pending until a person or a strict match decides."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .faults import Conflict, NotFound
from .header import Header, Traits
from .store import Store

# Why a document waits whose identity INSi denied: a code of the catalogue.
DENIED = "refdui.doubt.denied"
STATES = ("pending", "integrated", "rejected")
_LISTED = (
    "id, message, message_id, mailbox, state, person, unique_id, title, author, created, type_code, type_label, traits,"
    " reason, sha256, document, pdf IS NOT NULL AS has_pdf, reason = '' AS automatic,"
    " unique_id IN (SELECT unique_id FROM withdrawals) AS withdrawn,"
    " unique_id NOT IN (SELECT unique_id FROM readings) AS unread,"
    " coalesce((SELECT version FROM item_details WHERE item = items.id), 1) AS version,"
    " coalesce((SELECT act FROM item_details WHERE item = items.id), '') AS act,"
    " coalesce((SELECT encounter FROM item_details WHERE item = items.id), '') AS encounter"
)


@dataclass(frozen=True, slots=True)
class Item:
    """A received document in the work list. ``reason`` is a catalogue code: why it waits, or why it was refused."""

    id: str
    message: int
    message_id: str
    mailbox: str
    state: str
    person: str | None
    unique_id: str
    title: str
    author: str
    created: str
    type_code: str
    type_label: str
    reason: str
    sha256: str
    document: str | None
    has_pdf: bool
    automatic: bool = False
    withdrawn: bool = False
    unread: bool = True
    version: int = 1
    act: str = ""
    encounter: str = ""
    traits: Traits = field(default_factory=Traits)

    def as_json(self) -> dict[str, Any]:
        """What the control API answers of it."""
        names = (
            "id",
            "message_id",
            "state",
            "person",
            "title",
            "author",
            "created",
            "type_code",
            "unique_id",
            "sha256",
            "mailbox",
            "reason",
            "document",
            "withdrawn",
            "unread",
            "version",
            "act",
            "encounter",
        )
        shown = {name: getattr(self, name) for name in names}
        return {**shown, "traits": self.traits.as_json(), "ins_denied": self.reason == DENIED}


class Inbox:
    """The items, by state."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, message: int, message_id: str, mailbox: str, header: Header, content: bytes, reason: str) -> str:
        """Put a received document in the work list; answers the item's id."""
        members: Mapping[str, Any] = {
            "id": secrets.token_hex(8),
            "message": message,
            "message_id": message_id,
            "mailbox": mailbox,
            "state": "pending",
            "unique_id": header.unique_id,
            "title": header.title,
            "author": header.author,
            "created": header.created,
            "type_code": header.type_code,
            "type_label": header.type_label,
            "traits": json.dumps(header.traits.as_json(), ensure_ascii=False),
            "reason": reason,
            "sha256": hashlib.sha256(content).hexdigest(),
            "content": content,
            "pdf": header.pdf or None,
        }
        places = ", ".join("?" * len(members))
        self._store.run(
            f"INSERT INTO items ({', '.join(members)}) VALUES ({places})",  # noqa: S608 - our own columns
            *members.values(),
        )
        self._store.run(
            "INSERT INTO item_details VALUES (?, ?, ?, ?)", members["id"], header.version, header.act, header.encounter
        )
        return str(members["id"])

    def all(self, state: str | None = None) -> list[Item]:
        """The items, newest first; of one state when it is given."""
        rows = self._store.rows(
            f"SELECT {_LISTED} FROM items WHERE ? IS NULL OR state = ? ORDER BY rowid DESC LIMIT 500",  # noqa: S608
            state,
            state,
        )
        return [_item(row) for row in rows]

    def unread(self, since: str) -> list[Item]:
        """The documents filed of themselves that nobody opened, of messages that came since a day (MSS/UX.40)."""
        chosen = {item.id for item in self.all("integrated") if item.automatic and item.unread}
        return [item for item in self.all("integrated") if item.id in chosen & self._since(since)]

    def counts(self, since: str) -> list[dict[str, Any]]:
        """By type: filed of themselves, filed by hand, still waiting, of messages that came since a day (MSS/UX.16)."""
        found: dict[str, dict[str, Any]] = {}
        chosen = self._since(since)
        for item in self.all():
            if item.id in chosen and item.state in ("pending", "integrated"):
                way = "waiting" if item.state == "pending" else "automatic" if item.automatic else "manual"
                row = found.setdefault(
                    item.type_code, {"type_code": item.type_code, "automatic": 0, "manual": 0, "waiting": 0}
                )
                row[way] += 1
        return list(found.values())

    def _since(self, day: str) -> set[str]:
        rows = self._store.rows("SELECT i.id FROM items i JOIN messages m ON m.id = i.message WHERE m.at >= ?", day)
        return {str(row["id"]) for row in rows}

    def get(self, id: str) -> Item:
        """One item, or :class:`NotFound`."""
        row = self._store.row(f"SELECT {_LISTED} FROM items WHERE id = ?", id)  # noqa: S608 - our own columns
        if row is None:
            raise NotFound("refdui.fault.no-item", item=id)
        return _item(row)

    def pending(self, id: str) -> Item:
        """One item that still waits; :class:`Conflict` when it was decided."""
        item = self.get(id)
        if item.state != "pending":
            raise Conflict("refdui.fault.item-settled", item=id)
        return item

    def holds(self, unique_id: str, sha256: str) -> bool:
        """Whether this very document is in the list already, whatever its state."""
        found = self._store.row("SELECT 1 FROM items WHERE unique_id = ? AND sha256 = ?", unique_id, sha256)
        return found is not None

    def content(self, id: str) -> bytes:
        """The CDA as received."""
        return self._bytes("content", id)

    def pdf(self, id: str) -> bytes:
        """The PDF that the CDA carries."""
        return self._bytes("pdf", id)

    def settle(self, id: str, state: str, *, person: str | None = None, document: str | None = None) -> None:
        """Integrate or reject an item."""
        self._store.run(
            "UPDATE items SET state = ?, person = ?, document = ? WHERE id = ?", state, person, document, id
        )

    def _bytes(self, column: str, id: str) -> bytes:
        row = self._store.row(f"SELECT {column} AS bytes FROM items WHERE id = ?", id)  # noqa: S608 - our own names
        if row is None or row["bytes"] is None:
            raise NotFound("refdui.fault.no-item", item=id)
        return bytes(row["bytes"])


def _item(row: sqlite3.Row) -> Item:
    members = dict(row)
    flags = {name: bool(members[name]) for name in ("has_pdf", "automatic", "withdrawn", "unread")}
    return Item(**{**members, **flags, "traits": Traits(**json.loads(members["traits"]))})
