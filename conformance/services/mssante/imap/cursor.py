"""Reads the arguments of a command (RFC 3501 §9), never beyond its bytes and never deep."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

DEPTH = 8
ITEMS = 200
_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_ASTRING = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')
_PATTERN = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\]+')
_FLAG = re.compile(rb'\\?[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_QUOTED = re.compile(rb'"((?:[^\x00\r\n"\\]|\\["\\])*)"')
_LITERAL = re.compile(rb"\{(\d{1,10})\+?\}\r\n")
_NUMBER = re.compile(rb"\d{1,10}")
_SET = re.compile(rb"[0-9*:,]+")
_DATE = re.compile(rb'"?(\d{1,2})-([A-Za-z]{3})-(\d{4})"?')
_DATE_TIME = re.compile(rb'"([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"')
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Syntax(Exception):
    """Arguments that are not what the command takes: answered BAD."""


class Cursor:
    """A place in the bytes of a command."""

    def __init__(self, content: bytes, at: int = 0) -> None:
        self.content = content
        self.at = at

    @property
    def rest(self) -> bytes:
        """What is still to be read."""
        return self.content[self.at :]

    def match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Step over a pattern if it is there."""
        found = pattern.match(self.content, self.at)
        if found:
            self.at = found.end()
        return found

    def skip(self, token: bytes) -> bool:
        """Step over these bytes if they are there."""
        if self.content.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def expect(self, token: bytes) -> None:
        """Step over these bytes, which must be there."""
        if not self.skip(token):
            raise Syntax("expected " + (token.decode() if token.strip() else "a space"))

    def space(self) -> None:
        """One space."""
        self.expect(b" ")

    def end(self) -> None:
        """The end of the command, and nothing before it."""
        if self.rest.rstrip(b"\r\n"):
            raise Syntax("unexpected argument")

    def _take(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        found = self.match(pattern)
        if not found:
            raise Syntax(f"expected {what}")
        return found.group()

    def atom(self) -> str:
        """An atom, upper case."""
        return self._take(_ATOM, "an atom").decode("ascii").upper()

    def string(self) -> bytes:
        """A quoted string or a literal."""
        if found := self.match(_QUOTED):
            return re.sub(rb"\\(.)", rb"\1", found[1])
        if found := self.match(_LITERAL):
            size = int(found[1])
            taken = self.content[self.at : self.at + size]
            if len(taken) != size:
                raise Syntax("a literal is cut")
            self.at += size
            return taken
        raise Syntax("expected a string")

    def astring(self) -> bytes:
        """An atom or a string, as it is."""
        found = self.match(_ASTRING)
        return found.group() if found else self.string()

    def name(self) -> str:
        """A mailbox name; INBOX in any case is INBOX (RFC 3501 §5.1)."""
        name = self.astring().decode("utf-8", "replace")
        if len(name) > 200 or any(character < " " for character in name):
            raise Syntax("a mailbox name is too long or not printable")
        return "INBOX" if name.upper() == "INBOX" else name

    def pattern(self) -> str:
        """A mailbox name with wildcards."""
        found = self.match(_PATTERN)
        return (found.group() if found else self.string()).decode("utf-8", "replace")[:200]

    def number(self) -> int:
        """A number of 32 bits or so."""
        return int(self._take(_NUMBER, "a number"))

    def sequence(self) -> str:
        """A sequence set, unread (see :class:`.view.Numbers`)."""
        return self._take(_SET, "a sequence set").decode("ascii")

    def flags(self) -> frozenset[str]:
        """A list of flags, in parentheses or bare."""
        listed = self.skip(b"(")
        flags: set[str] = set()
        while found := self.match(_FLAG):
            flags.add(_flag(found.group().decode("ascii")))
            if len(flags) > ITEMS or not self.skip(b" "):
                break
        if listed:
            self.expect(b")")
        return frozenset(flags)

    def date(self) -> datetime:
        """A day, as midnight UTC."""
        found = self.match(_DATE)
        if not found:
            raise Syntax("expected a date")
        return _moment(int(found[3]), found[2], int(found[1]))

    def date_time(self) -> datetime | None:
        """A quoted date and time, if there is one here."""
        found = self.match(_DATE_TIME)
        if not found:
            return None
        offset = timedelta(hours=int(found[8]), minutes=int(found[9])) * (-1 if found[7] == b"-" else 1)
        clock = (int(found[4]), int(found[5]), int(found[6]))
        return _moment(int(found[3]), found[2], int(found[1]), clock, offset)


def _moment(
    year: int, month: bytes, day: int, clock: tuple[int, int, int] = (0, 0, 0), offset: timedelta | None = None
) -> datetime:
    try:
        zone = timezone(offset) if offset else UTC
        return datetime(year, MONTHS.index(month.decode().title()) + 1, day, *clock, tzinfo=zone)
    except ValueError as exc:
        raise Syntax("no such date") from exc


def _flag(name: str) -> str:
    # System flags are compared without regard to case (RFC 3501 §2.3.2): keep one spelling.
    return name.title() if name.startswith("\\") else name
