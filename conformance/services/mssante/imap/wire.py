"""The stream of one IMAP connection: lines and literals in, bytes out, all bounded."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl

from conformance.services.http import Settled
from conformance.services.mssante.limits import Limits

_LITERAL = re.compile(rb"\{(\d{1,10})(\+?)\}\r\n\Z")
CHUNK = 4096
CLOSING = 2.0
# What a literal may hold outside APPEND: a mailbox name or a search string, never a document.
SMALL_LITERAL = 8 * 1024


class Hangup(Exception):
    """The conversation is over; ``how`` is what the record of its end says, ``bye`` what the client is told."""

    def __init__(self, how: str, bye: str = "") -> None:
        super().__init__(how)
        self.how = how
        self.bye = bye


class TooBig(Exception):
    """A literal that was announced, and that the client was not asked to send."""

    def __init__(self, line: bytes) -> None:
        super().__init__("literal")
        self.line = line


class Wire:
    """Reads commands and writes responses; every wait has a limit, after which the session ends."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits, settled: Settled
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._settled = settled

    @property
    def peer(self) -> object:
        """The client's address."""
        return self._writer.get_extra_info("peername")

    @property
    def certificate(self) -> dict[str, object] | None:
        """The client's certificate, once it is verified."""
        return self._writer.get_extra_info("peercert") or None

    async def line(self, seconds: float | None = None) -> bytes:
        """One line with its CR LF."""
        try:
            async with asyncio.timeout(seconds or self._limits.idle):
                line = await self._reader.readuntil(b"\n")
        except TimeoutError:
            raise Hangup("timeout", "Idle for too long") from None
        except asyncio.LimitOverrunError:
            raise Hangup("cut", "Line too long") from None
        if len(line) > self._limits.line:
            raise Hangup("cut", "Line too long")
        return line

    async def command(self, literal: int) -> bytes:
        """A whole command: its lines, with the literals they announce (``{n}`` CR LF and n bytes) in place.

        ``literal`` bounds a literal of APPEND; others have :data:`SMALL_LITERAL`. A bigger one is :class:`TooBig`;
        one that the client sends without asking (RFC 7888) ends the session.
        """
        whole = bytearray(await self.line())
        appends = bytes(whole[:100]).upper().split(b" ", 2)[1:2] == [b"APPEND"]
        announced = _LITERAL.search(whole)
        count = 0
        while announced:
            size, unasked = int(announced[1]), bool(announced[2])
            count += 1
            if size > (literal if appends else min(literal, SMALL_LITERAL)) or count > self._limits.literals:
                if unasked:
                    raise Hangup("cut", "Literal too big")
                raise TooBig(bytes(whole))
            if not unasked:
                await self.send(b"+ Ready\r\n")
            whole += await self._literal(size)
            line = await self.line()
            whole += line
            announced = _LITERAL.search(line)
        return bytes(whole)

    async def _literal(self, size: int) -> bytes:
        try:
            async with asyncio.timeout(self._limits.transfer):
                return await self._reader.readexactly(size)
        except TimeoutError:
            raise Hangup("timeout", "Literal too slow") from None

    async def send(self, content: bytes) -> None:
        """Write, once what was recorded is durable, and wait until the client takes it."""
        await self._settled()
        self._writer.write(content)
        try:
            async with asyncio.timeout(self._limits.idle):
                await self._writer.drain()
        except TimeoutError:
            raise Hangup("timeout") from None

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Go on in TLS; what came in clear after the command is thrown away (RFC 3501 §6.2.1, RFC 3207 §4.2)."""
        self._reader._buffer.clear()  # type: ignore[attr-defined]  # noqa: SLF001 - no public way to forget it
        try:
            async with asyncio.timeout(self._limits.handshake):
                await self._writer.start_tls(context)
        except TimeoutError:
            raise Hangup("timeout") from None

    def say_last(self, content: bytes) -> None:
        """Write at once, in clear or in what was made already: the alert of a handshake that fails."""
        self._writer.transport.write(content)

    async def ignore(self) -> None:
        """Read and forget, and answer nothing, until the client leaves or the time is over; then the session ends."""
        try:
            async with asyncio.timeout(self._limits.idle):
                while await self._reader.read(CHUNK):
                    pass
        except TimeoutError:
            raise Hangup("timeout") from None
        raise Hangup("cut")

    def cut(self) -> None:
        """Reset the connection, without a goodbye."""
        self._writer.transport.abort()

    async def close(self, bye: str) -> None:
        """Say ``* BYE`` if there is something to say, close politely, then abruptly."""
        with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
            if bye:
                self._writer.write(f"* BYE {bye}\r\n".encode())
            self._writer.close()
            await asyncio.wait_for(self._writer.wait_closed(), CLOSING)
        self._writer.transport.abort()
