"""Messages as they leave: headers of the MSSanté referential, a text body, the archive and its PDF twin.

Headers and subject: Référentiel socle MSSanté #2, ECO.2.1.3, 2.2.1, 2.2.2, 2.2.7 and 2.4.1 to 2.4.3 (wire.md §1.5-1.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from uuid import uuid4

from conformance._bundled.fixtures.folding import WIRE

from conformance.core.texts import say

from . import facts
from .archive import NAME
from .faults import Fault
from .header import header_of
from .sins import Sins

# OIDs of INS matricules: NIR, NIA, test, demonstration (wire.md §3.6).
INS_OIDS = tuple(f"1.2.250.1.213.1.4.{n}" for n in (8, 9, 10, 11))


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a message carries about one person: the archive, the CDA inside, the PDF twins by name, the label."""

    archive: bytes
    cdas: tuple[bytes, ...]
    pdfs: tuple[tuple[str, bytes], ...]
    subject: str
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, and in which thread. Message ids come without angle brackets."""

    sender: str
    sender_name: str
    to: tuple[str, ...]
    footer: str
    reply_to: str = ""
    citizen: bool = False
    read_receipt: bool = False
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    no_reply: bool = False


def compose(envelope: Envelope, subject: str, text: str, parcel: Parcel | None, sins: Sins) -> EmailMessage:
    """Compose one message, as the defects in force leave it."""
    message = EmailMessage(policy=SMTP)
    name = "" if sins.has("hides-sender-name") else envelope.sender_name
    message["From"] = Address(name, addr_spec=envelope.sender)
    message["To"] = ", ".join(envelope.to)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{uuid4().hex}@{envelope.sender.rpartition('@')[2]}>"
    message["Subject"] = parcel.subject if parcel else subject or say("refdui.mail.no-subject", "fr")
    message["X-MSS-NIL"] = facts.REFERENCE
    if envelope.reply_to:
        message["Reply-To"] = envelope.reply_to
    _receipts(message, envelope, sins)
    if not sins.has("breaks-the-thread"):
        _thread(message, envelope)
    _body(message, _words(envelope, text, parcel, sins), sins)
    if parcel:
        _carry(message, parcel, sins)
    if _ends(envelope, sins):
        message["X-MSS-MES"] = "FIN"
    sins.alter_message(message)
    return message


def as_bytes(message: EmailMessage) -> bytes:
    """The message as it goes on the wire, with CRLF line ends."""
    return message.as_bytes(policy=WIRE)


def message_id_of(message: EmailMessage) -> str:
    """The Message-ID without angle brackets; empty when there is none."""
    return str(message["Message-ID"] or "").strip().strip("<>")


def codes_of(cdas: Sequence[bytes]) -> str:
    """The value of X-MSS-CODECDA: the code of each CDA, comma separated (MSS/CONF.15)."""
    return ",".join(code for cda in cdas if (code := _code(cda)))


def ins_of(cdas: Sequence[bytes]) -> str:
    """The value of X-MSS-INS: ``O`` when each CDA names a matricule, its OID and the four traits, else ``N`` (CONF.14)."""
    return "O" if all(_has_ins(cda) for cda in cdas) else "N"


def _code(cda: bytes) -> str:
    try:
        return header_of(cda).type_code
    except Fault:
        return ""


def _has_ins(cda: bytes) -> bool:
    try:
        traits = header_of(cda).traits
    except Fault:
        return False
    return traits.oid in INS_OIDS and all(traits.as_json().values())


def _ends(envelope: Envelope, sins: Sins) -> bool:
    """Whether the message says that no answer is wanted (MSS/CONF.21): when asked, and to a person only."""
    if sins.has("ends-conversation-with-professionals") and not envelope.citizen:
        return True
    wanted = envelope.no_reply and not sins.has("never-ends-the-exchange")
    return envelope.citizen and (wanted or sins.has("always-ends-the-exchange"))


def _receipts(message: EmailMessage, envelope: Envelope, sins: Sins) -> None:
    # Delivery receipt: va1.15; read receipt: UX.33 (RFC 8098).
    if envelope.read_receipt and not sins.has("forgets-read-receipt"):
        message["Disposition-Notification-To"] = envelope.sender
        message["Return-Receipt-To"] = envelope.sender


def _thread(message: EmailMessage, envelope: Envelope) -> None:
    if envelope.in_reply_to:
        message["In-Reply-To"] = f"<{envelope.in_reply_to}>"
        chain = dict.fromkeys((*envelope.references, envelope.in_reply_to))
        message["References"] = " ".join(f"<{id}>" for id in chain)


def _words(envelope: Envelope, text: str, parcel: Parcel | None, sins: Sins) -> str:
    lines = [text.strip()]
    if parcel and parcel.replaces and not sins.has("replaces-silently"):
        lines += ["", say("refdui.mail.replaces", "fr")]
    if envelope.reply_to:
        # An application's mail says that it is automatic and whom to write to (va1.09, va1.18).
        lines += ["", say("refdui.mail.automatic", "fr", address=envelope.reply_to)]
    lines += ["", "-- ", envelope.footer, say("refdui.mail.fictitious", "fr"), ""]
    return "\n".join(lines)


def _body(message: EmailMessage, words: str, sins: Sins) -> None:
    if sins.has("writes-html-only"):
        message.set_content(f"<p>{escape(words)}</p>", subtype="html", cte="quoted-printable")
    elif sins.has("writes-latin-1"):
        kept = words.encode("iso-8859-1", "replace").decode("iso-8859-1")
        message.set_content(kept, charset="iso-8859-1", cte="quoted-printable")
    else:
        message.set_content(words, cte="quoted-printable")


def _carry(message: EmailMessage, parcel: Parcel, sins: Sins) -> None:
    if codes := codes_of(parcel.cdas):
        message["X-MSS-CODECDA"] = codes.partition(",")[0] if sins.has("names-the-first-type-only") else codes
    message["X-MSS-INS"] = "O" if sins.has("calls-every-ins-qualified") else ins_of(parcel.cdas)
    name = "DOCUMENTS.ZIP" if sins.has("renames-the-archive") else NAME
    message.add_attachment(parcel.archive, maintype="application", subtype="zip", filename=name)
    if sins.has("sends-no-pdf"):
        return
    for pdf_name, pdf in parcel.pdfs:
        shown = "document.pdf" if sins.has("names-pdf-carelessly") else pdf_name
        message.add_attachment(pdf, maintype="application", subtype="pdf", filename=shown)
