"""Commands on folders (RFC 3501 §6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.services.mssante.boxes import INBOX, Folder
from conformance.services.mssante.imap.commands import OPEN, No, command
from conformance.services.mssante.imap.cursor import Cursor, Syntax
from conformance.services.mssante.imap.structure import nstring
from conformance.services.mssante.imap.view import View

if TYPE_CHECKING:
    from conformance.services.mssante.imap.session import Session

FLAGS = rb"\Answered \Flagged \Deleted \Seen \Draft"
KEYWORDS = 64


@command("SELECT", "EXAMINE", states=OPEN)
async def select(session: Session, cursor: Cursor) -> str:
    """Open a folder; EXAMINE opens it for reading."""
    session.view = None
    cursor.space()
    folder = _folder(session, cursor.name())
    cursor.end()
    view = session.view = View(folder, read_only=session.verb == "EXAMINE")
    unseen = [n for n, uid in enumerate(view.uids, start=1) if "\\Seen" not in folder.messages[uid].flags]
    session.tell(
        b"* FLAGS (" + FLAGS + b")\r\n",
        b"* %d EXISTS\r\n* %d RECENT\r\n" % (len(view.uids), len(view.recent)),
        b"* OK [UNSEEN %d] First unseen\r\n" % unseen[0] if unseen else b"",
        b"* OK [PERMANENTFLAGS (%s)] Limited\r\n" % (b"" if view.read_only else FLAGS + rb" \*"),
        b"* OK [UIDVALIDITY %d] Valid\r\n* OK [UIDNEXT %d] Next\r\n" % (folder.uid_validity, folder.uid_next),
    )
    return "[READ-ONLY] Examined" if view.read_only else "[READ-WRITE] Selected"


@command("LIST", "LSUB", states=OPEN)
async def list_folders(session: Session, cursor: Cursor) -> str:
    """Names that match a pattern; ``/`` separates levels."""
    cursor.space()
    reference = cursor.name()
    cursor.space()
    pattern = cursor.pattern()
    cursor.end()
    if not pattern and session.verb == "LIST":
        session.tell(b'* LIST (\\Noselect) "/" ""\r\n')
        return "Done"
    names = session.owned.folders if session.verb == "LIST" else session.owned.subscribed
    for name in sorted(names):
        if _matches(reference + pattern, name) or (name == INBOX and _matches((reference + pattern).upper(), name)):
            session.tell(b'* %s () "/" %s\r\n' % (session.verb.encode(), nstring(name)))
    return "Done"


@command("NAMESPACE", states=OPEN)
async def namespace(session: Session, cursor: Cursor) -> str:
    """One personal namespace (RFC 2342)."""
    cursor.end()
    session.tell(b'* NAMESPACE (("" "/")) NIL NIL\r\n')
    return "Done"


@command("STATUS", states=OPEN)
async def status(session: Session, cursor: Cursor) -> str:
    """Counts of a folder."""
    cursor.space()
    name = cursor.name()
    folder = _folder(session, name)
    cursor.space()
    cursor.expect(b"(")
    counts = {
        "MESSAGES": len(folder.messages),
        "RECENT": len(folder.recent),
        "UIDNEXT": folder.uid_next,
        "UIDVALIDITY": folder.uid_validity,
        "UNSEEN": sum("\\Seen" not in message.flags for message in list(folder.messages.values())),
    }
    found: dict[str, int] = {}
    while not cursor.skip(b")"):
        item = cursor.atom()
        if item not in counts:
            raise Syntax("unknown status item")
        found[item] = counts[item]
        cursor.skip(b" ")
    cursor.end()
    shown = " ".join(f"{item} {count}" for item, count in found.items())
    session.tell(b"* STATUS " + nstring(name) + f" ({shown})\r\n".encode())
    return "Done"


@command("CREATE", states=OPEN)
async def create(session: Session, cursor: Cursor) -> str:
    """Make a folder."""
    cursor.space()
    name = cursor.name().rstrip("/")
    cursor.end()
    box = session.owned
    if not name or name in box.folders:
        raise No("[ALREADYEXISTS] Mailbox exists" if name else "[CANNOT] Empty name")
    if len(box.folders) >= session.limits.folders:
        raise No("[LIMIT] Too many mailboxes")
    session.desk.boxes.create(box, name)
    return "Created"


@command("DELETE", states=OPEN)
async def delete(session: Session, cursor: Cursor) -> str:
    """Remove a folder, never INBOX."""
    cursor.space()
    name = cursor.name()
    cursor.end()
    _folder(session, name)
    if name == INBOX:
        raise No("[CANNOT] INBOX stays")
    del session.owned.folders[name]
    return "Deleted"


@command("RENAME", states=OPEN)
async def rename(session: Session, cursor: Cursor) -> str:
    """Give a folder another name; INBOX gives its messages only (RFC 3501 §6.3.5)."""
    cursor.space()
    name = cursor.name()
    cursor.space()
    new = cursor.name()
    cursor.end()
    folder = _folder(session, name)
    folders = session.owned.folders
    if not new or new in folders:
        raise No("[ALREADYEXISTS] Mailbox exists")
    if name == INBOX:
        target = session.desk.boxes.create(session.owned, new)
        for message in list(folder.messages.values()):
            target.add(message.raw, message.flags, message.received)
        folder.remove(list(folder.messages))
    else:
        folder.name = new
        folders[new] = folders.pop(name)
    return "Renamed"


@command("SUBSCRIBE", "UNSUBSCRIBE", states=OPEN)
async def subscribe(session: Session, cursor: Cursor) -> str:
    """Keep a name for LSUB, or forget it."""
    cursor.space()
    name = cursor.name()
    cursor.end()
    if session.verb == "SUBSCRIBE":
        _folder(session, name)
        session.owned.subscribed.add(name)
    else:
        session.owned.subscribed.discard(name)
    return "Done"


@command("APPEND", states=OPEN)
async def append(session: Session, cursor: Cursor) -> str:
    """Put a message in a folder: a sent item, a draft."""
    cursor.space()
    folder = _folder(session, cursor.name(), "[TRYCREATE] ")
    cursor.space()
    flags = cursor.flags() if cursor.rest.startswith(b"(") else frozenset()
    if cursor.rest.startswith(b" "):
        cursor.space()
    received = cursor.date_time()
    if received:
        cursor.space()
    raw = cursor.string()
    cursor.end()
    if not raw:
        raise Syntax("empty message")
    if not session.owned.has_room(session.limits, len(raw)) or len(flags) > KEYWORDS:
        raise No("[OVERQUOTA] Mailbox full")
    message = folder.add(raw, flags - {"\\Recent"}, received)
    return f"[APPENDUID {folder.uid_validity} {message.uid}] Appended"


def _folder(session: Session, name: str, code: str = "[NONEXISTENT] ") -> Folder:
    folder = session.owned.folders.get(name)
    if folder is None:
        raise No(f"{code}No such mailbox")
    return folder


def _matches(pattern: str, name: str) -> bool:
    """Wildcards without backtracking: the places of the name that the pattern has reached so far."""
    reached = {0}
    for symbol in pattern:
        if symbol == "*":
            reached = set(range(min(reached), len(name) + 1))
        elif symbol == "%":
            reached |= {end for start in reached for end in range(start, _level(name, start) + 1)}
        else:
            reached = {at + 1 for at in reached if name[at : at + 1] == symbol}
        if not reached:
            return False
    return len(name) in reached


def _level(name: str, start: int) -> int:
    slash = name.find("/", start)
    return len(name) if slash < 0 else slash
