"""Whether an entry tells the document that it comes with: CI-SIS mapping of the CDA header to XDS (wire.md §2.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.ebrim import RegistryObject
from conformance.checks.subjects.identity import of_cda, of_cx
from conformance.checks.xds import schemes
from conformance.checks.xds.metadata import place_of
from conformance.checks.xds.times import same_instant, utc
from conformance.core.finding import Finding, error, warning

FACILITY = "h:componentOf/h:encompassingEncounter/h:location/h:healthCareFacility/h:code"
SETTING = (
    "h:documentationOf/h:serviceEvent/h:performer/h:assignedEntity/h:representedOrganization"
    "/h:standardIndustryClassCode"
)
SIGNER = "h:legalAuthenticator/h:assignedEntity/h:id"
CODES = MappingProxyType(
    {
        "typeCode": (schemes.TYPE_CODE, "h:code"),
        "confidentialityCode": (schemes.CONFIDENTIALITY, "h:confidentialityCode"),
        "healthcareFacilityTypeCode": (schemes.FACILITY, FACILITY),
        "practiceSettingCode": (schemes.PRACTICE_SETTING, SETTING),
    }
)


def incoherent(entries: Sequence[RegistryObject], documents: Mapping[str, CdaDocument]) -> Iterator[Finding]:
    """What an entry and its document both say, and say differently."""
    for entry in entries:
        document = documents.get(entry.id)
        if document is None:
            continue
        for name, told, written in _pairs(entry, document):
            if told is not None and written is not None and told != written:
                yield error("xds.coherence.differs", where=place_of(entry), expected=written, got=told, attribute=name)
        yield from _times(entry, document)
        yield from _patient(entry, document)


def _pairs(entry: RegistryObject, document: CdaDocument) -> Iterator[tuple[str, str | None, str | None]]:
    yield "uniqueId", entry.identifier(schemes.ENTRY_UNIQUE_ID), document.unique_id
    yield "title", _folded(entry.name), document.title
    yield "languageCode", entry.slot("languageCode"), document.language
    for name, (scheme, path) in CODES.items():
        element = document.first(path)
        told = next((coded.code for coded in entry.codes(scheme)), None)
        yield name, told, None if element is None else element.get("code")
    signer = document.first(SIGNER)
    told = (entry.slot("legalAuthenticator") or "").partition("^")[0] or None
    yield "legalAuthenticator", told, None if signer is None else signer.get("extension")


def _times(entry: RegistryObject, document: CdaDocument) -> Iterator[Finding]:
    pairs = (
        ("creationTime", document.created),
        ("serviceStartTime", document.service_start),
        ("serviceStopTime", document.service_stop),
    )
    for name, written in pairs:
        told = entry.slot(name)
        if told and written and not same_instant(told, written):
            place = place_of(entry)
            yield error("xds.coherence.differs", where=place, expected=utc(written), got=told, attribute=name)


def _patient(entry: RegistryObject, document: CdaDocument) -> Iterator[Finding]:
    person, held = of_cx(entry.identifier(schemes.ENTRY_PATIENT)), of_cda(document)
    if person is None or held.holds(person.ids[0]):
        return
    shown = ", ".join(f"{extension} ({root})" for extension, root in held.ids)
    tell = warning if held.holds_short(person.ids[0]) else error
    got = " ".join(person.ids[0])
    yield tell("xds.coherence.differs", where=place_of(entry), expected=shown, got=got, attribute="patientId")


def _folded(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split())
