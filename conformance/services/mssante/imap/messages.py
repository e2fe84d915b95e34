"""Commands on the messages of the selected folder (RFC 3501 §6.4, IDLE of RFC 2177, UIDPLUS of RFC 4315)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from conformance.services.mssante.imap.commands import OPEN, SELECTED, Bad, No, command
from conformance.services.mssante.imap.cursor import Cursor, Syntax
from conformance.services.mssante.imap.fetch import Item, read_items, render
from conformance.services.mssante.imap.folders import KEYWORDS
from conformance.services.mssante.imap.search import BadCharset, Search

if TYPE_CHECKING:
    from conformance.services.mssante.imap.session import Session

DELETED = "\\Deleted"
SEEN = "\\Seen"
# Sent as soon as there is this much: the same part asked a hundred times must not fill the memory.
FLUSH = 64 * 1024


@command("FETCH", "UID FETCH", states=SELECTED)
async def fetch(session: Session, cursor: Cursor) -> str:
    """Hand over messages or what describes them; content is recorded message by message before it leaves."""
    by_uid = session.verb.startswith("UID")
    cursor.space()
    chosen = session.selected.chosen(cursor.sequence(), by_uid=by_uid)
    cursor.space()
    items = read_items(cursor)
    cursor.end()
    if by_uid and all(item.name != "UID" for item in items):
        items.insert(0, Item("UID"))
    view = session.selected
    seen = not view.read_only and any(not item.peeks for item in items)
    for number, message in chosen:
        if any(item.content for item in items):
            session.transcript.fetch(session.owned.address, message.uid, message.message_id)
        extra = []
        if seen and SEEN not in message.flags:
            view.folder.flag(message, message.flags | {SEEN})
            extra = [] if any(item.name == "FLAGS" for item in items) else [Item("FLAGS")]
            view.told(message)
        session.tell(b"* %d FETCH (" % number)
        for piece in render(message, view.flags(message), [*items, *extra]):
            session.tell(piece)
            await session.flush(FLUSH)
        session.tell(b")\r\n")
        await asyncio.sleep(0)
    return "Done"


@command("SEARCH", "UID SEARCH", states=SELECTED)
async def search(session: Session, cursor: Cursor) -> str:
    """The numbers, or UIDs, of the messages that a program keeps."""
    by_uid = session.verb.startswith("UID")
    cursor.space()
    view = session.selected
    try:
        test = Search(cursor, view).read()
    except BadCharset:
        raise No("[BADCHARSET (US-ASCII UTF-8)] Unknown character set") from None
    found = []
    for number, uid in enumerate(list(view.uids), start=1):
        message = view.folder.messages.get(uid)
        if message and test(number, message):
            found.append(uid if by_uid else number)
        await asyncio.sleep(0)
    session.tell(" ".join(["* SEARCH", *map(str, found)]).encode() + b"\r\n")
    return "Done"


@command("STORE", "UID STORE", states=SELECTED)
async def store(session: Session, cursor: Cursor) -> str:
    """Set, add or take away flags."""
    by_uid = session.verb.startswith("UID")
    cursor.space()
    view = session.selected
    chosen = view.chosen(cursor.sequence(), by_uid=by_uid)
    cursor.space()
    sign = "+" if cursor.skip(b"+") else "-" if cursor.skip(b"-") else ""
    name = cursor.atom()
    cursor.space()
    flags = cursor.flags() - {"\\Recent"}
    cursor.end()
    if name not in ("FLAGS", "FLAGS.SILENT"):
        raise Syntax("expected FLAGS")
    _writable(session)
    for number, message in chosen:
        wanted = message.flags | flags if sign == "+" else message.flags - flags if sign == "-" else flags
        if len(wanted) > KEYWORDS:
            raise No("[LIMIT] Too many flags")
        view.folder.flag(message, frozenset(wanted))
        view.told(message)
        if name == "FLAGS":
            shown = " ".join(view.flags(message))
            uid = f"UID {message.uid} " if by_uid else ""
            session.tell(f"* {number} FETCH ({uid}FLAGS ({shown}))\r\n".encode())
    return "Done"


@command("COPY", "UID COPY", states=SELECTED)
async def copy(session: Session, cursor: Cursor) -> str:
    """Put copies in another folder."""
    cursor.space()
    chosen = session.selected.chosen(cursor.sequence(), by_uid=session.verb.startswith("UID"))
    cursor.space()
    target = session.owned.folders.get(cursor.name())
    cursor.end()
    if target is None:
        raise No("[TRYCREATE] No such mailbox")
    originals = [message for _number, message in chosen]
    if not session.owned.has_room(session.limits, *(len(message.raw) for message in originals)):
        raise No("[OVERQUOTA] Mailbox full")
    copies = [target.add(message.raw, message.flags, message.received) for message in originals]
    if not copies:
        return "Nothing to copy"
    source = ",".join(str(message.uid) for message in originals)
    made = ",".join(str(message.uid) for message in copies)
    return f"[COPYUID {target.uid_validity} {source} {made}] Copied"


@command("EXPUNGE", "UID EXPUNGE", states=SELECTED)
async def expunge(session: Session, cursor: Cursor) -> str:
    """Remove the messages that are flagged deleted; with UID, only those of a set."""
    view = session.selected
    wanted = set(view.uids)
    if session.verb.startswith("UID"):
        cursor.space()
        wanted = {message.uid for _number, message in view.chosen(cursor.sequence(), by_uid=True)}
    cursor.end()
    _writable(session)
    _remove(session, wanted)
    return "Expunged"


@command("CLOSE", states=SELECTED)
async def close(session: Session, cursor: Cursor) -> str:
    """Remove the deleted messages without a word and leave the folder."""
    cursor.end()
    if not session.selected.read_only:
        _remove(session, set(session.selected.uids))
    session.view = None
    return "Closed"


@command("UNSELECT", states=SELECTED)
async def unselect(session: Session, cursor: Cursor) -> str:
    """Leave the folder (RFC 3691)."""
    cursor.end()
    session.view = None
    return "Left"


@command("CHECK", states=SELECTED)
async def check(_session: Session, cursor: Cursor) -> str:
    """Nothing to do: the folders are in memory."""
    cursor.end()
    return "Done"


@command("IDLE", states=OPEN)
async def idle(session: Session, cursor: Cursor) -> str:
    """Tell the news of the folder as they come, until the client says DONE."""
    cursor.end()
    changed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    folder = session.view.folder if session.view else None
    if folder:
        folder.watchers.add(wake)
    await session.wire.send(b"+ Idling\r\n")
    done = asyncio.create_task(session.wire.line(session.limits.wait))
    try:
        while not done.done():
            changed.clear()
            if session.view:
                session.tell(*session.view.news())
                await session.flush()
            waiting = asyncio.create_task(changed.wait())
            await asyncio.wait({done, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        line = await done
    finally:
        if folder:
            folder.watchers.discard(wake)
        if not done.done():
            done.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await done
    if line.strip().upper() != b"DONE":
        raise Bad("Expected DONE")
    return "Done"


def _writable(session: Session) -> None:
    if session.selected.read_only:
        raise No("[READ-ONLY] The mailbox is open for reading")


def _remove(session: Session, uids: set[int]) -> None:
    folder = session.selected.folder
    folder.remove([m.uid for m in list(folder.messages.values()) if m.uid in uids and DELETED in m.flags])
