"""Where Dovecot's submission hands over what it took: a door of loopback that only it can open, and LMTP behind."""

from __future__ import annotations

import asyncio
import re
import secrets
import smtplib
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from conformance.services.mssante.gate import decode
from conformance.services.mssante.limits import Limits

Deliver = Callable[[str, str, bytes], None]
_IDENTITY = re.compile(r" AUTH=\S*", re.IGNORECASE)
# Dovecot's own margin is smaller: it answers first.
MARGIN = 4 * 1024 * 1024


class RelayHost:
    """A mail server that takes messages of Dovecot for boxes of the lanes, and never sends any."""

    def __init__(self, password: str, deliver: Deliver, limits: Limits) -> None:
        self._password = password.encode()
        self._deliver = deliver
        self._limits = limits
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; answers the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._conversation, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Deliver to every box, then accept; a box that refuses is told in its own words."""
        sender = envelope.mail_from or ""
        for recipient in envelope.rcpt_tos:
            try:
                await asyncio.to_thread(self._deliver, sender, recipient, envelope.original_content or b"")
            except smtplib.SMTPRecipientsRefused as refused:
                code, text = refused.recipients[recipient]
                return f"{code} {text.decode('ascii', 'replace')}"
            except smtplib.SMTPResponseException as refused:
                return f"{refused.smtp_code} Refused"
            except (smtplib.SMTPException, OSError):
                return "451 4.3.0 Delivery failed"
        return "250 2.0.0 Delivered"

    def _conversation(self) -> SMTP:
        return _Door(
            self,
            self._password,
            hostname="relay.mssante.test",
            data_size_limit=self._limits.message + MARGIN,
            auth_require_tls=False,
            auth_exclude_mechanism=("LOGIN",),
            timeout=self._limits.idle,
            loop=asyncio.get_running_loop(),
        )


class _Door(SMTP):
    """One connection, which must show the password of this Dovecot: anybody may knock on loopback."""

    session: Session

    def __init__(self, handler: RelayHost, password: bytes, **options: Any) -> None:
        self._password = password
        super().__init__(handler, **options)

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802
        """PLAIN with its initial response, as Dovecot sends it (RFC 4616)."""
        mechanism, _, response = (arg or "").partition(" ")
        shown = (decode(response.encode()) or b"").rpartition(b"\0")[2]
        self.session.authenticated = mechanism.upper() == "PLAIN" and secrets.compare_digest(shown, self._password)
        await self.push("235 2.7.0 Welcome" if self.session.authenticated else "535 5.7.8 Not known here")

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """As usual, without the identity that Dovecot adds to the sender (RFC 4954 §5), which aiosmtpd refuses."""
        if self.session.authenticated:
            await super().smtp_MAIL(_IDENTITY.sub("", arg or ""))
        else:
            await self.push("530 5.7.0 Authentication required")
