"""What submission allows, and what its records may show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiosmtpd.smtp import Envelope, Session

from conformance.services.mssante.desk import Desk
from conformance.services.mssante.gate import MECHANISMS

if TYPE_CHECKING:
    from conformance.services.mssante.conversation import Conversation

_VERB = re.compile(r"[A-Z]{3,10}")
_MECHANISM = re.compile(r"[A-Z0-9_-]{1,20}")


class Rules:
    """Who may write to whom, as hooks of aiosmtpd."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def handle_EHLO(  # noqa: N802
        self, server: Conversation, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        kept = [line for line in responses if not line.startswith("250-AUTH")]
        open_already = server.transcript.tls or self._desk.temper.clear
        offered = "250-AUTH " + " ".join(MECHANISMS) if open_already else "250-STARTTLS"
        return [*kept[:-1], offered, kept[-1]]

    async def handle_MAIL(  # noqa: N802
        self, server: Conversation, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        # The null path is that of receipts (RFC 8098 §3); aiosmtpd gives it as "<>".
        if address != "<>" and (server.box is None or address.lower() != server.box.address):
            return "553 5.7.1 The sender must be the authenticated mailbox"
        reply = await server.sender(address, options)
        if reply.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply

    async def handle_RCPT(  # noqa: N802
        self, server: Conversation, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self._desk.limits.recipients:
            return "452 4.5.3 Too many recipients"
        if not self._desk.boxes.hosts(address):
            return "550 5.7.1 This operator never relays"
        if self._desk.boxes.recipient(address) is None:
            return "550 5.1.1 No such mailbox"
        if refusal := self._fault(server, address):
            return refusal
        reply = await server.recipient(address)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    def _fault(self, server: Conversation, address: str) -> str:
        """The refusal that a fault in force asks for; empty without one."""
        temper = self._desk.temper
        sender = server.box.address if server.box else ""
        if temper.shows("greylisted", address) and temper.once("greylisted", sender, address.lower()):
            return "451 4.7.1 Greylisted, come back later"
        if temper.shows("full", address):
            return "452 4.2.2 Mailbox full"
        return "552 5.2.2 Mailbox over quota" if temper.shows("over-quota", address) else ""


def shown(verb: str, argument: str, *, known: bool) -> tuple[str, str]:
    """What may be written of a command, as verb and argument: a line that is no command may be a stray SASL message."""
    if verb == "AUTH":
        mechanism = argument.partition(" ")[0].upper()
        return verb, mechanism if _MECHANISM.fullmatch(mechanism) else "?"
    if known:
        return verb, argument.encode("ascii", "replace").decode()
    return (verb if _VERB.fullmatch(verb) else "?"), ""
