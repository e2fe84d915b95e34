"""What the product tells the holders of its accounts, by ordinary mail."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.utils import make_msgid

from conformance.core.texts import say

from .. import facts
from ..connections import Connections
from ..faults import NotFound
from ..traces import Traces

SERVICE = "notices"
LIMIT = 10.0
SENDER = "ne-pas-repondre@dui-reference.test"


class Notices:
    """The server of ordinary mail, as it was set up."""

    def __init__(self, connections: Connections, traces: Traces) -> None:
        self._connections = connections
        self._traces = traces

    def send(self, to: str, what: str, **values: str) -> None:
        """Send one notice; what could not leave is traced, and the act that it tells of stands."""
        message = EmailMessage()
        message["From"], message["To"] = SENDER, to
        message["Subject"] = say(f"refdui.notice.{what}.subject", "fr", product=facts.NAME)
        message["Message-ID"] = make_msgid(domain="dui-reference.test")
        message.set_content(say(f"refdui.notice.{what}", "fr", product=facts.NAME, **values))
        try:
            settings = self._connections.of(SERVICE)
            with smtplib.SMTP(settings["host"], int(settings["port"]), timeout=LIMIT) as server:
                server.send_message(message)
        except (NotFound, KeyError, ValueError, OSError, smtplib.SMTPException) as exc:
            self._traces.add("product", "account.notice", to, what, type(exc).__name__)
