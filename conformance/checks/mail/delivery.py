"""Checks on whom a message reaches, and whom it speaks of."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks import ins
from conformance.checks.mail.common import folded, without_document
from conformance.checks.parameters import parameter
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.identity import of_cda
from conformance.checks.subjects.message import MailMessage, addresses_in
from conformance.checks.subjects.message_expected import CitizenRecipient, ReceiptRequest
from conformance.checks.subjects.window import ExpectedMessage
from conformance.core.check import Context, check
from conformance.core.finding import Finding, Where, error

RECEIPT = "Disposition-Notification-To"
# The sources say « matricule INS » without its length; the key is counted in CDA headers (wire.md §1.8).
MATRICULE_LENGTH = 15


@check(
    "mail.reached-recipient",
    source="REM-MS1-DUI Va1, SC.MSS.14.MS1, SC.MSS.17.MS1 and SC.MSS.18.MS1; REM vague 2, MSS.02 and MSS.03",
    alone=False,
)
def whoever_must_be_written_to_is(expected: ExpectedMessage) -> Iterator[Finding]:
    """Each recipient that the scenario expects is reached by a message of their own.

    Pass: the operator accepted a message whose envelope names the recipient.
    Fail: the window closed without one, or every message to the recipient was refused.
    """
    if expected.answered:
        return
    audience = expected.expectation.get("audience")
    if expected.refused:
        reply = str(expected.refused[-1].data.get("reply"))
        yield error("mail.reached-recipient.refused", expected="250", got=reply, to=expected.to, audience=audience)
    else:
        yield error("mail.reached-recipient.nobody", expected=expected.to, got="-", to=expected.to, audience=audience)


@check("mail.one-person", source="Référentiel socle MSSanté #2 v1.0, ECO.2.1.1 (MSS/CONF.23)")
def a_message_is_about_one_person(message: MailMessage) -> Iterator[Finding]:
    """Every document of a message is of the same person, who is the one that the scenario expects.

    Pass: one identity (matricule, else birth name, first name and birth date) across the documents, and the expected
    matricule where both are known.
    Fail: several persons, or another one than expected.
    """
    yield from without_document(message)
    people = list(dict.fromkeys(_person(document) for document in message.documents))
    if len(people) > 1:
        yield error("mail.one-person.several", expected="1", got=" | ".join(people))
    expected = str((message.expectation or {}).get("matricule") or "")
    for document in message.documents:
        if expected and document.ins and document.ins[0][:13] != expected[:13]:
            got, where = document.ins[0], Where(part=document.part)
            yield error("mail.one-person.other", expected=expected, got=got, where=where)


@check(
    "mail.citizen-address",
    source="Référentiel socle MSSanté #2 v1.0, ECO.2.2.6 (MSS/UX.32, MSS/va1.19); REM-MS1-DUI Va1, SC.MSS.18.MS1",
    alone=False,
)
def a_citizen_is_written_to_by_matricule(recipient: CitizenRecipient, context: Context) -> Iterator[Finding]:
    """The address of a citizen is the matricule of their qualified INS at the domain of the citizens.

    The length of the matricule is a parameter (``patient_address.matricule_length``): fifteen characters with the
    key, or thirteen without.
    Pass: the local part of the envelope recipient is the matricule of the expected person, whatever the case.
    Fail: it is anything else.
    """
    length = int(parameter(context, "patient_address.matricule_length", MATRICULE_LENGTH))
    wanted = [f"{_matricule(m, length)}@{recipient.domain}".lower() for m in recipient.matricules]
    if recipient.address not in wanted:
        yield error("mail.citizen-address.other", expected=" | ".join(wanted) or "-", got=recipient.address)


@check(
    "mail.read-receipt-requested",
    source="Référentiel socle MSSanté #2 v1.0 (MSS/UX.33); RFC 8098 §2.1",
    alone=False,
)
def a_read_receipt_is_asked_for(request: ReceiptRequest) -> Iterator[Finding]:
    """A message for which the user asks a read receipt carries ``Disposition-Notification-To``.

    Pass: the header is there once and holds an address.
    Fail: missing, repeated, or without an address.
    """
    message = request.message
    values = message.headers(RECEIPT)
    if len(values) != 1:
        code = "mail.read-receipt-requested." + ("repeated" if values else "missing")
        yield error(code, expected=RECEIPT, got=", ".join(values) or "-", where=message.where(RECEIPT))
    elif not any("@" in address for _, address in addresses_in(values)):
        got = values[0] or "-"
        yield error("mail.read-receipt-requested.malformed", expected="…@…", got=got, where=message.where(RECEIPT))


def _person(document: CdaDocument) -> str:
    said = of_cda(document)
    return said.matricule or folded(" ".join(t or "?" for t in (said.birth_name, said.first_name, said.birth_date)))


def _matricule(matricule: str, length: int) -> str:
    """A matricule of thirteen or fifteen characters, brought to ``length``."""
    if len(matricule) == 13 and length > 13:
        matricule += ins.key_of(matricule)
    return matricule[:length]
