"""Codes, times and identifiers as FHIR writes them and as XDS does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from conformance.services.fhir.outcome import FhirFault, Json
from conformance.services.fhir.reading import objects

# HL7 THO names these systems by an address, and XDS by an OID.
_ADDRESSES = {
    "http://loinc.org": "2.16.840.1.113883.6.1",
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality": "2.16.840.1.113883.5.25",
}
_OIDS = {oid: address for address, oid in _ADDRESSES.items()}
OID = "urn:oid:"
# A code, its system as XDS names it, its label.
Coded = tuple[str, str, str]


def coded(concept: Any) -> list[Coded]:
    """The codings of a CodeableConcept, of a Coding, or of a list of either."""
    found = []
    for one in objects(concept):
        for coding in objects(one.get("coding")) or objects(one):
            if coding.get("code"):
                system = str(coding.get("system", ""))
                found.append(
                    (
                        str(coding["code"]),
                        _ADDRESSES.get(system, system.removeprefix(OID)),
                        str(coding.get("display", "")),
                    )
                )
    return found


def coding(code: str, system: str) -> Json:
    """One Coding."""
    named = _OIDS.get(system, f"{OID}{system}" if system[:1].isdigit() else system)
    return {"system": named, "code": code} if named else {"code": code}


def person_of(subject: Mapping[str, Any]) -> tuple[str, str]:
    """Matricule and OID of a subject: by its identifier, or by the search that its reference is, as the draft's example has it."""
    identifier = subject.get("identifier")
    if isinstance(identifier, Mapping):
        system, value = str(identifier.get("system", "")), str(identifier.get("value", ""))
    else:
        _, _, query = str(subject.get("reference", "")).partition("Patient?identifier=")
        system, _, value = query.partition("|")
    return value, system.removeprefix(OID)


def dtm(instant: Any) -> str:
    """A date or an instant as a DTM in UTC; empty when there is none."""
    if not instant:
        return ""
    try:
        read = datetime.fromisoformat(str(instant))
    except ValueError as exc:
        raise FhirFault(400, "value", "dmp.draft.value", got=str(instant)[:100]) from exc
    return f"{read.astimezone(UTC):%Y%m%d%H%M%S}" if read.tzinfo else f"{read:%Y%m%d}"


def instant(text: str) -> str | None:
    """A DTM in UTC as FHIR writes it, to its precision; nothing when there is none."""
    if len(text) >= len("20260101000000"):
        return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}Z"
    return "-".join(part for part in (text[:4], text[4:6], text[6:8]) if part) or None
