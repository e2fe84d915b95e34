"""Checks on what a product says that it made of what it received.

They rest on its own word, so that the requirements they serve stay for a person to conclude on; what they find wrong
beside what was delivered is a fault all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.mail.common import folded
from conformance.checks.subjects.reception import DocumentKeptApart, FiledDocument, ReadBack
from conformance.checks.subjects.reception_kept import DeniedDocument, KeptSheet
from conformance.checks.subjects.reception_lists import (
    WAYS,
    CountedLoad,
    ListedDocument,
    ListedMessage,
    UnreadMark,
    UnreadPeriod,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error

PREFIX = "XDM/1.0/DDM+"
TRAITS = ("birth_name", "first_name", "matricule")


@check("reception.filed", source="REM vague 2, MSS/UX.07, MSS/UX.39, MSS/CONF.24", alone=False)
def a_document_is_in_the_record_of_its_person(received: FiledDocument) -> Iterator[Finding]:
    """A document whose INS is that of a qualified person, trait for trait, is in the record of that person, once.

    Pass: the record lists it once, with the hash of what was delivered where the product gives one; no other record
    that was read lists it.
    Fail: it is not there, is there several times, is altered, or is in another record.
    """
    person = str(received.expectation.get("person"))
    for other, documents in received.filed.items():
        if documents and other != person:
            yield error("reception.filed.elsewhere", expected=person, got=other, document=received.unique_id)
    if person not in received.filed:
        return
    mine = received.filed[person]
    if len(mine) != 1:
        code = "reception.filed.several" if mine else "reception.filed.absent"
        yield error(code, expected="1", got=str(len(mine)), document=received.unique_id, person=person)
    first = received.unique_id == received.expectation.get("unique_id")
    expected = str(received.expectation.get("sha256") or "")
    for document in mine if first and expected else ():
        if document.get("sha256") and document["sha256"] != expected:
            yield error(
                "reception.filed.altered",
                expected=expected,
                got=str(document["sha256"]),
                document=received.unique_id,
            )


@check("reception.kept-apart", source="REM vague 2, MSS/UX.07, MSS/UX.09, SSI/GEN.08", alone=False)
def a_doubtful_document_is_in_no_record(received: DocumentKeptApart) -> Iterator[Finding]:
    """A document that matches nobody for sure, or that is refused, is in no record before a person decides.

    Pass: no record that was read lists it; what waits for a person is in the work list, and pending there.
    Fail: a record lists it, or what should wait does not.
    """
    for person, documents in received.filed.items():
        if documents:
            yield error("reception.kept-apart.filed", expected="-", got=person, document=received.unique_id)
    if received.expectation.get("then") == "pending" and received.items is not None:
        states = sorted({str(i.get("state")) for i in received.items})
        if "pending" not in states:
            got = ", ".join(states) or "-"
            yield error("reception.kept-apart.unlisted", expected="pending", got=got, document=received.unique_id)


@check("reception.denial-shown", source="SC.INS.48; guide d'implémentation INS, règle 55", alone=False)
def a_denial_is_shown(denied: DeniedDocument) -> Iterator[Finding]:
    """The work list points out the documents whose identity INSi denied, and no other.

    Pass: ``ins_denied`` is true for them and false for those that INSi confirmed.
    Fail: the contrary. A product that does not give that member is left to a person.
    """
    for item in denied.items or ():
        shown = item.get("ins_denied")
        if isinstance(shown, bool) and shown != denied.denied:
            got, unique_id = str(shown), denied.unique_id
            yield error("reception.denial-shown.other", expected=str(denied.denied), got=got, document=unique_id)


@check("reception.unaltered", source="REM vague 2, CDA/INT.15", alone=False)
def a_received_document_is_kept_as_it_came(back: ReadBack) -> Iterator[Finding]:
    """A received CDA, read back from the record, is byte for byte the one that was delivered.

    Pass: same SHA-256.
    Fail: another one.
    """
    if back.sha256 != back.expected:
        yield error("reception.unaltered.altered", expected=back.expected, got=back.sha256, document=back.unique_id)


@check("reception.style-sheet", source="REM vague 2, CDA/INT.15", alone=False)
def the_style_sheet_is_kept(sheet: KeptSheet) -> Iterator[Finding]:
    """The style sheet that a producer put around a document comes back with it, unchanged.

    Pass: the same instructions, in the same order.
    Fail: no style sheet comes back, or another one.
    """
    if sheet.kept != sheet.delivered:
        code = "reception.style-sheet.other" if sheet.kept else "reception.style-sheet.lost"
        expected, got = str(len(sheet.delivered)), str(len(sheet.kept))
        yield error(code, expected=expected, got=got, document=sheet.unique_id)


@check("reception.columns", source="REM-MS1-DUI Va1, SC.MSS.26.MS1", alone=False)
def the_work_list_says_what_the_header_says(listed: ListedDocument) -> Iterator[Finding]:
    """The work list shows title, type, date, version and author as the header of the received CDA gives them.

    A member that the product does not give is left to a person.
    Pass: each member given is that of the header.
    Fail: one of them is not.
    """
    item, document = listed.item, listed.document
    family = document.first("h:author/h:assignedAuthor/h:assignedPerson/h:name/h:family")
    pairs = (
        ("title", item.get("title"), document.title),
        ("type_code", item.get("type_code"), document.code),
        ("version", item.get("version"), document.version),
    )
    for member, shown, written in pairs:
        if shown and written is not None and str(shown).strip() != str(written).strip():
            yield error("reception.columns.other", expected=str(written), got=str(shown), member=member)
    created, date = str(item.get("created") or ""), (document.created or "")[:8]
    if re.match(r"\d{4}-?\d\d-?\d\d", created) and re.sub(r"\D", "", created)[:8] != date:
        yield error("reception.columns.other", expected=date, got=created, member="created")
    name = (family.text or "").strip() if family is not None else ""
    if item.get("author") and name and folded(name) not in folded(str(item["author"])):
        yield error("reception.columns.other", expected=name, got=str(item["author"]), member="author")


@check("reception.unread", source="REM vague 2, MSS/UX.40; REM-MS1-DUI Va1, SC.MSS.26.MS1", alone=False)
def the_list_of_unread_documents_is_right(mark: UnreadMark) -> Iterator[Finding]:
    """A document filed of itself is unread until somebody opens it, and no longer after.

    Pass: the work list says unread what nobody opened, and not what was opened.
    Fail: the contrary of either.
    """
    if mark.unread == mark.opened:
        code = "reception.unread.still" if mark.opened else "reception.unread.missing"
        yield error(code, expected=str(not mark.opened), got=str(mark.unread), document=mark.unique_id)


@check("reception.unread-period", source="REM vague 2, MSS/UX.40", alone=False)
def the_list_of_unread_documents_follows_its_period(period: UnreadPeriod) -> Iterator[Finding]:
    """The list of documents filed of themselves and not yet read is that of the period asked.

    Pass: a period that had begun lists the unread documents of the window; one to come lists none of them.
    Fail: a document is missing, or one is listed outside the period.
    """
    if missing := period.unread - period.listed if period.begun else frozenset():
        yield error("reception.unread-period.missing", expected=period.since, got=", ".join(sorted(missing)))
    if period.listed and not period.begun:
        yield error("reception.unread-period.beyond", expected=period.since, got=", ".join(sorted(period.listed)))


@check("reception.counts", source="REM vague 2, MSS/UX.16", alone=False)
def what_was_received_is_counted(load: CountedLoad) -> Iterator[Finding]:
    """The counts by type grow by what was received: filed of itself, filed by hand, still waiting.

    Pass: between the two readings, each count grew as the known load says.
    Fail: one of them did not.
    """
    for code, row in load.expected.items():
        for way in WAYS:
            got = load.grown.get(code, {}).get(way, 0)
            if got != row.get(way):
                yield error("reception.counts.other", expected=str(row.get(way)), got=str(got), type_code=code, way=way)


@check("reception.archive-flagged", source="REM vague 2, MSS/UX.01", alone=False)
def a_message_with_an_archive_is_recognised(message: ListedMessage) -> Iterator[Finding]:
    """The list of received messages tells which carry an IHE_XDM archive.

    Pass: ``with_archive`` is true for those and false for the others.
    Fail: it is wrong for one of them.
    """
    shown = message.row.get("with_archive")
    if isinstance(shown, bool) and message.archive is not None and shown != message.archive:
        yield error("reception.archive-flagged.other", expected=str(message.archive), got=str(shown), what=_id(message))


@check("reception.prefix-hidden", source="Référentiel socle MSSanté #2 v1.0, ECO.3.1.3 (MSS/UX.28)", alone=False)
def the_technical_prefix_is_hidden(message: ListedMessage) -> Iterator[Finding]:
    """The subject shown has no technical prefix, and keeps the rest.

    Pass: what is shown is the subject delivered, without ``XDM/1.0/DDM+`` where it began so.
    Fail: the prefix shows, or the rest is lost.
    """
    shown = str(message.row.get("subject") or "")
    rest = message.subject.removeprefix(PREFIX)
    if PREFIX in shown or folded(rest) not in folded(" ".join(shown.split())):
        yield error("reception.prefix-hidden.shown", expected=rest, got=shown)


@check(
    "reception.people-told-apart",
    source="Référentiel socle MSSanté #2 v1.0, ECO.3.1.1 and ECO.3.1.2 (MSS/UX.25, MSS/UX.31)",
    alone=False,
)
def persons_and_professionals_are_told_apart(message: ListedMessage) -> Iterator[Finding]:
    """The list tells messages of persons from those of professionals, and names the person who wrote.

    Pass: ``citizen`` is true for an address of Mon espace santé and false otherwise; the person shown is the one whose
    matricule makes the address.
    Fail: the contrary, or another person.
    """
    shown = message.row.get("citizen")
    if isinstance(shown, bool) and shown != message.citizen:
        yield error("reception.people-told-apart.other", expected=str(message.citizen), got=str(shown))
    if not message.citizen or message.person is None:
        return
    person = message.row.get("person")
    traits = person if isinstance(person, dict) else {}
    for trait, written in zip(TRAITS, _traits(message), strict=True):
        got = str(traits.get(trait) or "-")
        if written and not got.startswith(written):
            yield error("reception.people-told-apart.person", expected=written, got=got, trait=trait)


def _traits(message: ListedMessage) -> tuple[str, str, str]:
    person = message.person or {}
    first = next(iter(person.get("birth_first_names") or ()), "")
    return str(person.get("birth_name") or ""), str(first), str(person.get("matricule") or "")[:13]


def _id(message: ListedMessage) -> str:
    return str(message.row.get("message_id"))
