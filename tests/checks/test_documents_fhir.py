"""``conformance check`` knows FHIR by its content, in JSON and in XML, and its findings say where."""

import json

from conformance.checks.document_kinds import kind_of
from conformance.checks.documents import judge_bytes

PATIENT = {
    "resourceType": "Patient",
    "gender": "female",
    "birthDate": "1931-04-02",
    "name": [{"family": "ESSAI", "given": ["ZOE"]}],
}


def test_a_resource_is_known_in_both_forms() -> None:
    assert kind_of(json.dumps(PATIENT).encode()) == "fhir"
    assert kind_of(b'<?xml version="1.0"?><Patient xmlns="http://hl7.org/fhir"/>') == "fhir"
    assert kind_of(b'{"other": 1}') == "unknown"


def test_a_sound_resource_is_valid_and_named() -> None:
    judged = judge_bytes(json.dumps(PATIENT).encode())
    assert (judged.kind, judged.valid) == ("fhir:Patient", True)


def test_a_wrong_code_is_told_at_its_place() -> None:
    judged = judge_bytes(json.dumps({**PATIENT, "gender": "femme"}).encode())
    errors = [f for f in judged.findings if str(f.level) == "error"]
    assert not judged.valid
    assert [f.where.fhirpath for f in errors] == ["Patient.gender"]
    assert errors[0].got == "femme"


def test_what_does_not_read_is_a_finding() -> None:
    judged = judge_bytes(b'{"resourceType": "Patient", ')
    assert (judged.kind, judged.valid) == ("fhir", False)
