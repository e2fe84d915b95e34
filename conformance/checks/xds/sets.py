"""Whether one submission set holds every document, and whether all is about one person."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.ebrim import RegistryObject, Submission
from conformance.checks.subjects.identity import Identity, of_cx
from conformance.checks.xds import schemes
from conformance.checks.xds.metadata import place_of
from conformance.checks.xds.times import is_xds_time
from conformance.core.finding import Finding, Where, error

ORIGINAL = "Original"


def wrong_set(submission: Submission, submissions: int = 1) -> Iterator[Finding]:
    """One set, identified, dated and coded, that has every entry as an original member."""
    if submissions != 1 or len(submission.sets) != 1:
        got = str(len(submission.sets)) if submissions == 1 else f"{submissions} SubmitObjectsRequest"
        yield error("xds.submission-set.count", where=Where(), expected="1", got=got)
        return
    held = submission.sets[0]
    for name, said in _attributes(held):
        if not said:
            yield error("xds.submission-set.attribute", where=place_of(held), expected=name, attribute=name)
    submitted = held.slot("submissionTime")
    if submitted and not is_xds_time(submitted):
        yield error(
            "xds.metadata.form",
            where=place_of(held),
            expected="YYYYMMDDhhmmss",
            got=submitted[:200],
            attribute="submissionTime",
        )
    members = {a.target: a for a in submission.associations if a.type == schemes.HAS_MEMBER and a.source == held.id}
    for entry in submission.entries:
        membership = members.get(entry.id)
        if membership is None:
            yield error("xds.submission-set.member", where=place_of(entry), expected=schemes.HAS_MEMBER)
        elif ORIGINAL not in membership.slots.get("SubmissionSetStatus", ()):
            status = ", ".join(membership.slots.get("SubmissionSetStatus", ())) or None
            place = Where(part=entry.id or None, line=membership.line)
            yield error("xds.submission-set.status", where=place, expected=ORIGINAL, got=status)


def _attributes(held: RegistryObject) -> Iterator[tuple[str, str | None]]:
    """What a submission set must say (IHE ITI TF-3, table 4.3.1-3)."""
    yield "uniqueId", held.identifier(schemes.SET_UNIQUE_ID)
    yield "sourceId", held.identifier(schemes.SET_SOURCE)
    yield "patientId", held.identifier(schemes.SET_PATIENT)
    yield "submissionTime", held.slot("submissionTime")
    yield "contentTypeCode", next((coded.code for coded in held.codes(schemes.CONTENT_TYPE)), None)


def several_persons(submission: Submission) -> Iterator[Finding]:
    """Every ``patientId`` is a CX, and all are of one person."""
    first: Identity | None = None
    for owner, scheme in _owners(submission):
        value = owner.identifier(scheme)
        if value is None:
            continue
        person = of_cx(value)
        if person is None:
            yield error("xds.patient.form", where=place_of(owner), expected="…^^^&OID&ISO^NH", got=value[:200])
            continue
        first = first or person
        if person != first:
            yield error(
                "xds.patient.several", where=place_of(owner), expected="^^^&".join(first.ids[0]), got=value[:200]
            )


def _owners(submission: Submission) -> Iterator[tuple[RegistryObject, str]]:
    yield from ((held, schemes.SET_PATIENT) for held in submission.sets)
    yield from ((entry, schemes.ENTRY_PATIENT) for entry in submission.entries)
