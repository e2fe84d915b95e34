"""Whether the metadata are complete, and whether each attribute has its form.

Attributes that a document source must send: IHE ITI TF-3, table 4.3.1-3, column of ITI-41 (R). Those that the table
leaves optional and that every published message of the DMP carries (wire.md §2.6) are asked for as a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import MappingProxyType

from conformance.checks.cda import forms
from conformance.checks.subjects.ebrim import RegistryObject, Submission
from conformance.checks.xds import schemes
from conformance.checks.xds.times import is_xds_time
from conformance.core.finding import Finding, Where, error, warning
from conformance.core.words import Basis

CODES = MappingProxyType(
    {
        "classCode": schemes.CLASS_CODE,
        "confidentialityCode": schemes.CONFIDENTIALITY,
        "formatCode": schemes.FORMAT_CODE,
        "healthcareFacilityTypeCode": schemes.FACILITY,
        "practiceSettingCode": schemes.PRACTICE_SETTING,
        "typeCode": schemes.TYPE_CODE,
    }
)
SLOTS = ("creationTime", "languageCode", "sourcePatientId")
USUAL_SLOTS = ("legalAuthenticator", "serviceStartTime", "sourcePatientInfo")
TIMES = ("creationTime", "serviceStartTime", "serviceStopTime")
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
# An HL7 XCN and XON as CI-SIS writes them: the assigning authority is an OID (wire.md §2.6).
_XCN = re.compile(r"[^^]+\^[^^]+\^[^^]*\^\^\^\^\^\^&[0-9.]+&ISO\^[A-Z]\^\^\^[A-Z]+")
_XON = re.compile(r"[^^]+\^\^\^\^\^&[0-9.]+&ISO\^[A-Z]+\^\^\^[^^]+")
_PERSON = ("PID-5|", "PID-7|", "PID-8|")


def incomplete(submission: Submission) -> Iterator[Finding]:
    """What an entry must say and does not, then what is said in another form than its own."""
    for entry in submission.entries:
        place = place_of(entry)
        for name, present in _required(entry):
            if not present:
                yield error("xds.metadata.missing", where=place, expected=name, attribute=name)
        yield from _usual(entry, place)
        for name, value, accepts, expected in _formed(entry):
            if value is not None and not accepts(value):
                yield error("xds.metadata.form", where=place, expected=expected, got=value[:200], attribute=name)


def place_of(held: RegistryObject) -> Where:
    """The place of an object in the metadata."""
    return Where(part=held.id or None, line=held.line)


def is_signature(entry: RegistryObject) -> bool:
    """Whether an entry is the signature of the submission, which has other rules than a document."""
    return any(coded.code == schemes.SIGNATURE_FORMAT for coded in entry.codes(schemes.FORMAT_CODE))


def _required(entry: RegistryObject) -> Iterator[tuple[str, bool]]:
    yield "entryUUID", bool(entry.id)
    yield "mimeType", bool(entry.mime)
    yield "objectType", bool(entry.type)
    for name, scheme in CODES.items():
        yield name, any(coded.code for coded in entry.codes(scheme))
    for name in SLOTS:
        yield name, bool(entry.slot(name))
    yield "patientId", bool(entry.identifier(schemes.ENTRY_PATIENT))
    yield "uniqueId", bool(entry.identifier(schemes.ENTRY_UNIQUE_ID))


def _usual(entry: RegistryObject, place: Where) -> Iterator[Finding]:
    if is_signature(entry):
        return
    present = {name: bool(entry.slot(name)) for name in USUAL_SLOTS}
    present["title"] = bool(entry.name)
    present["author"] = bool(entry.codes(schemes.ENTRY_AUTHOR))
    info = entry.slots.get("sourcePatientInfo", ())
    if present["sourcePatientInfo"]:
        present |= {f"sourcePatientInfo {p[:-1]}": any(v.startswith(p) for v in info) for p in _PERSON}
    for name, there in present.items():
        if not there:
            yield warning("xds.metadata.usual", where=place, expected=name, attribute=name, basis=Basis.HYPOTHESIS)


Form = tuple[str, str | None, Callable[[str], object], str]


def _formed(entry: RegistryObject) -> Iterator[Form]:
    unique = entry.identifier(schemes.ENTRY_UNIQUE_ID)
    yield "uniqueId", unique, is_unique_id, "OID | OID^extension"
    yield "objectType", entry.type, lambda value: value == schemes.STABLE, schemes.STABLE
    yield "languageCode", entry.slot("languageCode"), _LANGUAGE.fullmatch, "fr-FR"
    for name in TIMES:
        yield name, entry.slot(name), is_xds_time, "YYYYMMDDhhmmss"
    # A symbolic id serves inside one request; a UUID serves for ever (IHE ITI TF-3, 4.1.12.1).
    if entry.id.startswith("urn:"):
        yield "entryUUID", entry.id, _UUID.fullmatch, "urn:uuid:…"
    yield (
        "legalAuthenticator",
        entry.slot("legalAuthenticator"),
        _XCN.fullmatch,
        "id^NOM^Prénom^^^^^^&OID&ISO^D^^^IDNPS",
    )
    for coded in entry.codes(schemes.ENTRY_AUTHOR):
        for value in coded.slots.get("authorPerson", ()):
            yield "authorPerson", value, _XCN.fullmatch, "id^NOM^Prénom^^^^^^&OID&ISO^D^^^IDNPS"
        for value in coded.slots.get("authorInstitution", ()):
            yield "authorInstitution", value, _XON.fullmatch, "nom^^^^^&OID&ISO^IDNST^^^id"


def is_unique_id(value: str) -> bool:
    """Whether a unique id is an OID or a UUID, with an extension or not (IHE ITI TF-3, 4.2.3.2.26)."""
    root, _, _ = value.partition("^")
    return len(value) <= 128 and forms.OID_OR_UUID.accepts(root)
