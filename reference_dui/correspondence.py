"""The messages of the product: sent and received folders, and the threads between them."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from .store import Store, now

_LISTED = (
    "id, direction, mailbox, message_id, thread, sender, recipients, subject, text, person, document, at, state, error,"
    # The name of the attachment, as it is written in the message (MSS/UX.01).
    " instr(raw, CAST('IHE_XDM.ZIP' AS BLOB)) > 0 AS with_archive"
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as folders show it; ``thread`` holds the message ids it follows, oldest first."""

    id: int
    direction: str
    mailbox: str
    message_id: str
    thread: tuple[str, ...]
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    person: str | None
    document: str | None
    at: str
    state: str
    error: str
    with_archive: bool = False


class Correspondence:
    """The folders."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def folder(self, direction: str, limit: int = 200) -> list[Message]:
        """The latest ``sent`` or ``received`` messages, newest first."""
        rows = self._store.rows(
            f"SELECT {_LISTED} FROM messages WHERE direction = ? ORDER BY id DESC LIMIT ?",  # noqa: S608 - our columns
            direction,
            limit,
        )
        return [_message(row) for row in rows]

    def get(self, id: int) -> Message | None:
        """One message of either folder."""
        row = self._store.row(f"SELECT {_LISTED} FROM messages WHERE id = ?", id)  # noqa: S608 - our own columns
        return _message(row) if row else None

    def knows(self, mailbox: str, uid: str) -> bool:
        """Whether a message of a mailbox was fetched already."""
        return self._store.row("SELECT 1 FROM messages WHERE mailbox = ? AND uid = ?", mailbox, uid) is not None

    def keep_received(
        self,
        *,
        mailbox: str,
        uid: str,
        message_id: str,
        thread: tuple[str, ...],
        sender: str,
        recipients: tuple[str, ...],
        subject: str,
        text: str,
        raw: bytes,
    ) -> int:
        """File a fetched message, bytes as received; answers its number."""
        return self._store.run(
            "INSERT INTO messages (direction, mailbox, uid, message_id, thread, sender, recipients, subject, text, raw,"
            " at, state) VALUES ('received', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'received')",
            mailbox,
            uid,
            message_id,
            " ".join(thread),
            sender,
            json.dumps(recipients),
            subject,
            text,
            raw,
            now(),
        )

    def received_bytes(self, mailbox: str, message_id: str) -> tuple[int, bytes] | None:
        """Number and bytes of a received message, by its Message-ID."""
        wanted = message_id.strip().strip("<>").lower()
        row = self._store.row(
            "SELECT id, raw FROM messages WHERE direction = 'received' AND mailbox = ? AND lower(message_id) = ?",
            mailbox,
            wanted,
        )
        return (int(row["id"]), bytes(row["raw"])) if row else None

    def bytes_of(self, id: int) -> bytes:
        """The bytes of a message of either folder; empty for an unknown one."""
        row = self._store.row("SELECT raw FROM messages WHERE id = ?", id)
        return bytes(row["raw"]) if row else b""

    def settle(self, id: int, state: str, error: str = "") -> None:
        """What became of a received message: ``read``, or ``refused`` and why."""
        self._store.run("UPDATE messages SET state = ?, error = ? WHERE id = ?", state, error, id)

    def report(self, mailbox: str, message_id: str, state: str, reason: str) -> bool:
        """File what a report says of a message that a mailbox sent; answers whether that message is known."""
        row = self._store.row(
            "SELECT id FROM messages WHERE direction = 'sent' AND mailbox = ? AND lower(message_id) = ?",
            mailbox,
            message_id.lower(),
        )
        if row is not None:
            self.settle(int(row["id"]), state, reason)
        return row is not None

    def thread_of(self, message_id: str) -> tuple[str, ...]:
        """The chain that a reply to this message continues, the message itself last (RFC 5322 §3.6.4)."""
        wanted = message_id.strip().strip("<>")
        row = self._store.row("SELECT thread FROM messages WHERE lower(message_id) = ?", wanted.lower())
        earlier = tuple(row["thread"].split()) if row else ()
        return (*earlier, wanted)


def _message(row: sqlite3.Row) -> Message:
    members = dict(row)
    return Message(
        **{
            **members,
            "thread": tuple(members["thread"].split()),
            "recipients": tuple(json.loads(members["recipients"])),
            "with_archive": bool(members["with_archive"]),
        }
    )
