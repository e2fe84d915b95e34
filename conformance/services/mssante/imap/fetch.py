"""FETCH items: read from the command, rendered from a message (RFC 3501 §6.4.5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from conformance.services.mssante.boxes import Message
from conformance.services.mssante.imap.cursor import ITEMS, MONTHS, Cursor, Syntax
from conformance.services.mssante.imap.mime import DEPTH, Part
from conformance.services.mssante.imap.structure import envelope, nstring, structure

_NAME = re.compile(rb"[A-Za-z0-9.]+")
_SECTION = re.compile(rb"((?:[1-9]\d{0,3})(?:\.[1-9]\d{0,3})*)?(?:\.(?=[A-Za-z]))?([A-Za-z.]*)")
_PARTIAL = re.compile(rb"<(\d{1,10})(?:\.(\d{1,10}))?>")
MACROS = {
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
TEXTS = frozenset({"", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME"})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to fetch; ``section`` is set for ``BODY[…]``, whose ``path`` is a list of part numbers."""

    name: str
    section: str | None = None
    path: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()
    partial: tuple[int, int] | None = None

    @property
    def peeks(self) -> bool:
        """Whether the message stays unseen."""
        return self.name not in ("RFC822", "RFC822.TEXT") and (self.section is None or self.name == "BODY.PEEK")

    @property
    def content(self) -> bool:
        """Whether it hands over content, not only a header or a description."""
        if self.section is None:
            return self.name in ("RFC822", "RFC822.TEXT")
        return self.section in ("", "TEXT")

    @property
    def label(self) -> bytes:
        """The item as its response names it."""
        if self.section is None:
            return self.name.encode()
        where = ".".join([*map(str, self.path), *([self.section] if self.section else [])])
        names = f" ({' '.join(self.fields)})" if self.fields else ""
        origin = f"<{self.partial[0]}>" if self.partial else ""
        return f"BODY[{where}{names}]{origin}".encode()


def read_items(cursor: Cursor) -> list[Item]:
    """The items of a FETCH command: a macro, an item, or a list of items."""
    if not cursor.skip(b"("):
        return _item(cursor, macros=True)
    items = _item(cursor, macros=False)
    while cursor.skip(b" "):
        items += _item(cursor, macros=False)
        if len(items) > ITEMS:
            raise Syntax("too many items")
    cursor.expect(b")")
    return items


def _item(cursor: Cursor, *, macros: bool) -> list[Item]:
    found = cursor.match(_NAME)
    name = found.group().decode().upper() if found else ""
    if macros and name in MACROS:
        return [Item(member) for member in MACROS[name]]
    if name in ("BODY", "BODY.PEEK") and cursor.skip(b"["):
        return [_body(cursor, name)]
    if name not in SIMPLE:
        raise Syntax("unknown item")
    return [Item(name)]


def _body(cursor: Cursor, name: str) -> Item:
    found = cursor.match(_SECTION)
    path = tuple(int(number) for number in (found[1] or b"").split(b".") if number) if found else ()
    section = found[2].decode().upper() if found else ""
    if section not in TEXTS or len(path) > DEPTH or (section == "MIME" and not path):
        raise Syntax("unknown section")
    fields: list[str] = []
    if section.startswith("HEADER.FIELDS"):
        cursor.space()
        cursor.expect(b"(")
        fields.append(cursor.astring().decode("latin-1"))
        while cursor.skip(b" ") and len(fields) < ITEMS:
            fields.append(cursor.astring().decode("latin-1"))
        cursor.expect(b")")
    cursor.expect(b"]")
    partial = None
    if bounds := cursor.match(_PARTIAL):
        partial = (int(bounds[1]), int(bounds[2]) if bounds[2] else 2**32)
    return Item(name, section, path, tuple(fields), partial)


def render(message: Message, flags: list[str], items: list[Item]) -> Iterator[bytes]:
    """What stands between the parentheses of a response, item by item."""
    whole = Part(message.raw)
    for place, item in enumerate(items):
        yield (b" " if place else b"") + item.label + b" " + _value(message, flags, whole, item)


def _value(message: Message, flags: list[str], whole: Part, item: Item) -> bytes:
    if item.section is not None:
        return _literal(_cut(_section(whole, item, item.section), item.partial))
    if item.name == "FLAGS":
        return b"(" + " ".join(flags).encode() + b")"
    return VALUES[item.name](message, whole)


def _received(message: Message) -> bytes:
    at = message.received
    return at.strftime(f'"%d-{MONTHS[at.month - 1]}-%Y %H:%M:%S %z"').encode()


def _section(whole: Part, item: Item, section: str) -> bytes | None:
    part = whole.at(item.path)
    if part is None or section == "MIME":
        return part.header if part else None
    if section == "":
        return part.body if item.path else part.header + part.body
    holder = part.message if item.path else part  # HEADER and TEXT of a part are those of the message it carries
    if holder is None or section == "TEXT":
        return holder.body if holder else None
    if not section.startswith("HEADER."):
        return holder.header
    wanted = {name.lower() for name in item.fields}
    keep = section == "HEADER.FIELDS"
    return b"".join(field.raw for field in holder.fields if (field.name in wanted) is keep) + b"\r\n"


def _cut(content: bytes | None, partial: tuple[int, int] | None) -> bytes | None:
    if content is None or partial is None:
        return content
    return content[partial[0] : partial[0] + partial[1]]


def _literal(content: bytes | None) -> bytes:
    return nstring(None) if content is None else b"{%d}\r\n%s" % (len(content), content)


VALUES: dict[str, Callable[[Message, Part], bytes]] = {
    "UID": lambda message, _whole: b"%d" % message.uid,
    "INTERNALDATE": lambda message, _whole: _received(message),
    "RFC822.SIZE": lambda message, _whole: b"%d" % len(message.raw),
    "ENVELOPE": lambda _message, whole: envelope(whole),
    "BODY": lambda _message, whole: structure(whole, extended=False),
    "BODYSTRUCTURE": lambda _message, whole: structure(whole, extended=True),
    "RFC822": lambda message, _whole: _literal(message.raw),
    "RFC822.HEADER": lambda _message, whole: _literal(whole.header),
    "RFC822.TEXT": lambda _message, whole: _literal(whole.body),
}
SIMPLE = frozenset({"FLAGS", *VALUES})
