"""Findings that no fault of a guide raises: the base specification, what is doubtful, what cannot be judged."""

from typing import Any

import pytest
from conformance._bundled.fixtures.fhir import medicosocial, sharing

from conformance.checks.fhir.judge import bundled_validator, judge_fhir
from conformance.core.words import Level
from tests.fhir import documents as made

OUTSIDE = {"url": "https://autre.test/extension", "valueBoolean": True}
LATER = {"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Slot.x", "valueBoolean": True}


def inside(*resources: dict[str, Any], named: str = "#p") -> dict[str, Any]:
    return {"resourceType": "Slot", "contained": list(resources), "schedule": {"reference": named}, "status": "free",
            "start": "2026-03-01T09:00:00Z", "end": "2026-03-01T09:00:00Z"}  # fmt: skip


def agenda(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Schedule", "actor": [{"display": "a"}], **members}


def found(**members: Any) -> dict[str, Any]:
    entry = {"fullUrl": "https://a.test/Slot/s1", "resource": {**made.slot(), **members}}
    return {"resourceType": "Bundle", "type": "searchset", "entry": [entry]}


CASES: list[tuple[str, Level, Any]] = [
    ("primitive.long", Level.ERROR, {**made.slot(), "comment": "x" * (1024 * 1024 + 1)}),
    ("extension.undefined", Level.WARNING, {**made.slot(), "extension": [OUTSIDE]}),
    ("not-checkable.extension", Level.INFO, {**made.slot(), "extension": [OUTSIDE]}),
    ("not-checkable.extension-version", Level.INFO, {**made.slot(), "extension": [LATER]}),
    ("extension.unknown", Level.ERROR, {**made.slot(), "extension": [
        {"url": made.TDDUI.replace("https", "http") + "tddui-facturation", "valueBoolean": True}]}),
    ("profile.unknown", Level.WARNING, {**made.slot(), "meta": {"profile": [made.TDDUI + "tddui-creneau"]}}),
    ("tddui.reference-outside", Level.WARNING, made.put(medicosocial.transfer(), "entry.1.resource.subject.reference",
                                                        "https://dui.test/fhir/Patient/absent")),
    ("extension.context", Level.ERROR, {**medicosocial.decision(), "extension": [
        {"url": made.TDDUI + "tddui-meal", "valueBoolean": True}]}),
    ("binding.extensible", Level.WARNING, {**made.slot(), "identifier": [{"type": {"coding": [{"system": "urn:x", "code": "a"}]}}]}),
    ("binding.preferred", Level.INFO, {**made.slot(), "serviceCategory": [{"coding": [{"system": "urn:x", "code": "a"}]}],
                                       "appointmentType": {"coding": [{"system": "urn:x", "code": "a"}]}}),
    ("reference.conditional", Level.ERROR, found(schedule={"reference": "Schedule?identifier=a"})),
    ("reference.conditional", Level.WARNING, {**made.slot(), "schedule": {"reference": "Schedule?identifier=a"}}),
    ("reference.aggregation", Level.ERROR, made.put(sharing.shared(), "author.0.reference", "Practitioner/auteur")),
    ("invariant.warning", Level.WARNING, made.put({**medicosocial.decision(), "meta": {"profile": [
        made.SDO + "sdo-document-reference"]}}, "content.0.attachment.data", ...)),
    ("invariant.practice", Level.INFO, made.slot()),
    ("contained.no-id", Level.ERROR, inside(agenda(), agenda(id="p"))),
    ("contained.same-id", Level.ERROR, inside(agenda(id="p"), agenda(id="p"))),
    ("contained.nested", Level.ERROR, inside(agenda(id="p", contained=[agenda(id="q")]))),
    ("contained.meta", Level.ERROR, inside(agenda(id="p", meta={"versionId": "1"}))),
    ("not-checkable.target", Level.INFO, made.put(sharing.shared(), "subject.reference", "Patient/ailleurs")),
    ("not-checkable.invariant-precision", Level.INFO, {"resourceType": "Patient", "name": [
        {"family": "A", "period": {"start": "2026-03", "end": "2026-03-01"}}]}),
    ("not-checkable.questionnaire-condition", Level.INFO, "condition"),
]  # fmt: skip


def _undecided() -> dict[str, Any]:
    """Answers that lack a required item under a condition that has no answer."""
    response = made.questionnaire_response()
    condition = response["contained"][0]["item"][3]["enableWhen"][0]
    del condition["answerBoolean"]
    condition.update(operator=">", answerDate="2026")
    del response["item"][3]
    return response


@pytest.mark.parametrize(("code", "level", "document"), CASES, ids=[f"{c}-{level}" for c, level, _ in CASES])
def test_a_finding_is_raised_at_its_level(code: str, level: Level, document: Any) -> None:
    told = bundled_validator().validate(_undecided() if document == "condition" else document)
    assert (f"fhir.{code}", level) in {(f.code, f.level) for f in told}


@pytest.mark.parametrize(
    ("content", "code"), [(b"<Patient", "document.not-well-formed"), (b"<a/>", "fhir.read.not-fhir")]
)
def test_xml_that_does_not_read_is_told(content: bytes, code: str) -> None:
    assert [f.code for f in judge_fhir(content)] == [code]
