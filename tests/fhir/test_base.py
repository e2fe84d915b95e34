"""The base specification: one fault at a time in small resources of ours."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from conformance.checks.fhir.judge import bundled_validator, judge_fhir
from conformance.core.finding import Finding
from conformance.core.words import Level
from tests.fhir import documents as made


def findings(document: Any, level: Level = Level.ERROR) -> list[Finding]:
    return [f for f in bundled_validator().validate(document) if f.level is level]


def codes(document: Any, level: Level = Level.ERROR) -> set[str]:
    return {f.code for f in findings(document, level)}


VALID: list[Callable[[], dict[str, Any]]] = [
    made.slot,
    made.patient_ins,
    made.esms_task,
    made.bundle,
    made.document_reference,
    made.questionnaire_response,
]


@pytest.mark.parametrize("build", VALID)
def test_a_valid_resource_has_no_error_and_no_warning(build: Callable[[], dict[str, Any]]) -> None:
    assert findings(build()) == []
    assert findings(build(), Level.WARNING) == []


def slots(path: str, value: Any) -> dict[str, Any]:
    return made.put(made.slot(), path, value)


FAULTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("unknown type", slots("resourceType", "Creneau"), "fhir.resource.type", "Creneau"),
    ("abstract type", slots("resourceType", "DomainResource"), "fhir.resource.type", "DomainResource"),
    ("unknown element", slots("colour", "red"), "fhir.element.unknown", "Slot.colour"),
    ("missing element", slots("start", ...), "fhir.cardinality.min", "Slot.start"),
    ("array for one", slots("status", ["free"]), "fhir.element.single", "Slot.status"),
    ("one for array", slots("identifier", {"value": "1"}), "fhir.element.array", "Slot.identifier"),
    ("null", slots("comment", None), "fhir.element.null", "Slot.comment"),
    ("empty text", slots("comment", ""), "fhir.element.empty", "Slot.comment"),
    ("empty object", slots("meta", {}), "fhir.element.empty", "Slot.meta"),
    ("empty array", slots("identifier", []), "fhir.element.empty", "Slot.identifier"),
    ("text for object", slots("schedule", "Schedule/1"), "fhir.element.object", "Slot.schedule"),
    ("object for text", slots("comment", {"a": 1}), "fhir.primitive.type", "Slot.comment"),
    ("text for boolean", slots("overbooked", "true"), "fhir.primitive.type", "Slot.overbooked"),
    ("id with a space", slots("id", "a b"), "fhir.primitive.format", "Slot.id"),
    ("day that is not", slots("start", "2026-02-30T09:00:00Z"), "fhir.primitive.date", "Slot.start"),
    ("instant without zone", slots("start", "2026-03-01T09:00:00"), "fhir.primitive.format", "Slot.start"),
    ("code outside its list", slots("status", "libre"), "fhir.binding.required", "Slot.status"),
    ("reference to another type", slots("schedule.reference", "Patient/1"), "fhir.reference.type", "Slot.schedule"),
    ("reference to nothing", slots("schedule.reference", "#no"), "fhir.reference.contained", "Slot.schedule"),
    ("reference without type", slots("schedule.reference", "abc"), "fhir.reference.form", "Slot.schedule"),
    ("script", slots("text", {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><script/></div>'}),
     "fhir.narrative.element", "Slot.text.div"),
    ("event attribute", slots("text", {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml" onclick="a">a</div>'}),
     "fhir.narrative.attribute", "Slot.text.div"),
    ("not xhtml", slots("text", {"status": "generated", "div": "<div>a"}), "fhir.narrative.not-xhtml", "Slot.text.div"),
    ("no xhtml namespace", slots("text", {"status": "generated", "div": "<div>a</div>"}), "fhir.narrative.root", "Slot.text.div"),
    ("empty narrative", slots("text", {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"> </div>'}),
     "fhir.narrative.empty", "Slot.text.div"),
    ("unknown modifier", slots("modifierExtension", [{"url": "http://x.test/m", "valueBoolean": True}]),
     "fhir.extension.modifier-unknown", "Slot.modifierExtension[0]"),
    ("extension without content", slots("extension", [{"url": "http://x.test/m"}]), "fhir.extension.shape", "Slot.extension[0]"),
    ("relative extension url", slots("extension", [{"url": "m", "valueBoolean": True}]), "fhir.extension.url", "Slot.extension[0]"),
    ("extension of HL7 that is not", slots("extension", [{"url": "http://hl7.org/fhir/StructureDefinition/nope", "valueBoolean": True}]),
     "fhir.extension.unknown", "Slot.extension[0]"),
    ("extension of a patient", slots("extension", [{"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
     "valueAddress": {"city": "Lyon"}}]), "fhir.extension.context", "Slot.extension[0]"),
    ("contained, not referred to", slots("contained", [{"resourceType": "Patient", "id": "a"}]), "fhir.contained.unused", "Slot.contained[0]"),
    ("profile of another type", slots("meta", {"profile": ["http://hl7.org/fhir/StructureDefinition/Patient"]}), "fhir.profile.type", "Slot"),
    ("malformed urn", slots("implicitRules", "urn:uuid:1"), "fhir.primitive.format", "Slot.implicitRules"),
    ("two types of a choice", made.put(made.put(made.patient_ins(), "deceasedBoolean", True), "deceasedDateTime", "2026"),
     "fhir.element.choice", "Patient.deceased"),
    ("type a choice has not", made.put(made.patient_ins(), "deceasedString", "x"), "fhir.element.type-excluded", "Patient.deceasedString"),
    ("period ends before it starts", made.put(made.patient_ins(), "name.0.period", {"start": "2026", "end": "2025-12"}),
     "fhir.invariant.error", "Patient.name[0].period"),
    ("positiveInt at zero", made.put(made.patient_ins(), "telecom", [{"system": "phone", "value": "1", "rank": 0}]),
     "fhir.primitive.range", "Patient.telecom[0].rank"),
    ("telecom without system", made.put(made.patient_ins(), "telecom", [{"value": "1"}]), "fhir.invariant.error", "Patient.telecom[0]"),
    ("size of the data", made.put(made.document_reference(), "content.0.attachment.size", 8), "fhir.attachment.size",
     "DocumentReference.content[0].attachment.size"),
    ("hash of the data", made.put(made.document_reference(), "content.0.attachment.hash", "AAAA"), "fhir.attachment.hash",
     "DocumentReference.content[0].attachment.hash"),
    ("data that is not base64", made.put(made.document_reference(), "content.0.attachment.data", "a"), "fhir.primitive.format",
     "DocumentReference.content[0].attachment.data"),
    ("data without type", made.put(made.document_reference(), "content.0.attachment.contentType", ...), "fhir.invariant.error",
     "DocumentReference.content[0].attachment"),
    ("media type", made.put(made.document_reference(), "content.0.attachment.contentType", "texte"), "fhir.binding.required",
     "DocumentReference.content[0].attachment.contentType"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "document", "code", "where"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_fault_of_the_base_is_told_at_its_place(what: str, document: dict[str, Any], code: str, where: str) -> None:
    told = [(f.code, f.where.fhirpath) for f in findings(document)]
    assert (code, where) in told, (what, told)


BUNDLE_FAULTS: list[tuple[str, str, Any, str]] = [
    ("no request", "entry.0.request", ..., "fhir.invariant.error"),
    ("same fullUrl", "entry.1.fullUrl", "urn:uuid:00000000-0000-4000-8000-000000000001", "fhir.invariant.error"),
    ("reference to nothing", "entry.1.resource.subject.reference", "urn:uuid:00000000-0000-4000-8000-00000000000f",
     "fhir.reference.dangling"),
    ("relative fullUrl", "entry.0.fullUrl", "Patient/p1", "fhir.bundle.relative-address"),
    ("fullUrl of another", "entry.0.fullUrl", "http://a.test/Patient/p2", "fhir.bundle.other-address"),
    ("url of a profile", "entry.0.request.url", "FrPatient", "fhir.bundle.request-url"),
    ("PUT without id", "entry.0.request", {"method": "PUT", "url": "Patient"}, "fhir.bundle.request-url"),
    ("DELETE with a resource", "entry.0.request", {"method": "DELETE", "url": "Patient/1"}, "fhir.bundle.unasked-resource"),
    ("POST without a resource", "entry.0.resource", ..., "fhir.bundle.no-resource"),
    ("search in a transaction", "entry.0.search", {"mode": "match"}, "fhir.invariant.error"),
    ("response in a transaction", "entry.0.response", {"status": "201"}, "fhir.invariant.error"),
    ("subject of another type", "entry.1.resource.performer", [{"reference": "http://a.test/Slot/1"}], "fhir.reference.type"),
    ("said type", "entry.1.resource.subject", {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001", "type": "Group"},
     "fhir.reference.said-type"),
    ("fault inside an entry", "entry.0.resource.gender", "homme", "fhir.binding.required"),
    ("total in a transaction", "total", 2, "fhir.invariant.error"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "path", "value", "code"), BUNDLE_FAULTS, ids=[f[0] for f in BUNDLE_FAULTS])
def test_a_fault_of_a_transaction_is_told(what: str, path: str, value: Any, code: str) -> None:
    assert code in codes(made.put(made.bundle(), path, value)), what


def test_entries_outside_transactions_have_an_address() -> None:
    searched = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": made.slot()}]}
    assert "fhir.bundle.no-address" in codes(searched)
    assert "fhir.reference.relative" in codes(searched)


def test_references_resolve_from_the_address_of_their_entry() -> None:
    first = {
        "fullUrl": "http://a.test/fhir/Schedule/1",
        "resource": {"resourceType": "Schedule", "id": "1", "actor": [{"display": "a"}]},
    }
    second = {"fullUrl": "http://a.test/fhir/Slot/s1", "resource": made.slot()}
    searched = {"resourceType": "Bundle", "type": "searchset", "entry": [first, second]}
    assert findings(searched) == []


QUESTIONS: list[tuple[str, str, Any, str]] = [
    ("unknown question", "item.0.linkId", "9", "fhir.questionnaire.unknown"),
    ("required, unanswered", "item.0", ..., "fhir.questionnaire.required"),
    ("answered twice", "item.0.answer", [{"valueString": "a"}, {"valueString": "b"}], "fhir.questionnaire.repeated"),
    ("asked twice", "item.4", {"linkId": "1", "answer": [{"valueString": "a"}]}, "fhir.questionnaire.repeated"),
    ("type of the answer", "item.0.answer.0", {"valueInteger": 1}, "fhir.questionnaire.type"),
    ("too long", "item.0.answer.0", {"valueString": "x" * 11}, "fhir.value.length"),
    ("not an option", "item.1.answer.0.valueCoding.code", "C", "fhir.questionnaire.option"),
    ("answer to a group", "item.2.answer", [{"valueString": "a"}], "fhir.questionnaire.not-a-question"),
    ("inside a group", "item.2.item.0.answer.0", {"valueString": "3"}, "fhir.questionnaire.type"),
]


@pytest.mark.parametrize(("what", "path", "value", "code"), QUESTIONS, ids=[q[0] for q in QUESTIONS])
def test_answers_follow_their_questionnaire(what: str, path: str, value: Any, code: str) -> None:
    assert code in codes(made.put(made.questionnaire_response(), path, value)), what


def test_an_unknown_questionnaire_is_not_checkable() -> None:
    response = made.put(made.questionnaire_response(), "questionnaire", "http://x.test/q")
    assert "fhir.not-checkable.questionnaire" in codes(response, Level.INFO)


def test_what_cannot_be_judged_is_named() -> None:
    asked = slots("meta", {"profile": ["http://x.test/unknown", made.TDDUI + "tddui-patient|9.9"]})
    told = {f.code: f for f in findings(asked, Level.INFO)}
    assert told["fhir.not-checkable.profile"].values["subject"] == "http://x.test/unknown"
    assert "2.3.0" in str(told["fhir.not-checkable.profile-version"].values["detail"])
    insee = findings(made.patient_ins(), Level.INFO)
    assert any(f.code == "fhir.not-checkable.code-list-partial" for f in insee)
    referring = made.put(made.document_reference(), "content.0.attachment.data", ...)
    assert "fhir.not-checkable.attachment" in codes(referring, Level.INFO)


def test_a_profile_may_be_asked_beside_those_declared() -> None:
    profile = made.FR + "fr-core-patient-ins"
    bare = {"resourceType": "Patient", "id": "a"}
    assert findings(bare) == []
    assert any(f.level is Level.ERROR for f in bundled_validator().validate(bare, profiles=[profile]))


def test_a_document_is_not_changed_and_the_answer_is_the_same_twice() -> None:
    document = made.bundle()
    before = json.dumps(document)
    first = bundled_validator().validate(document)
    assert bundled_validator().validate(document) == first
    assert json.dumps(document) == before


def test_depth_is_bounded() -> None:
    deep: dict[str, Any] = {"url": "http://x.test/e", "valueBoolean": True}
    for _ in range(300):
        deep = {"url": "http://x.test/e", "extension": [deep]}
    assert codes(slots("extension", [deep])) == {"fhir.resource.depth"}
    assert [f.code for f in judge_fhir(b"[" * 100_000)] == ["fhir.read.too-deep"]


def test_findings_are_told_in_both_languages_with_their_check() -> None:
    found = judge_fhir(
        json.dumps(slots("status", "libre")).encode(),
    )
    bad = next(f for f in found if f.code == "fhir.binding.required")
    assert bad.check == "fhir.r4"
    assert bad.message("fr") != bad.message("en")
    assert "slotstatus" in bad.message("fr")


@pytest.mark.parametrize(
    ("coding", "level"),
    [
        ({"system": "urn:ietf:bcp:47", "code": "fr-FR"}, None),
        ({"system": "urn:ietf:bcp:47", "code": "français"}, Level.ERROR),
        ({"system": "https://mos.esante.gouv.fr/NOS/TRE_G00-Langue/FHIR/TRE-G00-Langue", "code": "fr"}, Level.WARNING),
    ],
)
def test_a_ceiling_is_not_left_by_a_code_of_its_systems(coding: dict[str, str], level: Level | None) -> None:
    patient = {"resourceType": "Patient", "communication": [{"language": {"coding": [coding]}}]}
    found = [f.level for f in bundled_validator().validate(patient) if f.code == "fhir.binding.ceiling"]
    assert found == ([level] if level else [])


@pytest.mark.parametrize(
    ("request_", "code", "level"),
    [
        ({"url": "Patient/1"}, "fhir.bundle.request-url", Level.WARNING),
        ({"url": "Observation"}, "fhir.bundle.request-url", Level.ERROR),
        ({"ifNoneExist": "identifier=a|b"}, "", None),
        ({"ifNoneExist": "?identifier=a"}, "fhir.bundle.condition", Level.ERROR),
        ({"ifNoneExist": "Patient"}, "fhir.bundle.condition", Level.ERROR),
        ({"method": "PUT", "url": "Patient/p1", "ifNoneExist": "a=b"}, "fhir.bundle.condition-method", Level.ERROR),
    ],
)
def test_the_request_of_an_entry_is_judged(request_: dict[str, str], code: str, level: Level | None) -> None:
    bundle = made.bundle()
    bundle["entry"][0]["request"].update(request_)
    found = {f.code: f.level for f in bundled_validator().validate(bundle) if f.code.startswith("fhir.bundle.")}
    assert found == ({code: level} if code else {})
