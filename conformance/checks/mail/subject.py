"""Checks on the subject of a message that carries documents, and on the mention of a replacement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.mail.body import html_text, text_in
from conformance.checks.mail.common import folded, label_length, unaccented, without_document
from conformance.checks.subjects.message import MailMessage
from conformance.checks.subjects.message_expected import ReplacingMessage
from conformance.core.check import Context, check
from conformance.core.finding import Finding, error

# Référentiel socle MSSanté #2 v1.0, §3.1.3, ECO.2.1.3: XDM 1.0, documents of the CI-SIS.
PREFIX = "XDM/1.0/DDM+"
# The mention of a replacement may stand before the subject or behind its prefix; the referential fixes neither.
_MENTION = re.compile(r"\[? ?annule et remplace ?\]? ?[:\-\u2013]? ?", re.IGNORECASE)
_MENTIONED = re.compile(r"annul\w{0,12}\W{1,3}et\W{1,3}remplac", re.IGNORECASE)


@check("mail.subject", source="Référentiel socle MSSanté #2 v1.0, ECO.2.1.3 (MSS/CONF.25)")
def the_subject_says_what_is_sent_and_of_whom(message: MailMessage, context: Context) -> Iterator[Finding]:
    """The subject of a message with documents is built from the CDA: prefix, label, NOM, prénom, birth date.

    ``XDM/1.0/DDM+<label> <NOM> <prénom>[ <JJ/MM/AAAA>]``: the label is the display name of the document type, cut
    (forty characters), or ``N documents``; the birth name is in capitals; neither name has accents. The expected
    subject is built from the documents and compared, since it cannot be taken apart without doubt.
    Pass: the decoded subject is the expected one, with or without the birth date; a mention of replacement is let by.
    Fail: no subject, several, another prefix, or another wording.
    """
    yield from without_document(message)
    if not message.documents:
        return
    values = message.headers("Subject")
    expected = expected_subject(message, label_length(context))
    where = message.where("Subject")
    if len(values) != 1:
        got = ", ".join(values) or "-"
        yield error(
            "mail.subject.missing" if not values else "mail.subject.repeated", expected="1", got=got, where=where
        )
    if expected is None:
        yield error("mail.subject.no-source", expected="code/@displayName, family, given", got="-", where=where)
        return
    for value in values[:1]:
        said = " ".join(_MENTION.sub("", " ".join(value.split()), count=1).split())
        if not said.startswith(PREFIX):
            yield error("mail.subject.prefix", expected=PREFIX, got=value, where=where)
        elif not _matches(said, message, label_length(context)):
            yield error("mail.subject.differs", expected=expected, got=value, where=where)


@check(
    "mail.replaces-mention",
    source="REM-MS1-DUI Va1, SC.MSS.20.MS1; REM vague 2, MSS/va1.02 and MSS/va1.13",
    alone=False,
)
def a_replacement_says_so(subject: ReplacingMessage) -> Iterator[Finding]:
    """A message that carries a new version of a document tells its readers that it cancels and replaces.

    Pass: the subject or the wording of the message holds a mention of the kind « annule et remplace ».
    Fail: neither does.
    """
    message = subject.message
    yield from without_document(message)
    wordings = [message.header("Subject") or ""]
    if message.text_part is not None:
        wordings.append(text_in(message.text_part))
    if message.html_part is not None:
        wordings.append(html_text(text_in(message.html_part)))
    if message.fault is None and not any(_MENTIONED.search(folded(wording)) for wording in wordings):
        yield error(
            "mail.replaces-mention.missing",
            expected="annule et remplace",
            got=message.header("Subject") or "-",
            where=message.where("Subject"),
        )


def expected_subject(message: MailMessage, length: int) -> str | None:
    """The subject that the documents call for, birth date included where known; ``None`` without label or name."""
    parts = _parts(message, length)
    if parts is None:
        return None
    label, family, given, born = parts
    return " ".join(f"{PREFIX}{label} {family} {given} {born}".split())


def _parts(message: MailMessage, length: int) -> tuple[str, str, str, str] | None:
    first = message.documents[0]
    label = (first.code_label or "")[:length] if len(message.documents) == 1 else f"{len(message.documents)} documents"
    family, given = unaccented(first.birth_name or "").upper(), unaccented(first.first_name or "")
    if not (label.strip() and family and given):
        return None
    date = first.birth_date or ""
    born = f"{date[6:8]}/{date[4:6]}/{date[:4]}" if len(date) >= 8 else ""
    return label, family, given, born


def _matches(said: str, message: MailMessage, length: int) -> bool:
    parts = _parts(message, length)
    if parts is None:
        return False
    label, family, given, born = parts
    for spelt in (label, unaccented(label)):
        head = " ".join(f"{PREFIX}{spelt} {family}".split()) + " "
        rest = said.removeprefix(head)
        # The referential gives the capitals of NOM only; how a given name is capitalised is left to the product.
        if rest != said and rest.casefold() in {f"{given}".casefold(), f"{given} {born}".casefold().strip()}:
            return True
    return False
