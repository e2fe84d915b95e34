"""A session of submission that Dovecot answers: what the rules allow is relayed, recorded as ever."""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path

from conformance.services.mssante.boxes import Box
from conformance.services.mssante.conversation import Hangup
from conformance.services.mssante.desk import Desk
from conformance.services.mssante.dovecot.sasl import response
from conformance.services.mssante.dovecot.server import Dovecot
from conformance.services.mssante.smtp import Submission

# After any LF: Dovecot takes a bare one for the end of a line, and a dot after it for the end of the text.
_STUFFED = re.compile(rb"^\.", re.MULTILINE)
_CODE = re.compile(r"[2-5]\d\d ")
REPLY = 64 * 1024


class SubmissionLink:
    """One connection to Dovecot's submission; raises :class:`EOFError` or :class:`OSError` when it is cut."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.open_transaction = False

    @classmethod
    async def open(cls, path: Path) -> SubmissionLink:
        """Connect and greet."""
        link = cls(*await asyncio.open_unix_connection(path, limit=REPLY))
        await link._reply()
        await link.ask("EHLO front.mssante.test")
        return link

    async def ask(self, command: str) -> str:
        """The last line of the reply to a command."""
        self._writer.write(command.encode("ascii", "replace") + b"\r\n")
        await self._writer.drain()
        return await self._reply()

    async def text(self, content: bytes) -> str:
        """Send a message, with its transparency (RFC 5321 §4.5.2); the reply to its end, or to DATA."""
        reply = await self.ask("DATA")
        if not reply.startswith("354"):
            return reply
        ended = content if content.endswith(b"\r\n") else content + b"\r\n"
        self._writer.write(_STUFFED.sub(b"..", ended) + b".\r\n")
        await self._writer.drain()
        return await self._reply()

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._writer.close()

    async def _reply(self) -> str:
        while True:
            line = (await self._reader.readuntil(b"\r\n")).decode("ascii", "replace").rstrip("\r\n")
            if line[3:4] != "-":
                return line if _CODE.match(line + " ") else f"451 4.3.0 {line}"


class RelayedSubmission(Submission):
    """As :class:`Submission` until a box is open."""

    def __init__(self, desk: Desk, sessions: set[asyncio.Task[None]], dovecot: Dovecot) -> None:
        self._dovecot = dovecot
        self._link: SubmissionLink | None = None
        super().__init__(desk, sessions)

    async def enter(self, box: Box, mechanism: str, message: bytes) -> bool:
        """Open the box at Dovecot too, which verifies a token by itself."""
        named, blob = response(mechanism, message, box.address, self._dovecot.password)
        try:
            async with asyncio.timeout(self.limits.handshake):
                self._link = await SubmissionLink.open(self._dovecot.place.socket("submission-in"))
                # A token is longer than a command line may be (RFC 4954 §4): it goes as an answer.
                reply = await self._link.ask(f"AUTH {named}")
                if reply.startswith("334"):
                    reply = await self._link.ask(blob.decode("ascii"))
                if reply.startswith("334"):  # why: the client of an error challenge acknowledges it
                    reply = await self._link.ask("")
        except (OSError, EOFError, TimeoutError):
            return False
        return reply.startswith("235") and await super().enter(box, mechanism, message)

    async def sender(self, address: str, options: list[str]) -> str:
        """Dovecot's reply to a sender."""
        path = address if address == "<>" else f"<{address}>"
        asked = [f"MAIL FROM:{path}", *options]
        if self._link and self._link.open_transaction:
            await self._ask("RSET")
        reply = await self._ask(" ".join(asked))
        if self._link:
            self._link.open_transaction = reply.startswith("2")
        return reply

    async def recipient(self, address: str) -> str:
        """Dovecot's reply to a recipient."""
        return await self._ask(f"RCPT TO:<{address}>")

    async def keep(self, content: bytes, boxes: list[Box]) -> str:
        """Hand the message to Dovecot, which delivers it before it replies."""
        del boxes
        try:
            async with asyncio.timeout(self.limits.transfer):
                reply = await self._linked().text(content)
        except (OSError, EOFError, TimeoutError):
            raise Hangup from None
        self._linked().open_transaction = False
        return "" if reply.startswith("2") else reply

    def kept(self, content: bytes, boxes: list[Box]) -> None:
        """Nothing: it is in its boxes."""

    async def _handle_client(self) -> None:
        try:
            await super()._handle_client()
        finally:
            if self._link:
                self._link.close()

    def _linked(self) -> SubmissionLink:
        # Not a property: aiosmtpd reads every attribute of a new connection.
        if self._link is None:
            raise Hangup
        return self._link

    async def _ask(self, command: str) -> str:
        try:
            async with asyncio.timeout(self.limits.handshake):
                return await self._linked().ask(command)
        except (OSError, EOFError, TimeoutError):
            raise Hangup from None
