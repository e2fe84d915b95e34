"""Checks on the read receipts that the product returns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.mail.common import unreadable
from conformance.checks.subjects.message import MailMessage
from conformance.checks.subjects.receipt import REPORT, ExpectedReceipt, fields_of, report_of
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning

REPORT_TYPE = re.compile(r'report-type\s*=\s*"?disposition-notification"?', re.IGNORECASE)
# RFC 8098 §3.2.6: action mode, sending mode, disposition type, modifiers.
_DISPOSITION = re.compile(
    r"(?:manual|automatic)-action\s*/\s*MDN-sent-(?:manually|automatically)\s*;\s*"
    r"(displayed|deleted|dispatched|processed)\b.*",
    re.IGNORECASE,
)


@check(
    "mail.read-receipt-returned",
    source="Référentiel socle MSSanté #2 v1.0, ECO.3.1.6 (MSS/UX.34); RFC 8098 §3",
    alone=False,
)
def a_read_receipt_is_returned(receipt: ExpectedReceipt) -> Iterator[Finding]:
    """Once a message that asks for a read receipt was displayed, a receipt of RFC 8098 goes to the address it names.

    Pass: a ``multipart/report`` of type ``disposition-notification`` went there, whose report names the message by
    ``Original-Message-ID``, its reader by ``Final-Recipient``, and says in ``Disposition`` what became of it.
    Fail: no receipt in the closed window, another structure, a missing field, or another message named. A disposition
    other than ``displayed`` is a warning. The envelope sender, null in RFC 8098, is not judged: an operator may refuse it.
    """
    if not receipt.returned:
        yield error(
            "mail.read-receipt-returned.missing", expected=REPORT, got="-", to=str(receipt.expectation.get("to"))
        )
    for message in receipt.returned:
        yield from unreadable(message)
        if message.fault is None:
            yield from _structure(message)
            yield from _fields(message, receipt)


def _structure(message: MailMessage) -> Iterator[Finding]:
    kind = " ".join((message.header("Content-Type") or "-").split())
    if not (kind.lower().startswith("multipart/report") and REPORT_TYPE.search(kind)):
        expected = "multipart/report; report-type=disposition-notification"
        yield error("mail.read-receipt-returned.type", expected=expected, got=kind, where=message.where("Content-Type"))
    if message.text_part is None:
        yield error("mail.read-receipt-returned.words", expected="text/plain", got="-")


def _fields(message: MailMessage, receipt: ExpectedReceipt) -> Iterator[Finding]:
    report = report_of(message)
    if report is None:
        yield error("mail.read-receipt-returned.report", expected=REPORT, got="-")
        return
    fields = fields_of(report)
    original = fields.get("original-message-id", "").strip("<> ")
    if original.lower() != receipt.original.lower():
        yield error("mail.read-receipt-returned.original", expected=f"<{receipt.original}>", got=original or "-")
    reader = fields.get("final-recipient", "")
    if "@" not in reader.partition(";")[2]:
        yield error("mail.read-receipt-returned.reader", expected="rfc822;…@…", got=reader or "-")
    said = fields.get("disposition", "")
    found = _DISPOSITION.fullmatch(said)
    if found is None:
        expected = "manual-action/MDN-sent-manually; displayed"
        yield error("mail.read-receipt-returned.disposition", expected=expected, got=said or "-")
    elif found.group(1).lower() != "displayed":
        yield warning("mail.read-receipt-returned.other", expected="displayed", got=found.group(1).lower())
