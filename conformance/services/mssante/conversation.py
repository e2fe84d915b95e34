"""One SMTP connection: lines in, replies out, each recorded first; STARTTLS forced (RFC 3207); all bounded.

aiosmtpd reads the commands; here is what it lacks: a record of each exchange before its reply, one TLS context per
connection, and bounds of its own for each connection (its limits are shared by the class).
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
import re
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from conformance.services import contract
from conformance.services.mssante.boxes import Box
from conformance.services.mssante.desk import Desk
from conformance.services.mssante.faults import SLOWNESS
from conformance.services.mssante.rules import Rules, shown
from conformance.services.tls import within

_log = logging.getLogger(__name__)
BEFORE_TLS = frozenset({"EHLO", "NOOP", "QUIT", "STARTTLS"})  # RFC 3207 §4
_ADDRESS = re.compile(r"<([^<>@\s]+@[^<>@\s]+)>")
CLOSING = 2.0
CHUNK = 4096


class Hangup(Exception):
    """The conversation is over; ``how`` is what the record of its end says."""

    def __init__(self, how: str = "cut") -> None:
        super().__init__(how)
        self.how = how


class Conversation(SMTP):
    """The life of one connection; ``sessions`` is where its task lives while it lasts."""

    # aiosmtpd sets these in connection_made, before any command.
    session: Session
    envelope: Envelope
    _timeout_handle: asyncio.TimerHandle
    _handler_coroutine: asyncio.Task[None]
    _tls_protocol: Any

    def __init__(self, desk: Desk, sessions: set[asyncio.Task[None]]) -> None:
        self.desk = desk
        self.limits = desk.limits
        self.transcript = desk.transcript(contract.SMTP, "smtp")
        self.box: Box | None = None
        self.attempts = 0
        self._sessions = sessions
        self._how = "cut"
        self._command: tuple[str, str] | None = None
        self._lines: list[str] = []
        self._errors = 0
        self.line_length_limit = self.limits.text_line
        # Shadows a dictionary of the class, which aiosmtpd clears for every connection and enlarges at every EHLO.
        self.command_size_limits = collections.defaultdict(int)
        super().__init__(
            Rules(desk),
            data_size_limit=self.limits.message,
            hostname=desk.names[0],
            ident="MSSante simulated operator",
            timeout=self.limits.idle,
            auth_required=True,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )

    def eof_received(self) -> bool | None:
        """Let the handler read what came before the end, instead of cancelling it."""
        return asyncio.StreamReaderProtocol.eof_received(self) if not self.transcript.tls else self._end_of_tls()

    def _end_of_tls(self) -> bool:
        # An SSL transport closes itself, and warns of a protocol that asks to stay (asyncio.sslproto).
        self._reader.feed_eof()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Tell the reader; the handler then ends by itself."""
        self._timeout_handle.cancel()
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None

    def _timeout_cb(self) -> None:
        self._how = "timeout"
        self._handler_coroutine.cancel()

    async def _handle_client(self) -> None:
        task = self._handler_coroutine
        self._sessions.add(task)
        try:
            self.transcript.connection(self.session.peer)
            await self._converse()
        except Hangup as end:
            self._how = end.how
        except asyncio.CancelledError:
            self._writer.write(b"421 4.4.2 Closing the connection\r\n")
        except (OSError, EOFError):  # cut, or a handshake that failed
            pass
        except Exception:  # noqa: BLE001 - logged; the server goes on for the others
            _log.exception("SMTP session %s", self.transcript.session)
            self._writer.write(b"421 4.3.0 Closing the connection\r\n")
        finally:
            self._timeout_handle.cancel()
            self.desk.end(self.transcript, self._how)
            await self._close()
            self._sessions.discard(task)

    async def _close(self) -> None:
        """Close politely, then abruptly: a peer that does not answer must not hold the connection."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(self._writer.wait_closed(), CLOSING)
        self._writer.transport.abort()

    async def _converse(self) -> None:
        if len(self._sessions) > self.limits.connections:
            await self.push("421 4.3.2 Too many connections")
            return
        if self.desk.temper.shows("silent"):
            await self._keep_silent()
        await self.push(f"220 {self.hostname} {self.__ident__}")
        for _ in range(self.limits.commands):
            line = await self._line()
            self._reset_timeout()
            await self._obey(line)
        await self.push("421 4.7.0 Too many commands")

    async def _line(self) -> bytes:
        try:
            line: bytes = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            self._command = self._command or ("?", "")
            await self.push("500 5.5.6 Line too long")
            raise Hangup from None
        return line

    async def _obey(self, line: bytes) -> None:
        raw_verb, _, raw_argument = line.strip().partition(b" ")
        verb = raw_verb.decode("ascii", "replace").upper()
        argument = raw_argument.strip().decode("ascii", "surrogateescape")
        method: Callable[..., object] | None = self._smtp_methods.get(verb)
        self._command = shown(verb, argument, known=method is not None)
        if len(line) > self.limits.line:
            await self.push("500 5.5.6 Line too long")
        elif not line.endswith(b"\r\n") or not argument.isascii():
            # A bare LF ends no line (RFC 5321 §2.3.8): taking it for one lets two servers disagree on what was sent.
            await self.push("500 5.5.2 Lines are ASCII and end with CR LF")
        elif not self.transcript.tls and verb not in BEFORE_TLS and not self.desk.temper.clear:
            await self.push("530 5.7.0 Must issue a STARTTLS command first")
        elif method is None:
            await self.push("500 5.5.1 Command unrecognized")
        else:
            await self._misbehave(verb)
            await self._smtp_methods[verb](argument or None)

    async def _misbehave(self, verb: str) -> None:
        """Show the fault in force, if it shows at this command (see :mod:`.faults`)."""
        if self.box is None:
            return
        temper, address = self.desk.temper, self.box.address
        if temper.shows("slow", address):
            await asyncio.sleep(SLOWNESS)
        if temper.shows("silent", address):
            await self._keep_silent()
        if verb == "MAIL" and temper.shows("cut", address):
            self._writer.transport.abort()
            raise Hangup("closed")
        if verb == "MAIL" and temper.shows("closes", address) and temper.once("smtp", address):
            await self.push("421 4.3.2 Closing this session")
            raise Hangup("closed")

    async def _keep_silent(self) -> None:
        """Say nothing until the client leaves or the time is over."""
        self._command = None
        self._timeout_handle.cancel()
        try:
            async with asyncio.timeout(self.limits.idle):
                while await self._reader.read(CHUNK):
                    pass
        except TimeoutError:
            raise Hangup("timeout") from None
        raise Hangup

    async def push(self, status: str) -> None:  # type: ignore[override]  # bytes only for challenges, made here
        """Send one line of a reply; the record is durable before the last line leaves."""
        self._lines.append(status)
        if status[3:4] == "-":
            return
        lines, self._lines = self._lines, []
        code = int(status[:3])
        if self._command:
            verb, argument = self._command
            marks = _ADDRESS.findall(argument)
            self.transcript.smtp_command(verb, argument, code, "\n".join(sent[4:] for sent in lines), marks)
            self._command = None
        await self._write("".join(sent + "\r\n" for sent in lines))
        self._errors += 500 <= code <= 504
        if self._errors >= self.limits.errors:
            await self._write("421 4.7.0 Too many errors\r\n")
            raise Hangup

    async def _write(self, text: str) -> None:
        await self.desk.journal.durable()
        self._writer.write(text.encode("ascii", "replace"))
        await self._writer.drain()

    async def sender(self, address: str, options: list[str]) -> str:
        """The reply to a sender that the rules allow; ``<>`` is the null path."""
        del address, options
        return "250 2.1.0 Sender accepted"

    async def recipient(self, address: str) -> str:
        """The reply to a recipient that the rules allow."""
        del address
        return "250 2.1.5 Recipient accepted"

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        """Start TLS once; what came in clear after the command is thrown away (RFC 3207 §4.2)."""
        if self.desk.temper.clear:
            await self.push("502 5.5.1 Command not implemented")
            return
        if arg or self.transcript.tls:
            await self.push("501 5.5.4 Syntax: STARTTLS" if arg else "503 5.5.1 TLS is already on")
            return
        await self.push("220 2.0.0 Ready to start TLS")
        self._reset_timeout(self.limits.handshake)
        self._reader._buffer.clear()  # type: ignore[attr-defined]  # noqa: SLF001 - no public way to forget it
        with within(self.transcript.session, self._writer.transport.write):
            await self._writer.start_tls(self.desk.tls(contract.SMTP))
        self.transcript.tls = True
        self.transport = self._tls_protocol = self._writer.transport
        peer = self.session.peer
        self.envelope = self._create_envelope()
        self.session = self._create_session()
        self.session.peer = peer
        self._reset_timeout()
