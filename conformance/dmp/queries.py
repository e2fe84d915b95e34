"""The stored queries of ITI-18 and their parameters (IHE ITI TF-2, 3.18.4.1.2.3.7).

The published material of the DMP names FindDocuments, FindDocumentsByReferenceId, GetDocuments, FindSubmissionSets,
GetAssociations and GetDocumentsAndAssociations (wire.md §2.11); the others are IHE's. It has no folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.dmp.codes import RIM
from conformance.soap.guarded import Element, text_of

FIND_DOCUMENTS: Final = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
FIND_BY_REFERENCE: Final = "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492"
FIND_SETS: Final = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
GET_ALL: Final = "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3"
GET_DOCUMENTS: Final = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
GET_ASSOCIATIONS: Final = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
GET_DOCUMENTS_AND_ASSOCIATIONS: Final = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
GET_SETS: Final = "urn:uuid:51224314-5390-4169-9b91-b1980040715a"
GET_SET_AND_CONTENTS: Final = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83"
GET_RELATED: Final = "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6"

ENTRY: Final = "$XDSDocumentEntry"
SET: Final = "$XDSSubmissionSet"
# Coded attributes of an entry that a search compares; those of AND_OR may be given in several slots, which all must be met.
CODED: Final = {
    f"{ENTRY}ClassCode": "class_code",
    f"{ENTRY}TypeCode": "type_code",
    f"{ENTRY}PracticeSettingCode": "practice_setting",
    f"{ENTRY}HealthcareFacilityTypeCode": "facility",
    f"{ENTRY}EventCodeList": "event",
    f"{ENTRY}ConfidentialityCode": "confidentiality",
    f"{ENTRY}FormatCode": "format_code",
}
TIMES: Final = ("creationTime", "serviceStartTime", "serviceStopTime")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")

# Values by name: one sequence for each slot of that name.
Given = Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """What one query asks for: the parameters it requires, those that take one value, those of which one exactly is given."""

    required: tuple[str, ...] = ()
    single: tuple[str, ...] = ()
    either: tuple[str, ...] = ()


def _bounds(prefix: str, *times: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{time[0].upper()}{time[1:]}{end}" for time in times for end in ("From", "To"))


_ENTRIES = (f"{ENTRY}PatientId", f"{ENTRY}Status")
_SINGLE = (f"{ENTRY}PatientId", *_bounds(ENTRY, *TIMES))
_ENTRY_IDS = (f"{ENTRY}EntryUUID", f"{ENTRY}UniqueId")
_SET_IDS = (f"{SET}EntryUUID", f"{SET}UniqueId")

QUERIES: Final[Mapping[str, StoredQuery]] = {
    FIND_DOCUMENTS: StoredQuery(_ENTRIES, _SINGLE),
    FIND_BY_REFERENCE: StoredQuery((*_ENTRIES, f"{ENTRY}ReferenceIdList"), _SINGLE),
    FIND_SETS: StoredQuery(
        (f"{SET}PatientId", f"{SET}Status"),
        (f"{SET}PatientId", f"{SET}AuthorPerson", *_bounds(SET, "submissionTime")),
    ),
    GET_ALL: StoredQuery(("$patientId", f"{ENTRY}Status", f"{SET}Status", "$XDSFolderStatus"), ("$patientId",)),
    GET_DOCUMENTS: StoredQuery(either=_ENTRY_IDS),
    GET_ASSOCIATIONS: StoredQuery(("$uuid",)),
    GET_DOCUMENTS_AND_ASSOCIATIONS: StoredQuery(either=_ENTRY_IDS),
    GET_SETS: StoredQuery(("$uuid",)),
    GET_SET_AND_CONTENTS: StoredQuery(single=_SET_IDS, either=_SET_IDS),
    GET_RELATED: StoredQuery(("$AssociationTypes",), _ENTRY_IDS, _ENTRY_IDS),
}


def parameters(query: Element | None) -> dict[str, list[list[str]]]:
    """The values of each slot: quoted, in parentheses where there are several (IHE ITI TF-2, 3.18.4.1.2.3.5)."""
    found: dict[str, list[list[str]]] = {}
    for slot in () if query is None else query.iterfind(f"{{{RIM}}}Slot"):
        values: list[str] = []
        for value in slot.iterfind(f"{{{RIM}}}ValueList/{{{RIM}}}Value"):
            text = text_of(value)
            quoted = [q.replace("''", "'") for q in _QUOTED.findall(text)]
            values += quoted or ([text] if text and text != "()" else [])
        found.setdefault(slot.get("name", ""), []).append(values)
    return found


def values(given: Given, name: str) -> list[str]:
    """Every value of a parameter, whichever slot it came in."""
    return [value for slot in given.get(name, ()) for value in slot]


def fault(query: StoredQuery, given: Given) -> tuple[str, str] | None:
    """The first parameter at fault and the code that says so (IHE ITI TF-3, table 4.2.4.1-2); ``None`` when all is well."""
    for name in query.required:
        if not values(given, name):
            return "XDSStoredQueryMissingParam", name
    if query.either:
        told = [name for name in query.either if values(given, name)]
        if not told:
            return "XDSStoredQueryMissingParam", query.either[0]
        if len(told) > 1:
            return "XDSStoredQueryParamNumber", told[1]
    for name in query.single:
        if len(values(given, name)) > 1:
            return "XDSStoredQueryParamNumber", name
    return None


def moment(dtm: str) -> str:
    """A DTM of any precision as its first second, which is what bounds are compared with (IHE ITI TF-3, 4.2.3.1.7)."""
    return dtm + "00000101000000"[len(dtm) :]
