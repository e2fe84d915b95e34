"""What the metadata of an archive say, against themselves and against the documents that they describe."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.cda import forms
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.identity import Identity, of_cda, of_cx
from conformance.checks.subjects.xdm import METADATA, XdmArchive
from conformance.checks.subjects.xdm_metadata import HAS_MEMBER, Entry
from conformance.checks.xdm.structure import ITI_32, where_of
from conformance.checks.xds.times import is_xds_time, same_instant, utc
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error, warning

MAPPING = "CI-SIS, correspondance des métadonnées XDS et de l'en-tête CDA ; wire.md §2.7"


@check("xdm.metadata", source=f"ebRIM 3.0 ; IHE ITI TF vol. 3, 4.2 ; {ITI_32}")
def the_metadata_read(archive: XdmArchive) -> Iterator[Finding]:
    """The archive holds metadata that read as a submission with at least one document.

    Pass: METADATA.XML parses under guard, is a SubmitObjectsRequest, and describes one document or more.
    Fail: it is missing, does not parse, is something else, or describes nothing.
    """
    metadata = archive.metadata
    if metadata is None:
        yield error("xdm.metadata.missing", where=Where(part=METADATA), expected=METADATA)
        return
    if metadata.fault:
        fault = metadata.fault
        place = Where(part=METADATA, line=fault.line, column=fault.column)
        yield error(fault.code, where=place, expected=fault.expected, got=fault.got, **fault.values)
        return
    if not metadata.entries:
        yield error("xdm.metadata.empty", where=Where(part=METADATA), expected="ExtrinsicObject")


@check("xdm.submission-set", source=f"IHE ITI TF vol. 3, 4.2.1 et 4.2.3.3 ; {ITI_32}")
def one_submission_set_holds_every_document(archive: XdmArchive) -> Iterator[Finding]:
    """One submission set, identified, has every document as a member.

    Pass: one set with its unique id, source and time, and one HasMember from it to each entry.
    Fail: no set, several, one without them, or an entry that it does not hold.
    """
    metadata = archive.metadata
    if metadata is None or metadata.fault:
        yield error("xdm.unreadable", where=Where(part=METADATA))
        return
    if len(metadata.sets) != 1:
        yield error("xdm.submission-set.count", where=Where(part=METADATA), expected="1", got=str(len(metadata.sets)))
        return
    held = metadata.sets[0]
    place = Where(part=METADATA, line=held.line)
    named = (("uniqueId", held.unique_id), ("sourceId", held.source_id), ("submissionTime", held.submitted))
    for name, value in named:
        if not value:
            yield error("xdm.submission-set.attribute", where=place, expected=name, attribute=name)
    members = {a.target for a in metadata.associations if a.type == HAS_MEMBER and a.source == held.id}
    for entry in metadata.entries:
        if entry.id not in members:
            yield error("xdm.submission-set.member", where=where_of(entry), expected=HAS_MEMBER, got=entry.id or None)


@check("xdm.patient", source=f"{MAPPING} ; MSS/CONF.24")
def one_person_everywhere(archive: XdmArchive) -> Iterator[Finding]:
    """The same person everywhere: in the set, in each entry, in each document.

    Pass: each ``patientId`` is a CX, all are the same, and it is an identifier of the ``recordTarget`` of each document.
    Fail: one is missing, malformed or different. A matricule given without its key is a warning.
    """
    metadata = archive.metadata
    if metadata is None or metadata.fault:
        yield error("xdm.unreadable", where=Where(part=METADATA))
        return
    first: Identity | None = None
    for line, value in metadata.patient_ids:
        place = Where(part=METADATA, line=line)
        person = of_cx(value)
        if person is None:
            yield error("xdm.patient.form", where=place, expected="…^^^&OID&ISO^NH", got=value)
            continue
        first = first or person
        if person != first:
            yield error("xdm.patient.several", where=place, expected="^^^&".join(first.ids[0]), got=value)
    for entry, document in _described(archive):
        person, held = of_cx(entry.patient_id), of_cda(document)
        if person is None or held.holds(person.ids[0]):
            continue
        shown = ", ".join(f"{extension} ({root})" for extension, root in held.ids)
        tell = warning if held.holds_short(person.ids[0]) else error
        yield tell("xdm.patient.differs", where=where_of(entry), expected=shown, got=entry.patient_id)


@check("xdm.unique-id", source=MAPPING)
def the_unique_id_is_that_of_the_document(archive: XdmArchive) -> Iterator[Finding]:
    """Every entry bears the identifier of its document.

    Pass: ``uniqueId`` is the ``id`` of the CDA, root or root^extension, and no two entries share one.
    Fail: it is missing, repeated, or another.
    """
    yield from _comparable(archive)
    seen: set[str] = set()
    for entry in archive.entries:
        if entry.unique_id and entry.unique_id in seen:
            yield error("xdm.unique-id.twice", where=where_of(entry), got=entry.unique_id)
        seen.add(entry.unique_id or "")
    for entry, document in _described(archive):
        if entry.unique_id is None or entry.unique_id != document.unique_id:
            place = where_of(entry)
            yield error("xdm.unique-id.differs", where=place, expected=document.unique_id, got=entry.unique_id)


@check("xdm.type-code", source=MAPPING)
def the_type_is_that_of_the_document(archive: XdmArchive) -> Iterator[Finding]:
    """Every entry bears the type of its document.

    Pass: ``typeCode`` is the ``code`` of the CDA.
    Fail: it is missing or another.
    """
    yield from _comparable(archive)
    for entry, document in _described(archive):
        if entry.type_code is None or entry.type_code != document.code:
            place = where_of(entry)
            yield error("xdm.type-code.differs", where=place, expected=document.code, got=entry.type_code)


@check("xdm.times", source=f"{MAPPING} (heures XDS en UTC, heures CDA avec décalage)")
def the_times_are_those_of_the_document(archive: XdmArchive) -> Iterator[Finding]:
    """Every entry tells the instants of its document.

    Pass: ``creationTime``, ``serviceStartTime`` and ``serviceStopTime`` are, in UTC, the instants of ``effectiveTime``
    and of the beginning and end of the principal act.
    Fail: one is missing where the document has it, is no XDS time, or is another instant.
    """
    yield from _comparable(archive)
    for entry, document in _described(archive):
        pairs = (
            ("creationTime", entry.created, document.created),
            ("serviceStartTime", entry.started, document.service_start),
            ("serviceStopTime", entry.stopped, document.service_stop),
        )
        for name, told, written in pairs:
            if written is None and told is None:
                continue
            place = where_of(entry)
            if told is None:
                yield error("xdm.times.missing", where=place, expected=utc(written), attribute=name)
            elif not is_xds_time(told):
                yield error("xdm.times.form", where=place, expected="YYYYMMDDhhmmss", got=told, attribute=name)
            elif written is not None and forms.moment(written) is not None and not same_instant(told, written):
                yield error("xdm.times.differs", where=place, expected=utc(written), got=told, attribute=name)


def _described(archive: XdmArchive) -> Iterator[tuple[Entry, CdaDocument]]:
    """Each entry with its document, where both read."""
    for entry in archive.entries:
        document = archive.document_of(entry)
        if document is not None:
            yield entry, document


def _comparable(archive: XdmArchive) -> Iterator[Finding]:
    """An archive in which no entry meets its document cannot be said to agree with it."""
    if not any(True for _ in _described(archive)):
        yield error("xdm.unreadable", where=Where(part=METADATA))
