"""Checks on the headers that are MSSanté's own: NIL, CODECDA, INS, MES."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.mail.common import unreadable, without_document
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.identity import of_cda
from conformance.checks.subjects.message import MailMessage
from conformance.checks.subjects.message_expected import EndingMessage
from conformance.core.check import Context, check
from conformance.core.finding import Finding, error

NIL = "X-MSS-NIL"
CODECDA = "X-MSS-CODECDA"
INS = "X-MSS-INS"
MES = "X-MSS-MES"
END = "FIN"


@check("mail.nil", source="Référentiel socle MSSanté #2 v1.0, ECO.2.4.3 (MSS/CONF.16)")
def every_message_names_its_software(message: MailMessage, context: Context) -> Iterator[Finding]:
    """Every message carries the product reference in ``X-MSS-NIL``.

    Pass: the header is there once and equals the product reference of the product sheet; for a message judged alone,
    it is there once with a value.
    Fail: it is missing, repeated, empty, or names another product.
    """
    yield from unreadable(message)
    values = message.headers(NIL)
    reference = str(context.product.get("reference") or "")
    yield from _once(message, NIL, "mail.nil", reference or NIL)
    if values and not values[0]:
        yield error("mail.nil.empty", expected=reference or NIL, got="", where=message.where(NIL))
    elif values and reference and values[0] != reference:
        yield error("mail.nil.other", expected=reference, got=values[0], where=message.where(NIL))


@check("mail.codecda", source="Référentiel socle MSSanté #2 v1.0, ECO.2.4.1 (MSS/CONF.15)")
def a_message_names_the_types_of_its_documents(message: MailMessage) -> Iterator[Finding]:
    """``X-MSS-CODECDA`` holds the code of every CDA of the archive, separated by commas, and is absent without CDA.

    Pass: the codes of the header are those of the documents; without document, no header.
    Fail: missing or repeated beside a document, codes that differ, or present without document.
    """
    yield from without_document(message)
    values = message.headers(CODECDA)
    if not message.documents:
        yield from _absent(message, CODECDA, "mail.codecda")
        return
    codes = [document.code or "?" for document in message.documents]
    expected = ",".join(dict.fromkeys(codes))
    yield from _once(message, CODECDA, "mail.codecda", expected)
    if values and {code.strip() for code in values[0].split(",")} != set(codes):
        yield error("mail.codecda.other", expected=expected, got=values[0], where=message.where(CODECDA))


@check("mail.ins", source="Référentiel socle MSSanté #2 v1.0, ECO.2.4.2 (MSS/CONF.14)")
def a_message_says_whether_its_person_has_a_qualified_ins(message: MailMessage) -> Iterator[Finding]:
    """``X-MSS-INS`` is ``O`` or ``N`` as the CDA header shows a complete INS or not, and is absent without CDA.

    Complete: matricule, OID, birth name, first given name, birth date and sex (every document of the archive).
    Pass: the value that the CDA header gives; without document, no header.
    Fail: missing or repeated beside a document, another value, or present without document.
    """
    yield from without_document(message)
    values = message.headers(INS)
    if not message.documents:
        yield from _absent(message, INS, "mail.ins")
        return
    expected = "O" if all(has_complete_ins(document) for document in message.documents) else "N"
    yield from _once(message, INS, "mail.ins", expected)
    if values and values[0] not in ("O", "N"):
        yield error("mail.ins.value", expected=expected, got=values[0], where=message.where(INS))
    elif values and values[0] != expected:
        yield error("mail.ins.other", expected=expected, got=values[0], where=message.where(INS))


@check("mail.mes-end", source="Référentiel socle MSSanté #2 v1.0, ECO.2.2.8 (MSS/CONF.21)")
def the_end_of_an_exchange_is_said_as_specified(message: MailMessage) -> Iterator[Finding]:
    """``X-MSS-MES``, where a message carries it, is exactly ``FIN`` and goes to a citizen only.

    The header is optional. Pass: absent; or there once with ``FIN`` in a message to a citizen.
    Fail: another value, repeated, or in a message to a professional.
    """
    yield from unreadable(message)
    values = message.headers(MES)
    if len(values) > 1:
        yield error("mail.mes-end.repeated", expected="1", got=str(len(values)), where=message.where(MES, 1))
    if values and values[0] != END:
        yield error("mail.mes-end.value", expected=END, got=values[0], where=message.where(MES))
    if values and message.audience == "professional":
        got = ", ".join(message.rcpt_to) or "professional"
        yield error("mail.mes-end.audience", expected="citizen", got=got, where=message.where(MES))


@check("mail.mes-end-on-demand", source="Référentiel socle MSSanté #2 v1.0, ECO.2.2.8 (MSS/CONF.21)", alone=False)
def the_end_of_an_exchange_is_said_when_wanted(ending: EndingMessage) -> Iterator[Finding]:
    """``X-MSS-MES: FIN`` goes with a message to a citizen when the professional wants no answer, and only then.

    Pass: the header is there for the message that asks for no answer, absent from the one that does not.
    Fail: the wish was expressed and the header is missing; or it was not, and the header is there.
    """
    message = ending.message
    yield from unreadable(message)
    values = message.headers(MES)
    if ending.ends and not values and message.fault is None:
        yield error("mail.mes-end-on-demand.missing", expected=END, got="-", where=message.where(MES))
    if values and not ending.ends:
        yield error("mail.mes-end-on-demand.unwanted", expected="-", got=values[0], where=message.where(MES))


def has_complete_ins(document: CdaDocument) -> bool:
    """Whether a CDA header shows an INS with its OID and the four traits that go with it (MSS/CONF.14)."""
    return of_cda(document).complete


def _once(message: MailMessage, name: str, code: str, expected: str) -> Iterator[Finding]:
    values = message.headers(name)
    if not values and message.fault is None:
        yield error(f"{code}.missing", expected=expected, got="-", where=message.where(name))
    if len(values) > 1:
        yield error(f"{code}.repeated", expected="1", got=", ".join(values), where=message.where(name, 1))


def _absent(message: MailMessage, name: str, code: str) -> Iterator[Finding]:
    if values := message.headers(name):
        yield error(f"{code}.unexpected", expected="-", got=values[0], where=message.where(name))
