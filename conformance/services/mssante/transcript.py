"""What one connection writes into the journal, in the words of ``docs/evidence.md``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email.parser import BytesHeaderParser
from typing import Any

from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.evidence.record import Record
from conformance.services.mssante.faults import Temper
from conformance.services.tls import new_session

ARGUMENT = 500
HEADER = 64 * 1024
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")


class Transcript:
    """The records of one connection; ``family`` is ``smtp`` or ``imap``. ``tls`` is set once TLS is on."""

    def __init__(self, journal: Journal, service: str, lane: str, family: str, temper: Temper) -> None:
        self.journal = journal
        self.service = service
        self.lane = lane
        self.family = family
        self.temper = temper
        self.session = new_session()
        self.tls = False

    def connection(self, peer: object) -> None:
        """A client has connected."""
        host, port = peer[:2] if isinstance(peer, tuple) else (peer, "")
        data: dict[str, Any] = {"peer": f"{host}:{port}"}
        if self.temper.fault:
            data |= {"fault": self.temper.name, "domain": self.temper.domain}
        self._append("connection", data, marks=(self.temper.domain,) if self.temper.domain else ())

    def smtp_command(self, verb: str, argument: str, reply: int, text: str, marks: Iterable[str] = ()) -> None:
        """A command and its reply; the argument of AUTH must already be reduced to its mechanism."""
        data = {"verb": verb, "argument": argument[:ARGUMENT], "reply": reply, "text": text, "tls": self.tls}
        self._append("command", data, marks=marks)

    def imap_command(self, tag: str, verb: str, argument: str, status: str, text: str) -> None:
        """A command and its tagged status."""
        data = {"tag": tag, "verb": verb, "argument": argument[:ARGUMENT], "status": status, "text": text}
        self._append("command", {**data, "tls": self.tls})

    def auth(self, mechanism: str, user: str, reason: str, token_id: str | None) -> None:
        """An attempt to authenticate; an empty reason is success."""
        outcome = "refused" if reason else "ok"
        data = {"mechanism": mechanism, "user": user, "outcome": outcome, "reason": reason}
        self._append("auth", {**data, "token_id": token_id, "tls": self.tls})

    def message(self, mail_from: str, rcpt_to: list[str], raw: bytes, reply: int) -> None:
        """A message that is about to be accepted."""
        message_id = message_id_of(raw)
        data = {"mail_from": mail_from, "rcpt_to": rcpt_to, "size": len(raw), "reply": reply}
        self._append(
            "message",
            {**data, "message_id": message_id, "tls": self.tls},
            blobs={"message": raw},
            marks=(*rcpt_to, message_id),
        )

    def fetch(self, mailbox: str, uid: int, message_id: str) -> None:
        """The content of a message, whole or in part, is about to be handed over."""
        self._append("fetch", {"mailbox": mailbox, "uid": uid, "message_id": message_id}, marks=(message_id,))

    def end(self, how: str) -> None:
        """The connection is over: ``quit`` or ``logout``, ``cut``, ``timeout``, ``closed`` by a fault."""
        self._append("end", {"how": how})

    def _append(
        self, kind: str, data: Mapping[str, Any], blobs: Mapping[str, bytes] | None = None, marks: Iterable[str] = ()
    ) -> Record:
        return self.journal.append(
            self.service,
            self.lane,
            f"{self.family}.{kind}",
            provenance=Provenance.WIRE,
            data=data,
            blobs=blobs,
            session=self.session,
            marks=marks,
        )


def message_id_of(raw: bytes) -> str:
    """The Message-ID of a message, without angle brackets; empty when it has none."""
    value = str(BytesHeaderParser().parsebytes(raw[:HEADER]).get("Message-ID", ""))
    found = _MESSAGE_ID.search(value)
    return found.group(1) if found else value.strip()[:ARGUMENT]


def sender_of(raw: bytes) -> str:
    """The From field of a message as it was written; empty when it has none."""
    return str(BytesHeaderParser().parsebytes(raw[:HEADER]).get("From", ""))[:ARGUMENT]
