"""A reading session whose box is at Dovecot: what comes after the login is relayed, recorded as ever."""

from __future__ import annotations

import asyncio
import re

from conformance.services.mssante.boxes import Box
from conformance.services.mssante.desk import Desk
from conformance.services.mssante.dovecot.imap_link import ImapLink, Refused, Told, unasked
from conformance.services.mssante.dovecot.sasl import response
from conformance.services.mssante.dovecot.server import Dovecot
from conformance.services.mssante.imap.cursor import Cursor
from conformance.services.mssante.imap.session import HEAD, Session
from conformance.services.mssante.imap.wire import Hangup
from conformance.services.mssante.transcript import message_id_of

# Verbs of the extensions that Dovecot announces, beside those of the embedded operator.
MORE_VERBS = frozenset({"ENABLE", "MOVE", "UID MOVE", "SORT", "UID SORT", "THREAD", "UID THREAD"})
OWN = frozenset({"LOGOUT"})
# What is asked so that a fetch can be recorded: the words of the command may name messages by number only.
_ASK = b"(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
_ASKED = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"
_OWN_TAG = b"front"
_FETCHED = re.compile(rb"\* (\d+) FETCH \(")
_UID = re.compile(rb"[( ]UID (\d+)")
_QUOTED = re.compile(rb'"(?:[^"\\\r\n]|\\.)*"')
# Content, not a header or a description (see imap.fetch.Item.content): a whole message or part, or its text.
_CONTENT = re.compile(
    rb"(?:BODY(?:\.PEEK)?|BINARY(?:\.PEEK)?)\[(?:[\d.]*TEXT|[\d.]*)\]|RFC822(?:\.TEXT)?(?![.\w])", re.IGNORECASE
)
# Sent as soon as there is this much.
FLUSH = 64 * 1024


class RelayedSession(Session):
    """As :class:`Session` until a box is open."""

    def __init__(
        self, desk: Desk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dovecot: Dovecot
    ) -> None:
        super().__init__(desk, reader, writer)
        self._dovecot = dovecot
        self._link: ImapLink | None = None

    async def run(self, *, crowded: bool) -> None:
        """As for any session; Dovecot is told goodbye too."""
        try:
            await super().run(crowded=crowded)
        finally:
            if self._link:
                self._link.close()

    def knows(self, verb: str) -> bool:
        """As for any session; Dovecot knows more."""
        return super().knows(verb) or (self._link is not None and verb in MORE_VERBS)

    async def enter(self, box: Box, mechanism: str, message: bytes) -> bool:
        """Open the box at Dovecot too, which verifies a token by itself."""
        path = self._dovecot.place.socket("imap-in")
        try:
            async with asyncio.timeout(self.limits.handshake):
                link = await ImapLink.open(path, *response(mechanism, message, box.address, self._dovecot.password))
        except Refused:
            return False
        except (OSError, EOFError, TimeoutError):
            raise Hangup("cut", "[UNAVAILABLE] The store does not answer") from None
        self._link, self.extensions = link, link.capabilities.removeprefix("IMAP4rev1 ")
        return await super().enter(box, mechanism, message)

    async def _execute(self, cursor: Cursor, *, too_big: bool) -> tuple[str, str]:
        if self._link is None or self.verb in OWN or too_big:
            return await super()._execute(cursor, too_big=too_big)
        try:
            async with asyncio.timeout(self.limits.wait if self.verb == "IDLE" else self.limits.transfer):
                return await self._relay(self._link, self.owned, cursor.content)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            raise Hangup("cut", "[UNAVAILABLE] The store does not answer") from None

    async def _relay(self, link: ImapLink, box: Box, content: bytes) -> tuple[str, str]:
        head = HEAD.match(content)
        tag = head[1] if head else content.split(b" ", 1)[0].strip()
        fetched: dict[int, tuple[int, str]] = {}
        if self.verb.endswith("FETCH") and head and _CONTENT.search(content):
            fetched = await self._identify(link, content[head.end() :])
        await link.send(unasked(content))
        if self.verb == "IDLE":
            await self._idle(link, tag)
        else:
            async for told in link.until(tag):
                self._record(told, box, fetched)
                self.tell(told.content)
                await self.flush(FLUSH)
        _, status, text = (link.last.decode("utf-8", "replace").strip() + "  ").split(" ", 2)
        return status, text.strip()

    async def _identify(self, link: ImapLink, arguments: bytes) -> dict[int, tuple[int, str]]:
        """UID and Message-ID of the messages of a FETCH, by number; other news that come are passed on."""
        command = b" ".join([_OWN_TAG, self.verb.encode(), *arguments.split()[:1], _ASK])
        await link.send(command + b"\r\n")
        found: dict[int, tuple[int, str]] = {}
        async for told in link.until(_OWN_TAG):
            number, uid = _FETCHED.match(told.words), _UID.search(told.words)
            if number and uid and _ASKED in told.words:
                header = told.content[told.content.index(b"\r\n") + 2 :]
                found[int(number[1])] = (int(uid[1]), message_id_of(header))
            else:
                self.tell(told.content)
        return found

    def _record(self, told: Told, box: Box, fetched: dict[int, tuple[int, str]]) -> None:
        number = _FETCHED.match(told.words)
        if number and (known := fetched.get(int(number[1]))) and _CONTENT.search(_QUOTED.sub(b"", told.words)):
            self.transcript.fetch(box.address, *known)

    async def _idle(self, link: ImapLink, tag: bytes) -> None:
        """News to the client, and its DONE to Dovecot, until Dovecot ends it."""
        client = asyncio.create_task(self.wire.line(self.limits.wait))
        server = asyncio.create_task(link.response())
        relayed = False
        try:
            while True:
                await asyncio.wait({server} if relayed else {client, server}, return_when=asyncio.FIRST_COMPLETED)
                if client.done() and not relayed:
                    relayed = True
                    await link.send(await client)
                if server.done():
                    told = await server
                    if told.content.startswith(tag + b" "):
                        link.last = told.content
                        return
                    self.tell(told.content)
                    await self.flush()
                    server = asyncio.create_task(link.response())
        finally:
            for task in (client, server):
                task.cancel()
            await asyncio.gather(client, server, return_exceptions=True)
