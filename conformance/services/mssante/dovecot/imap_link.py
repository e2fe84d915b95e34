"""One connection of a reading session to Dovecot: commands go as they are, responses come one by one."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

_LITERAL = re.compile(rb"\{(\d{1,10})\}\r\n\Z")
_ANNOUNCED = re.compile(rb"\{(\d{1,10})\+?\}\r\n")
_CAPABILITY = re.compile(rb"\[CAPABILITY ([^\]]*)\]")
# Of a line of Dovecot, without its literals: an ENVELOPE or a SEARCH of many messages is long.
LINE = 8 * 1024 * 1024
OWN_TAG = b"front"


class Refused(Exception):
    """Dovecot did not open the box."""


@dataclass(frozen=True, slots=True)
class Told:
    """A response: all its bytes, and its words without the literals among them."""

    content: bytes
    words: bytes


class ImapLink:
    """Reads and writes whole commands and responses; raises :class:`EOFError` or :class:`OSError` when it is cut."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.capabilities = ""
        self.last = b""

    @classmethod
    async def open(cls, path: Path, mechanism: str, response: bytes) -> ImapLink:
        """Connect and authenticate; raises :class:`Refused` when Dovecot says no."""
        link = cls(*await asyncio.open_unix_connection(path, limit=LINE))
        try:
            await link.response()
            await link.send(b"%s AUTHENTICATE %s %s\r\n" % (OWN_TAG, mechanism.encode(), response))
            async for told in link.until(OWN_TAG):
                if told.content.startswith(b"+"):  # why: the client of an error challenge acknowledges it
                    await link.send(b"\r\n")
            if not link.last.startswith(OWN_TAG + b" OK"):
                raise Refused
            if found := _CAPABILITY.search(link.last):
                link.capabilities = found[1].decode("ascii", "replace")
        except BaseException:
            link.close()
            raise
        return link

    async def send(self, content: bytes) -> None:
        """Send bytes of a command."""
        self._writer.write(content)
        await self._writer.drain()

    async def response(self) -> Told:
        """One response."""
        line = await self._line()
        pieces, words = [line], [line]
        while announced := _LITERAL.search(line):
            literal = await self._reader.readexactly(int(announced[1]))
            line = await self._line()
            pieces += [literal, line]
            words.append(line)
        return Told(b"".join(pieces), b"".join(words))

    async def until(self, tag: bytes) -> AsyncIterator[Told]:
        """The responses before the tagged one, which is then in ``last``."""
        while not (told := await self.response()).content.startswith(tag + b" "):
            yield told
        self.last = told.content

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._writer.close()

    async def _line(self) -> bytes:
        return await self._reader.readuntil(b"\r\n")


def unasked(command: bytes) -> bytes:
    """A whole command with its literals announced as non-synchronizing (RFC 7888): Dovecot need not ask for them."""
    sent, at = bytearray(), 0
    while found := _ANNOUNCED.search(command, at):
        size = int(found[1])
        sent += command[at : found.start()] + b"{%d+}\r\n" % size + command[found.end() : found.end() + size]
        at = found.end() + size
    return bytes(sent + command[at:])
