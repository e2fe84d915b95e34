"""The MSSanté operator of one lane: start it, open boxes, put mail in them, read what arrived.

::

    operator = Operator(lane="main", journal=journal, pki=pki, recorder=TlsRecorder(journal, pki), verify=verify)
    await operator.start()
    operator.add_box("service@main.mssante.test", "ORG")
    operator.deliver("service@main.mssante.test", raw, what="report")
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.applications import Starlette

from conformance.core.errors import UsageError
from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.evidence.record import Record
from conformance.services import contract
from conformance.services.mssante import autoconfig
from conformance.services.mssante.boxes import Box, Boxes, Message
from conformance.services.mssante.desk import Desk
from conformance.services.mssante.gate import Gate, Verify
from conformance.services.mssante.imap.session import Session
from conformance.services.mssante.limits import Limits
from conformance.services.mssante.smtp import Submission
from conformance.services.mssante.transcript import message_id_of, sender_of
from conformance.services.pki import Pki
from conformance.services.tls import TlsRecorder

LISTEN = "127.0.0.1"


class Operator:
    """Submission and reading on loopback, in the running event loop.

    ``host`` is the name that the autoconfiguration document gives to this machine. ``authentications`` are its
    ``authentication`` words, a hypothesis (see :mod:`.autoconfig`).
    """

    def __init__(
        self,
        *,
        lane: str,
        journal: Journal,
        pki: Pki,
        recorder: TlsRecorder,
        verify: Verify,
        limits: Limits | None = None,
        host: str = LISTEN,
        authentications: Sequence[str] = autoconfig.AUTHENTICATIONS,
    ) -> None:
        self.lane = lane
        self.boxes = Boxes(lane)
        self.domain = self.boxes.domain
        self.correspondents_domain = self.boxes.correspondents_domain
        self.patients_domain = self.boxes.patients_domain
        self._host = host
        self._authentications = authentications
        self._pki = pki
        self._desk = Desk(
            lane=lane,
            journal=journal,
            recorder=recorder,
            boxes=self.boxes,
            gate=Gate(self.boxes, verify),
            limits=limits or Limits(),
            names=(f"mail.{self.domain}",),
        )
        self._sessions: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    async def start(self) -> None:
        """Listen on free ports of loopback; a certificate that cannot be made is told here."""
        self._pki.server_file(self._desk.names)
        limit = self._desk.limits.line
        loop = asyncio.get_running_loop()
        smtp = await loop.create_server(lambda: Submission(self._desk, self._sessions), LISTEN, 0)
        imap = await asyncio.start_server(self._read, LISTEN, 0, limit=limit)
        self._servers = [smtp, imap]

    async def stop(self) -> None:
        """Stop listening, tell every client goodbye and wait until their ends are recorded."""
        for server in self._servers:
            server.close()
        for task in list(self._sessions):
            task.cancel()
        while self._sessions:
            await asyncio.wait(list(self._sessions))
            await asyncio.sleep(0)
        self._servers = []

    @property
    def smtp(self) -> tuple[str, int]:
        """Where submission listens; raises :class:`IndexError` before :meth:`start`."""
        return _address(self._servers[0])

    @property
    def imap(self) -> tuple[str, int]:
        """Where reading listens; raises :class:`IndexError` before :meth:`start`."""
        return _address(self._servers[1])

    @property
    def autoconfig_app(self) -> Starlette:
        """The web application of ``autoconfig.<domain>``; it names the ports, so ask for it after :meth:`start`."""
        smtp, imap = (self._host, self.smtp[1]), (self._host, self.imap[1])
        content = autoconfig.document(self.domain, smtp, imap, self._authentications)
        return autoconfig.app(lane=self.lane, journal=self._desk.journal, domain=self.domain, content=content)

    def add_box(self, address: str, kind: str, owner: str = "") -> Box:
        """Open a box; PER and ORG open with XOAUTH2, APP with a client certificate, others only receive.

        ``owner``, where given, is the subject that the access token must have, or the common name that the client
        certificate must have. An address outside the lane's domains is a :class:`UsageError`.
        """
        return self.boxes.add(address, kind, owner)

    def deliver(self, mailbox: str, raw: bytes, what: str) -> Record:
        """Put an inbound message in a box, recorded first; ``what`` names the payload."""
        box = self.boxes.recipient(mailbox)
        if box is None:
            raise UsageError("mssante.no-mailbox", address=mailbox)
        message_id = message_id_of(raw)
        record = self._desk.journal.append(
            contract.DELIVERY,
            self.lane,
            "mail.delivered",
            provenance=Provenance.HARNESS,
            data={"mailbox": box.address, "from": sender_of(raw), "message_id": message_id, "what": what},
            blobs={"message": raw},
            marks=(message_id,),
        )
        box.inbox.add(raw)
        return record

    def messages(self, mailbox: str) -> tuple[Message, ...]:
        """What the inbox of a box holds now, oldest first; empty for a box that nobody wrote to."""
        box = self.boxes.get(mailbox)
        return tuple(box.inbox.messages.values()) if box else ()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        crowded = len(self._sessions) >= self._desk.limits.connections
        self._sessions.add(task)
        try:
            await Session(self._desk, reader, writer).run(crowded=crowded)
        finally:
            self._sessions.discard(task)


def _address(server: asyncio.Server) -> tuple[str, int]:
    host, port = server.sockets[0].getsockname()[:2]
    return host, port
