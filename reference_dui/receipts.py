"""Receipts: the read receipt that a message asks for, and what a returned report says of a message of ours.

RFC 8098 for read receipts (MSS/UX.34), RFC 3464 for failed deliveries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, getaddresses
from uuid import uuid4

from conformance.core.texts import say

from . import facts
from .people import is_address
from .sins import Sins

_ID = re.compile(r"<([^<>\s]{1,400})>")
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: of which message, about whom, what became of it (``failed`` or ``read``), and why."""

    message_id: str
    recipient: str
    state: str
    reason: str


def asked_by(message: Message) -> str:
    """The address that a message asks a read receipt for; empty when it asks none, or names several."""
    found = [a for _, a in getaddresses([str(v) for v in message.get_all("Disposition-Notification-To", [])]) if a]
    return found[0] if len(found) == 1 and is_address(found[0]) else ""


def receipt(original: Message, *, reader: str, reader_name: str, sins: Sins) -> EmailMessage:
    """The read receipt of a message that a person displayed and agreed to acknowledge."""
    about = _first_id(str(original.get("Message-ID", "")))
    if sins.has("acknowledges-another-message"):
        about = f"{uuid4().hex}@{reader.rpartition('@')[2]}"
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(reader_name, addr_spec=reader)
    message["To"] = asked_by(original)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{uuid4().hex}@{reader.rpartition('@')[2]}>"
    message["Subject"] = say("refdui.receipt.subject", "fr", subject=" ".join(str(original.get("Subject", "")).split()))
    message["In-Reply-To"] = f"<{about}>"
    message["References"] = f"<{about}>"
    if not sins.has("names-no-product-in-receipts"):
        message["X-MSS-NIL"] = facts.REFERENCE
    message["Auto-Submitted"] = "auto-replied"
    message.set_content(say("refdui.receipt.words", "fr", reader=reader))
    message.make_mixed()
    message.attach(_report(about, reader))
    message.set_type("multipart/report")
    message.set_param("report-type", "disposition-notification")
    return message


def report_in(message: Message) -> Report | None:
    """What a received report says of a message of ours; ``None`` for any other mail."""
    if message.get_content_type() != "multipart/report":
        return None
    fields: dict[str, str] = {}
    for part in message.walk():
        if part.get_content_type() in ("message/delivery-status", "message/disposition-notification"):
            for block in part.walk():
                fields |= {name.lower(): " ".join(str(value).split()) for name, value in block.items()}
    about = _first_id(fields.get("original-message-id", "")) or _returned_id(message)
    recipient = fields.get("final-recipient", "").rpartition(";")[2].strip()
    if fields.get("action", "").lower() == "failed":
        reason = " ".join(filter(None, (fields.get("status"), fields.get("diagnostic-code"))))
        return Report(about, recipient, "failed", f"{recipient}: {reason}"[:MAX_REASON])
    if "displayed" in fields.get("disposition", "").lower():
        return Report(about, recipient, "read", "")
    return None


def _report(about: str, reader: str) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = "message/disposition-notification"
    fields = Message()
    fields["Reporting-UA"] = f"{facts.REFERENCE}; {facts.VERSION}"
    fields["Original-Recipient"] = f"rfc822;{reader}"
    fields["Final-Recipient"] = f"rfc822;{reader}"
    fields["Original-Message-ID"] = f"<{about}>"
    # The person opened the message and agreed to say so.
    fields["Disposition"] = "manual-action/MDN-sent-manually; displayed"
    part.set_payload([fields])
    return part


def _returned_id(message: Message) -> str:
    """The identifier of the returned message, from its headers."""
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            text = str(part.get_payload())
            found = re.search(r"(?im)^message-id:\s*<([^<>\s]{1,400})>", text[:20_000])
            return found.group(1) if found else ""
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            inside = part.get_payload()
            if isinstance(inside, list) and isinstance(inside[0], Message):
                return _first_id(str(inside[0].get("Message-ID", "")))
    return ""


def _first_id(value: str) -> str:
    found = _ID.search(value)
    return found.group(1) if found else ""
