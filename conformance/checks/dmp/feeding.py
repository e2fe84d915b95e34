"""Checks on what is fed to the DMP."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.cda import forms
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.dmp import AnsweredFeeding, FedPerson, Feeding, StructuredFeeding
from conformance.checks.subjects.dmp_forbidden import ForbiddenAuthorisation, ForbiddenFeeding
from conformance.checks.subjects.dmp_order import PrecededFeeding
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.dmp import codes

# Digits of a TS that tells a day and no more.
DAY = 8


@check("dmp.fed", source="REM-MS1-DUI Va1, SC.DMP.01.MS1", alone=False)
def a_validated_document_reaches_the_dmp(feeding: Feeding) -> Iterator[Finding]:
    """A validated document is fed to the DMP without another gesture, as a CDA N1.

    Pass: an ITI-41 about the person that the DMP accepts, of the type that was validated, whose document is a CDA around
    a PDF and says so (an emergency liaison document is another check's affair).
    Fail: none came while the window was open, the DMP refused it, or the document is of another type or form.
    """
    fed = feeding.fed
    if fed is None:
        if feeding.refused:
            last = feeding.refused[-1]
            yield error("dmp.fed.refused", expected="Success", got=str(last.data.get("code")), record=last.id)
        else:
            yield error("dmp.fed.nothing", expected="ITI-41", got="-", person=str(feeding.expectation["person"]))
        return
    wanted = feeding.expectation.get("type_code")
    if wanted and fed.entry.code("type_code") != wanted:
        yield error("dmp.fed.type", expected=str(wanted), got=fed.entry.code("type_code") or "-")
    if feeding.expectation.get("body") == "n3":
        return
    document = CdaDocument.from_bytes(fed.content, evidence=feeding.evidence)
    if document.root is None or document.pdf is None:
        yield error("dmp.fed.not-n1", expected="nonXMLBody application/pdf", got="-")
    elif fed.entry.code("format_code") != codes.N1:
        yield error("dmp.fed.format", expected=codes.N1, got=fed.entry.code("format_code") or "-")


@check("dmp.structured", source="REM-MS1-DUI Va1, SC.DMP.01.MS1 ; CI-SIS, volet DLU", alone=False)
def the_liaison_document_has_coded_sections(feeding: StructuredFeeding) -> Iterator[Finding]:
    """The emergency liaison document is fed as a CDA N3.

    Pass: the document that answers has a structured body, and its entry another format than that of a PDF.
    Fail: it has none, or is announced as a PDF.
    """
    if feeding.fed is None:
        return
    document = CdaDocument.from_bytes(feeding.fed.content, evidence=feeding.evidence)
    if document.first("h:component/h:structuredBody") is None:
        yield error("dmp.structured.none", expected="structuredBody", got="nonXMLBody" if document.pdf else "-")
    elif feeding.fed.entry.code("format_code") in ("", codes.N1):
        yield error("dmp.structured.format", expected="JDV_J60", got=feeding.fed.entry.code("format_code") or "-")


@check("dmp.once", source="REM vague 2, DMP/HISTO.05, ALI/PROG.06 et .07 ; wire.md §2.13", absence=True, alone=False)
def each_document_is_fed_once(person: FedPerson) -> Iterator[Finding]:
    """Each validated document is in the DMP once, whatever happened on the way.

    Pass: as many documents accepted for the person as were validated.
    Fail: more. Fewer is another check's affair.
    """
    if len(person.came) > person.wanted:
        yield error("dmp.once.more", expected=str(person.wanted), got=str(len(person.came)))


@check("dmp.tested-first", source="wire.md §2.13 (DMP/CONF.01, DMP/CONF.02)", alone=False)
def the_record_is_tested_before_it_is_fed(feeding: PrecededFeeding) -> Iterator[Finding]:
    """Before a document is fed, the product asks whether the person has an open record.

    Pass: a TD0.2 about the person comes before the submission and says that the record is open.
    Fail: none comes, or it says something else.
    """
    tested = feeding.tested
    if tested is None:
        yield error("dmp.tested-first.none", expected="TD0.2", got="-", record=feeding.record.id)
    elif tested.data.get("state") != "open":
        yield error("dmp.tested-first.closed", expected="open", got=str(tested.data.get("state")))


@check("dmp.no-authorisation-to-feed", source="REM vague 2, DMP/CONF.05", absence=True, alone=False)
def feeding_asks_for_no_authorisation(forbidden: ForbiddenAuthorisation) -> Iterator[Finding]:
    """Feeding or deleting a document causes no request for access authorisation.

    Pass: in a closed window in which documents were fed or deleted, no TD0.3 about the person.
    Fail: one came.
    """
    for record in forbidden.breaches:
        yield error("dmp.no-authorisation-to-feed.asked", expected="-", got=str(record.data.get("action")))


@check("dmp.opposition", source="REM vague 2, DMP/CONF.09", absence=True, alone=False)
def nothing_is_fed_about_who_objects(forbidden: ForbiddenFeeding) -> Iterator[Finding]:
    """Nothing is fed to the DMP about a person who objects to it, or whose record is not open.

    Pass: in a closed window whose control was fed, no submission about the person.
    Fail: one came, whatever the DMP answered.
    """
    for record in forbidden.breaches:
        yield error("dmp.opposition.fed", expected="-", got=record.id, why=str(forbidden.expectation.get("why")))


@check("dmp.visibility", source="REM-MS1-DUI Va1, SC.DOC.02.MS1 ; JDV_J58", alone=False)
def the_entry_hides_the_document_as_was_chosen(feeding: AnsweredFeeding) -> Iterator[Finding]:
    """The entry of a fed document bears the masking that the professional chose, and no other.

    Pass: confidentiality codes are ``N`` first, then exactly the visibility codes chosen.
    Fail: one is missing, or another is there.
    """
    if feeding.fed is None:
        return
    told = [code for code, _ in feeding.fed.entry.codes["confidentiality"]]
    chosen = feeding.expectation.get("visibility")
    wanted = sorted(chosen) if isinstance(chosen, list) else []
    if told[:1] != ["N"]:
        yield error("dmp.visibility.first", expected="N", got=", ".join(told) or "-")
    if sorted(set(told) & set(codes.VISIBILITIES)) != wanted:
        yield error("dmp.visibility.differs", expected=", ".join(["N", *wanted]), got=", ".join(told) or "-")


@check("dmp.replacement", source="REM-MS1-DUI Va1, SC.DMP.02.MS1 ; IHE ITI TF vol. 3, 4.2.2.2", alone=False)
def a_corrected_document_replaces_the_former(feeding: AnsweredFeeding) -> Iterator[Finding]:
    """A corrected document takes the place of its former version in the DMP.

    Pass: the submission has one RPLC association from the entry of the document to the entry of the version before it, and
    a document that corrects nothing has none.
    Fail: the association is missing, superfluous, or names another entry.
    """
    if feeding.fed is None:
        return
    told = feeding.fed.submission.replaced_by(feeding.fed.entry)
    if not feeding.expectation.get("replaces"):
        if told:
            yield error("dmp.replacement.superfluous", expected="-", got=", ".join(told))
        return
    before = feeding.earlier[-1].entry.id if feeding.earlier else ""
    if len(told) != 1:
        yield error("dmp.replacement.none", expected=before or "RPLC", got=", ".join(told) or "-")
    elif before.startswith("urn:uuid:") and told[0] != before:
        yield error("dmp.replacement.other", expected=before, got=told[0])


@check("dmp.act-date", source="REM vague 2, DMP/HISTO.03 ; CI-SIS, correspondance XDS et CDA", alone=False)
def a_document_is_dated_of_its_act(feeding: AnsweredFeeding) -> Iterator[Finding]:
    """A document is dated of the act that it tells, not of its sending.

    Pass: ``serviceStartTime`` is, in UTC, the instant of the act that the scenario gave, and so is the CDA's; either may tell
    the day alone.
    Fail: it is missing or another.
    """
    if feeding.fed is None:
        return
    act = forms.moment(_hl7(str(feeding.expectation.get("act_date", ""))))
    wanted = act.utc if act else ""
    told = feeding.fed.entry.slot("serviceStartTime")
    if not of_the_act(act, told):
        yield error("dmp.act-date.entry", expected=wanted, got=told or "-")
    document = CdaDocument.from_bytes(feeding.fed.content, evidence=feeding.evidence)
    written = document.service_start if document.root is not None else None
    if not of_the_act(act, written):
        yield error("dmp.act-date.document", expected=wanted, got=document.service_start or "-")


def of_the_act(act: forms.Moment | None, told: str | None) -> bool:
    """Whether a time (HL7 TS, in UTC without offset) is that of an act to the minute, or tells no more than its day.

    Where only the day is told, that of the place of the act is as good as that of UTC.
    """
    said = forms.moment(told)
    if act is None or said is None:
        return False
    if said.digits <= DAY:
        written = said.at.strftime("%Y%m%d")
        return said.digits == DAY and written in (act.utc[:DAY], act.at.strftime("%Y%m%d"))
    return act.utc.startswith(said.utc[:12])


def _hl7(iso: str) -> str:
    """An ISO 8601 instant with its offset as an HL7 TS."""
    return iso.replace("-", "", 2).replace("T", "").replace(":", "").split(".")[0]
