"""SEARCH keys, read into one predicate (RFC 3501 §6.4.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from typing import TypeVar

from conformance.services.mssante.boxes import Message
from conformance.services.mssante.imap.cursor import DEPTH, ITEMS, Cursor, Syntax
from conformance.services.mssante.imap.mime import Part
from conformance.services.mssante.imap.view import Numbers, View

T = TypeVar("T")
# A message with its number in the view.
Test = Callable[[int, Message], bool]
_CHARSET = re.compile(rb"(?i:CHARSET) ")
CHARSETS = ("US-ASCII", "UTF-8")
DAY = timedelta(days=1)
_FLAGS = {"ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN"}
_FIELDS = {"BCC", "CC", "FROM", "SUBJECT", "TO"}


class BadCharset(Exception):
    """A character set that SEARCH does not know: NO [BADCHARSET]."""


class Search:
    """Reads the keys of one command."""

    def __init__(self, cursor: Cursor, view: View) -> None:
        self._cursor = cursor
        self._view = view
        self._count = 0

    def read(self) -> Test:
        """The whole search program, to the end of the command."""
        if self._cursor.match(_CHARSET):
            if self._cursor.astring().decode("latin-1").upper() not in CHARSETS:
                raise BadCharset
            self._cursor.space()
        test = self._all(0)
        self._cursor.end()
        return test

    def _all(self, depth: int) -> Test:
        tests = [self._key(depth)]
        while self._cursor.skip(b" "):
            tests.append(self._key(depth))
        return lambda number, message: all(test(number, message) for test in tests)

    def _key(self, depth: int) -> Test:
        self._count += 1
        if depth > DEPTH or self._count > ITEMS:
            raise Syntax("search too complex")
        if self._cursor.skip(b"("):
            test = self._all(depth + 1)
            self._cursor.expect(b")")
            return test
        if self._cursor.rest[:1].isdigit() or self._cursor.rest[:1] == b"*":
            numbers = Numbers(self._cursor.sequence(), len(self._view.uids))
            return lambda number, _message: number in numbers
        return self._named(self._cursor.atom(), depth)

    def _named(self, name: str, depth: int) -> Test:
        if name == "NOT":
            test = self._argument(lambda: self._key(depth + 1))
            return lambda number, message: not test(number, message)
        if name == "OR":
            one = self._argument(lambda: self._key(depth + 1))
            other = self._argument(lambda: self._key(depth + 1))
            return lambda number, message: one(number, message) or other(number, message)
        return self._flag(name) or self._content(name) or self._measure(name)

    def _argument(self, read: Callable[[], T]) -> T:
        self._cursor.space()
        return read()

    def _flag(self, name: str) -> Test | None:
        recent = self._view.recent
        if name == "ALL":
            return lambda _number, _message: True
        if name in ("RECENT", "OLD"):
            return lambda _number, message: (message.uid in recent) == (name == "RECENT")
        if name == "NEW":
            return lambda _number, message: message.uid in recent and "\\Seen" not in message.flags
        if name in ("KEYWORD", "UNKEYWORD"):
            word = self._argument(self._cursor.astring).decode("latin-1")
            return lambda _number, message: (word in message.flags) == (name == "KEYWORD")
        bare = name.removeprefix("UN")
        if bare in _FLAGS:
            flag = "\\" + bare.title()
            return lambda _number, message: (flag in message.flags) == (name == bare)
        return None

    def _content(self, name: str) -> Test | None:
        if name in _FIELDS or name == "HEADER":
            field = self._argument(self._cursor.astring).decode("latin-1") if name == "HEADER" else name
            text = self._text()
            return lambda _number, message: any(text in value for value in _values(message, field))
        if name in ("BODY", "TEXT"):
            text = self._text()
            return lambda _number, message: text in _decoded(message, whole=name == "TEXT")
        return None

    def _text(self) -> str:
        return self._argument(self._cursor.astring).decode("utf-8", "replace").casefold()

    def _measure(self, name: str) -> Test:
        if name in ("LARGER", "SMALLER"):
            size = self._argument(self._cursor.number)
            return lambda _number, message: len(message.raw) > size if name == "LARGER" else len(message.raw) < size
        if name == "UID":
            numbers = Numbers(self._argument(self._cursor.sequence), self._view.uids[-1] if self._view.uids else 0)
            return lambda _number, message: message.uid in numbers
        sent, kind = name.startswith("SENT"), name.removeprefix("SENT")
        if kind not in ("BEFORE", "ON", "SINCE"):
            raise Syntax("unknown search key")
        day = self._argument(self._cursor.date)
        return lambda _number, message: _fits(_sent(message) if sent else message.received, kind, day)


def _fits(at: datetime | None, kind: str, day: datetime) -> bool:
    # Days are compared without regard to time and zone (RFC 3501 §6.4.4).
    if at is None:
        return False
    moment = at.replace(tzinfo=UTC)
    if kind == "BEFORE":
        return moment < day
    return moment >= day and (kind == "SINCE" or moment < day + DAY)


def _sent(message: Message) -> datetime | None:
    value = Part(message.raw).value("date")
    try:
        return parsedate_to_datetime(value.decode("latin-1")) if value else None
    except ValueError:
        return None


def _values(message: Message, field: str) -> list[str]:
    found = [f.value for f in Part(message.raw).fields if f.name == field.lower()]
    return [_readable(value.decode("utf-8", "replace")).casefold() for value in found]


def _readable(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _decoded(message: Message, *, whole: bool) -> str:
    part = Part(message.raw)
    return (message.raw if whole else part.body).decode("utf-8", "replace").casefold()
