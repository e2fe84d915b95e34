"""An ordinary SMTP receiver of a lane, in clear on loopback: every address is somebody's, and nothing is relayed.

What a product says to the holders of its accounts (a code, a link, a notice of change) is recorded as ``notice.received``
before it is accepted, and kept in memory for the bench to read, as the person whose address it is would.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any, ClassVar

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession

from conformance.core.errors import UsageError
from conformance.core.words import Provenance
from conformance.services.lane_service import Action, LaneContext, LaneService

NAME = "notices"
LOOPBACK = "127.0.0.1"
# Bounds: of a message, of its recipients, of what is kept, of what is read of one, and of a silent connection in seconds.
MAX_MESSAGE, MAX_RECIPIENTS, MAX_KEPT, MAX_TEXT, SILENCE = 256 * 1024, 50, 1000, 20_000, 30


@dataclass(frozen=True, slots=True)
class Notice:
    """One message as its reader sees it."""

    to: tuple[str, ...]
    subject: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The members."""
        return {"to": list(self.to), "subject": self.subject, "text": self.text}


class Notices(LaneService):
    """The mailboxes of the holders of accounts."""

    name: ClassVar[str] = NAME

    def __init__(self, context: LaneContext) -> None:
        super().__init__(context)
        self._socket = socket.create_server((LOOPBACK, 0))
        self._port: int = self._socket.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._kept: deque[Notice] = deque(maxlen=MAX_KEPT)

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._conversation, sock=self._socket)

    async def stop(self) -> None:
        """Stop listening; conversations in progress end with their connections."""
        if self._server is not None:
            self._server.close()
        self._socket.close()

    def endpoints(self) -> Mapping[str, Any]:
        """``host`` and ``port`` of the receiver."""
        return {"host": LOOPBACK, "port": self._port}

    def actions(self) -> Mapping[str, Action]:
        """``read`` what an address received, oldest first."""
        return {"read": self._read}

    def _conversation(self) -> SMTP:
        return SMTP(self, data_size_limit=MAX_MESSAGE, enable_SMTPUTF8=True, hostname="notices.test", timeout=SILENCE)

    # aiosmtpd finds these by their names.
    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: SmtpSession, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, within the bound."""
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient accepted"

    async def handle_DATA(self, _server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        """Record a message, keep it, accept it."""
        content = envelope.original_content or b""
        to = tuple(str(address).lower() for address in envelope.rcpt_tos)
        notice = read(content, to)
        self.context.journal.append(
            NAME,
            self.context.lane,
            "notice.received",
            provenance=Provenance.WIRE,
            data={"mail_from": str(envelope.mail_from or ""), "rcpt_to": list(to), "subject": notice.subject},
            marks=to,
            session=f"{NAME}-{id(session):x}",
            blobs={"message": content},
        )
        await self.context.journal.durable()
        self._kept.append(notice)
        return "250 2.0.0 Message accepted"

    async def _read(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        address = asked.get("to")
        if not isinstance(address, str) or not address:
            raise UsageError("services.control.bad-request", name="to")
        return {"notices": [n.as_json() for n in self._kept if address.lower() in n.to]}


def read(content: bytes, to: tuple[str, ...]) -> Notice:
    """The subject and the words of a message; those of one that cannot be read are empty."""
    message = message_from_bytes(content, policy=policy.default)
    try:
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body is not None else ""
        return Notice(to, str(message["Subject"] or "")[:200], str(text)[:MAX_TEXT])
    except (LookupError, ValueError, TypeError, AttributeError):
        return Notice(to, "", "")
