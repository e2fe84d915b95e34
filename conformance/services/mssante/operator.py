"""The MSSanté operator of one lane: start it, open boxes, put mail in them, read what arrived.

::

    operator = Operator(lane="main", journal=journal, recorder=TlsRecorder(journal, pki), verify=verify)
    await operator.start()
    operator.add_box("service@main.mssante.test", "ORG")
    operator.deliver("service@main.mssante.test", raw, what="report")
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence

from starlette.applications import Starlette

from conformance.core.errors import SetupError, UsageError
from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.evidence.record import Record
from conformance.services import contract
from conformance.services.mssante import autoconfig, leaf
from conformance.services.mssante.boxes import Box, Boxes, Message
from conformance.services.mssante.desk import Desk
from conformance.services.mssante.doors import LISTEN, Doors
from conformance.services.mssante.dovecot.server import Dovecot
from conformance.services.mssante.fronts import Fronts
from conformance.services.mssante.gate import Gate, Verify
from conformance.services.mssante.limits import Limits
from conformance.services.mssante.transcript import message_id_of, sender_of
from conformance.services.revocation import Publication
from conformance.services.tls import TlsRecorder

# Deliveries of the harness come with the null path: nothing is to be returned (RFC 5321 §4.5.5).
ENVELOPE_SENDER = ""


class Operator:
    """Submission and reading on loopback, in the running event loop.

    ``host`` is the name that the autoconfiguration document gives to this machine. ``authentications`` are its
    ``authentication`` words, a hypothesis (see :mod:`.autoconfig`). With a ``publication``, its certificate says where
    its revocation is published. With a ``dovecot``, which runs, the boxes are there.
    """

    def __init__(
        self,
        *,
        lane: str,
        journal: Journal,
        recorder: TlsRecorder,
        verify: Verify,
        limits: Limits | None = None,
        host: str = LISTEN,
        publication: Publication | None = None,
        authentications: Sequence[str] = autoconfig.AUTHENTICATIONS,
        dovecot: Dovecot | None = None,
    ) -> None:
        self.lane = lane
        self.boxes = Boxes(lane)
        self.domain = self.boxes.domain
        self.correspondents_domain = self.boxes.correspondents_domain
        self.patients_domain = self.boxes.patients_domain
        self._host = host
        self._authentications = authentications
        self._desk = Desk(
            lane=lane,
            journal=journal,
            recorder=recorder,
            boxes=self.boxes,
            gate=Gate(self.boxes, verify),
            limits=limits or Limits(),
            names=(f"mail.{self.domain}",),
            certificate=leaf.good(publication, recorder.pki, self.domain) if publication else None,
            dovecot=dovecot,
        )
        self._doors = Doors(self._desk)
        self._fronts = Fronts(self._desk, publication, host, authentications)

    async def start(self) -> None:
        """Listen on free ports of loopback; a certificate that cannot be made is told here."""
        self._desk.prove()
        await self._doors.open()

    async def stop(self) -> None:
        """Stop listening, tell every client goodbye and wait until their ends are recorded."""
        await self._fronts.close()
        await self._doors.close()

    @property
    def smtp(self) -> tuple[str, int]:
        """Where submission listens; raises :class:`IndexError` before :meth:`start`."""
        return self._doors.smtp

    @property
    def imap(self) -> tuple[str, int]:
        """Where reading listens; raises :class:`IndexError` before :meth:`start`."""
        return self._doors.imap

    @property
    def desk(self) -> Desk:
        """What its sessions work with."""
        return self._desk

    @property
    def autoconfig_app(self) -> Starlette:
        """The web application of ``autoconfig.<domain>``; it names the ports, so ask for it after :meth:`start`."""
        return autoconfig.app(lane=self.lane, journal=self._desk.journal, choose=self._published)

    @property
    def fronts(self) -> Fronts:
        """The bad servers of the lane, each under a mail domain of its own."""
        return self._fronts

    async def _published(self, host: str) -> autoconfig.Published:
        """What the host of a request publishes: a front's document under its name, else the operator's."""
        if front := await self._fronts.named(host):
            return front.published
        smtp, imap = (self._host, self.smtp[1]), (self._host, self.imap[1])
        return autoconfig.Published(self.domain, autoconfig.document(self.domain, smtp, imap, self._authentications))

    def add_box(self, address: str, kind: str, owner: str = "") -> Box:
        """Open a box; PER and ORG open with XOAUTH2, APP with a client certificate, others only receive.

        ``owner``, where given, is the subject that the access token must have, or the common name that the client
        certificate must have. An address outside the lane's domains is a :class:`UsageError`.
        """
        return self.boxes.add(address, kind, owner)

    def deliver(self, mailbox: str, raw: bytes, what: str) -> Record:
        """Put an inbound message in a box, recorded first; ``what`` names the payload. Blocks where Dovecot keeps it."""
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
        if self._desk.dovecot is None:
            box.inbox.add(raw)
            return record
        try:
            self._desk.dovecot.deliver(ENVELOPE_SENDER, box.address, raw)
        except (OSError, smtplib.SMTPException) as exc:
            raise SetupError("mssante.dovecot-delivery", address=box.address, reason=str(exc)) from exc
        return record

    def messages(self, mailbox: str) -> tuple[Message, ...]:
        """What the inbox of a box holds now, oldest first; empty for a box that nobody wrote to."""
        box = self.boxes.get(mailbox)
        if box and self._desk.dovecot:
            return self._desk.dovecot.messages(box.address)
        return tuple(box.inbox.messages.values()) if box else ()
