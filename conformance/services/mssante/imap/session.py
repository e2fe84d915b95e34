"""One IMAP session: reads a command, has it done, records it with its status, then answers."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

from conformance.services import contract
from conformance.services.mssante.boxes import Box
from conformance.services.mssante.desk import Desk
from conformance.services.mssante.faults import SLOWNESS
from conformance.services.mssante.imap import entry, folders, messages
from conformance.services.mssante.imap.commands import COMMANDS, Bad, No, State
from conformance.services.mssante.imap.cursor import Cursor, Syntax
from conformance.services.mssante.imap.view import View
from conformance.services.mssante.imap.wire import SMALL_LITERAL, Hangup, TooBig, Wire

_log = logging.getLogger(__name__)
HEAD = re.compile(rb'([^\x00-\x20\x7f-\xff(){%*"\\+]{1,64}) ((?i:UID )?[A-Za-z]{1,20})')
_LITERAL = re.compile(rb"\{\d{1,10}\+?\}\r\n")
# Message numbers must hold while these answer (RFC 3501 §7.4.1).
HOLDING = frozenset({"FETCH", "STORE", "SEARCH", "UID FETCH", "UID STORE", "UID SEARCH"})
PARTS = (entry, folders, messages)  # their functions register themselves


class Session:
    """The state that commands work on."""

    def __init__(self, desk: Desk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.desk = desk
        self.limits = desk.limits
        self.wire = Wire(reader, writer, desk.limits, desk.journal.durable)
        self.transcript = desk.transcript(contract.IMAP, "imap")
        self.box: Box | None = None
        self.view: View | None = None
        self.verb = ""
        self.attempts = 0
        self.then: Callable[[], Awaitable[None]] | None = None
        self.extensions = entry.EXTENSIONS
        self._untagged: list[bytes] = []
        self._errors = 0

    @property
    def state(self) -> State:
        """Where the session stands."""
        if self.view:
            return State.SELECTED
        if self.box:
            return State.AUTHENTICATED
        return State.GREETED if self.transcript.tls else State.CLEAR

    @property
    def owned(self) -> Box:
        """The box that was opened; asked only where the state says so."""
        if self.box is None:
            raise Bad("Not authenticated")
        return self.box

    @property
    def selected(self) -> View:
        """The selected folder; asked only where the state says so."""
        if self.view is None:
            raise Bad("No mailbox selected")
        return self.view

    def knows(self, verb: str) -> bool:
        """Whether a word is a command here, and may be shown."""
        return verb in COMMANDS

    async def enter(self, box: Box, mechanism: str, message: bytes) -> bool:
        """Open a box for one whom the gate let in by this SASL message; false when its store does not."""
        del mechanism, message
        self.box = box
        return True

    def tell(self, *responses: bytes) -> None:
        """Queue untagged responses; they leave before the tagged one."""
        self._untagged += responses

    async def flush(self, least: int = 1) -> None:
        """Send what is queued, if it is at least so many bytes."""
        if sum(map(len, self._untagged)) >= least:
            queued, self._untagged = self._untagged, []
            await self.wire.send(b"".join(queued))

    async def run(self, *, crowded: bool) -> None:
        """Serve the connection to its end; never raises."""
        how, bye = "cut", ""
        try:
            self.transcript.connection(self.wire.peer)
            await self._converse(crowded=crowded)
        except Hangup as end:
            how, bye = end.how, end.bye
        except asyncio.CancelledError:
            bye = "Closing"
        except (OSError, EOFError):  # cut, or a handshake that failed
            pass
        except Exception:  # noqa: BLE001 - logged; the server goes on for the others
            _log.exception("IMAP session %s", self.transcript.session)
            bye = "[SERVERBUG] Closing"
        finally:
            self.desk.end(self.transcript, how)
            await self.wire.close(bye)

    async def _converse(self, *, crowded: bool) -> None:
        if crowded:
            raise Hangup("cut", "Too many connections")
        if self.desk.temper.shows("silent"):
            await self.wire.ignore()
        await self.wire.send(f"* OK [CAPABILITY {entry.capabilities(self)}] Simulated operator ready\r\n".encode())
        for _ in range(self.limits.commands):
            try:
                content = await self.wire.command(self.limits.message if self.box else SMALL_LITERAL)
            except TooBig as big:
                await self._obey(big.line, too_big=True)
            else:
                await self._obey(content)
        raise Hangup("cut", "Too many commands")

    async def _obey(self, content: bytes, *, too_big: bool = False) -> None:
        head = HEAD.match(content)
        tag = head[1].decode() if head else ""
        self.verb = head[2].decode().upper() if head else ""
        await self._misbehave()
        status, text = await self._execute(Cursor(content, head.end() if head else 0), too_big=too_big)
        known = self.knows(self.verb)
        verb, _, of_uid = (self.verb if known else "?").partition(" ")  # UID FETCH is UID, with FETCH as argument
        shown = _shown(self.verb, content[head.end() :]) if head and known else ""
        # A line that is no command may be a stray SASL message: neither its tag nor its words are kept.
        self.transcript.imap_command(tag if known else "", verb, f"{of_uid} {shown}".strip(), status, text)
        if self.view:
            self.tell(*self.view.news(expunges=self.verb not in HOLDING))
        self.tell(f"{tag or '*'} {status} {text}\r\n".encode("ascii", "replace"))
        await self.flush()
        then, self.then = self.then, None
        if then:
            await then()
        self._errors += status == "BAD"
        if self._errors >= self.limits.errors:
            raise Hangup("cut", "Too many errors")

    async def _misbehave(self) -> None:
        """Show the fault in force, if it shows at this command (see :mod:`conformance.services.mssante.faults`)."""
        if self.box is None:
            return
        temper, address = self.desk.temper, self.box.address
        if temper.shows("slow", address):
            await asyncio.sleep(SLOWNESS)
        if temper.shows("silent", address):
            await self.wire.ignore()
        if self.verb in ("SELECT", "EXAMINE"):
            if temper.shows("cut", address):
                self.wire.cut()
                raise Hangup("closed")
            if temper.shows("closes", address) and temper.once("imap", address):
                raise Hangup("closed", "Closing this session")

    async def _execute(self, cursor: Cursor, *, too_big: bool) -> tuple[str, str]:
        found = COMMANDS.get(self.verb)
        try:
            if found is None:
                raise Bad("Unknown command")
            if self.state not in found.states:
                raise Bad("Not in this state")
            if too_big:
                raise No("[TOOBIG] Literal too big")
            return "OK", await found.function(self, cursor)
        except No as refusal:
            return "NO", str(refusal)
        except (Bad, Syntax) as fault:
            return "BAD", str(fault)


def _shown(verb: str, arguments: bytes) -> str:
    """The arguments as the record keeps them: no secret, and no content of a literal."""
    if verb == "LOGIN":
        return ""
    if verb == "AUTHENTICATE":
        mechanism, _, initial = arguments.strip().partition(b" ")
        shown = mechanism[:20].decode("ascii", "replace").upper()
        return f"{shown} <initial-response>" if initial else shown
    kept, at = bytearray(), 0
    while found := _LITERAL.search(arguments, at):
        kept += arguments[at : found.end() - 2]
        at = found.end() + int(found.group().strip(b"{+}\r\n"))
    kept += arguments[at:]
    return bytes(kept).strip().decode("utf-8", "replace")
