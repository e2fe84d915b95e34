"""Whether the codes of the metadata are those of the French value sets, under their own code systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from conformance.checks.cda.tables.header_codes import FACILITY_TYPE
from conformance.checks.cda.tables.header_codes import PRACTICE_SETTING as SETTINGS
from conformance.checks.cda.tables.type_codes import TYPE_CODE as TYPES
from conformance.checks.cda.tables.value_set import ValueSet
from conformance.checks.subjects.ebrim import Coded, Submission
from conformance.checks.xds import schemes
from conformance.checks.xds.metadata import is_signature, place_of
from conformance.core.finding import Finding, Where, error

# JDV_J58: normal first, then who may not see the document (wire.md §2.6, which gives neither its OID nor a version).
NORMAL = "N"
HIDDEN = "1.2.250.1.213.1.1.4.13"
CONFIDENTIALITY = ValueSet(
    "JDV_J58",
    "",
    "",
    {
        "2.16.840.1.113883.5.25": {NORMAL: ""},
        HIDDEN: dict.fromkeys(("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"), ""),
    },
)
SETS = MappingProxyType(
    {
        "typeCode": (schemes.TYPE_CODE, TYPES),
        "healthcareFacilityTypeCode": (schemes.FACILITY, FACILITY_TYPE),
        "practiceSettingCode": (schemes.PRACTICE_SETTING, SETTINGS),
        "confidentialityCode": (schemes.CONFIDENTIALITY, CONFIDENTIALITY),
    }
)
# Attributes whose list is not held here: their code system alone is known (JDV_J57, JDV_J59; wire.md §2.6).
SYSTEMS = MappingProxyType(
    {
        "classCode": (schemes.CLASS_CODE, "1.2.250.1.213.1.1.4.1"),
        "contentTypeCode": (schemes.CONTENT_TYPE, "1.2.250.1.213.2.2"),
    }
)


def wrong_codes(submission: Submission) -> Iterator[Finding]:
    """Codes outside their value set or under another code system, and a confidentiality that does not begin with N."""
    for entry in submission.entries:
        if is_signature(entry):
            continue
        place = place_of(entry)
        for name, (scheme, known) in SETS.items():
            for coded in entry.codes(scheme):
                yield from _of_set(name, coded, known, place)
        yield from _of_system("classCode", entry.codes(schemes.CLASS_CODE), place)
        yield from _labelled(entry.classified, place)
        confidentiality = [coded.code for coded in entry.codes(schemes.CONFIDENTIALITY)]
        if confidentiality and confidentiality[0] != NORMAL:
            yield error("xds.codes.normal-first", where=place, expected=NORMAL, got=", ".join(confidentiality))
    for held in submission.sets:
        yield from _of_system("contentTypeCode", held.codes(schemes.CONTENT_TYPE), place_of(held))


def _of_set(name: str, coded: Coded, known: ValueSet, place: Where) -> Iterator[Finding]:
    where = Where(part=place.part, line=coded.line)
    if coded.code not in known:
        yield error("xds.codes.unknown", where=where, expected=known.name, got=coded.code, attribute=name)
    elif coded.scheme not in known.systems(coded.code):
        expected = ", ".join(known.systems(coded.code))
        yield error("xds.codes.system", where=where, expected=expected, got=coded.scheme, attribute=name)


def _of_system(name: str, codes: tuple[Coded, ...], place: Where) -> Iterator[Finding]:
    _, system = SYSTEMS[name]
    for coded in codes:
        if coded.scheme != system:
            where = Where(part=place.part, line=coded.line)
            yield error("xds.codes.system", where=where, expected=system, got=coded.scheme, attribute=name)


def _labelled(classified: Mapping[str, tuple[Coded, ...]], place: Where) -> Iterator[Finding]:
    """Every code has its scheme and its label (IHE ITI TF-3, 4.2.3.1.2)."""
    for scheme, codes in classified.items():
        if scheme in {schemes.ENTRY_AUTHOR, schemes.SET_AUTHOR}:
            continue
        for coded in codes:
            if not coded.scheme or not coded.label:
                where = Where(part=place.part, line=coded.line)
                missing = "codingScheme" if not coded.scheme else "Name"
                yield error("xds.codes.unlabelled", where=where, expected=missing, got=coded.code)
