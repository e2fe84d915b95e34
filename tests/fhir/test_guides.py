"""TDDUI and SDO: one fault at a time in resources of ours, and our own rules."""

from typing import Any

import pytest

from conformance.checks.fhir.judge import bundled_validator
from conformance.checks.fhir.rules import RULES
from conformance.core.finding import Finding
from conformance.core.words import Basis, Level
from tests.fhir import documents as made

INPUT = "https://interop.esante.gouv.fr/ig/fhir/sdo/CodeSystem/input-task-sdo-codesystem"
HOUSE = "https://identifiant-medicosocial-"


def told(document: Any) -> list[Finding]:
    return bundled_validator().validate(document)


def errors(document: Any) -> set[str]:
    return {f.code for f in told(document) if f.level is Level.ERROR}


def event() -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "meta": {"profile": [made.TDDUI + "tddui-encounter-evenement"]},
        "identifier": [{"system": HOUSE + "evenement.esante.gouv.fr", "value": "3480787529/12-EVN-1"}],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HH"},
        "subject": {"reference": "Patient/1"},
        "period": {"start": "2026-03-01T09:00:00Z", "end": "2026-03-01T10:00:00Z"},
    }


def stay() -> dict[str, Any]:
    kind = "https://interop.esante.gouv.fr/ig/fhir/tddui/CodeSystem/tddui-encounter-identifier"
    return {
        "resourceType": "Encounter",
        "meta": {"profile": [made.TDDUI + "tddui-encounter-sejour"]},
        "identifier": [
            {
                "type": {"coding": [{"system": kind, "code": "SEJ", "display": "Identifiant du séjour"}]},
                "system": HOUSE + "sejour.esante.gouv.fr",
                "value": "3480787529/12-SEJOUR-1",
            }
        ],
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HH"},
        "subject": {"reference": "Patient/1"},
        "serviceProvider": {"reference": "Organization/1"},
    }


def patient() -> dict[str, Any]:
    return made.put(made.patient_ins(), "meta.profile.0", made.TDDUI + "tddui-patient-ins")


def transfer() -> dict[str, Any]:
    resources = [{**patient(), "id": "1"}, {**event(), "id": "2"}]
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [made.TDDUI + "tddui-bundle"]},
        "type": "transaction",
        "entry": [
            {
                "fullUrl": f"https://dui.test/{r['resourceType']}/{r['id']}",
                "resource": r,
                "request": {"method": "POST", "url": r["resourceType"]},
            }
            for r in resources
        ],
    }


def consent() -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "meta": {"profile": [made.SDO + "esms-consent"], "source": "urn:oid:1.2.250.1.71.4.2.2"},
        "status": "active",
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "dateTime": "2026-03-01",
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]},
        "patient": {"display": "usager"},
        "provision": {
            "data": [{"meaning": "related", "reference": {"identifier": {"use": "official", "value": "D-1"}}}]
        },
    }


def decision() -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "meta": {"profile": [made.SDO + "esms-document-reference"]},
        "identifier": [
            {"use": "usual", "system": "urn:oid:1.2.3", "value": "1"},
            {"use": "official", "system": "urn:oid:1.2.4", "value": "D-1"},
        ],
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": "57830-2"}]},
        "content": [
            {
                "attachment": {
                    "contentType": "text/xml",
                    "data": "PGEvPg==",
                    "title": "Document Individu et décision",
                }
            }
        ],
    }


def unit() -> dict[str, Any]:
    task = made.esms_task()
    contents: dict[str, dict[str, Any]] = {
        "statutUnite": {
            "valueCodeableConcept": {"coding": [{"system": "https://mos.esante.gouv.fr/NOS/TRE_R358", "code": "180"}]}
        },
        "idUnite": {"valueIdentifier": {"value": "U1"}},
        "nomUnite": {"valueString": "Unité 1"},
        "categorieOrganisation": {"valueCodeableConcept": {"coding": [{"system": "urn:x", "code": "1"}]}},
        "modePriseCharge": {"valueCodeableConcept": {"coding": [{"system": "urn:x", "code": "46"}]}},
        "dateStatutUnite": {"valueDate": "2026-03-01"},
    }
    task["input"] += [{"type": {"coding": [{"system": INPUT, "code": c}]}, **v} for c, v in contents.items()]
    return task


VALID = [event, stay, patient, transfer, consent, decision, made.esms_task]


@pytest.mark.parametrize("build", VALID)
def test_valid_resources_of_the_guides_are_accepted(build: Any) -> None:
    assert [(f.code, f.where.fhirpath, f.expected) for f in told(build()) if f.level is Level.ERROR] == []


def without(document: dict[str, Any], path: str) -> dict[str, Any]:
    return made.put(document, path, ...)


def task(path: str, value: Any) -> dict[str, Any]:
    return made.put(made.esms_task(), path, value)


FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("event without identifier", without(event(), "identifier"), "fhir.cardinality.min"),
    ("event with two identifiers", made.put(event(), "identifier.1", {"value": "a"}), "fhir.cardinality.max"),
    ("event of another system", made.put(event(), "identifier.0.system", "urn:x"), "fhir.value.pattern"),
    ("event without subject", without(event(), "subject"), "fhir.cardinality.min"),
    ("event of a place", made.put(event(), "subject.reference", "Location/1"), "fhir.reference.type"),
    ("event without period", without(event(), "period"), "fhir.cardinality.min"),
    ("event without start", without(event(), "period.start"), "fhir.cardinality.min"),
    ("event without end", without(event(), "period.end"), "fhir.cardinality.min"),
    ("event that ends first", made.put(event(), "period.end", "2026-02-01T10:00:00Z"), "fhir.invariant.error"),
    ("event of no status", without(event(), "status"), "fhir.cardinality.min"),
    ("event of a free status", made.put(event(), "status", "Réalisé"), "fhir.binding.required"),
    ("event with two places", made.put(event(), "location", [{"location": {"display": "a"}}, {"location": {"display": "b"}}]),
     "fhir.cardinality.max"),
    ("event part of a patient", made.put(event(), "partOf", {"reference": "Patient/1"}), "fhir.reference.type"),
    ("stay without identifier", without(stay(), "identifier"), "fhir.slice.min"),
    ("stay of another kind", made.put(stay(), "identifier.0.type.coding.0.code", "AUTRE"), "fhir.slice.min"),
    ("stay of another system", made.put(stay(), "identifier.0.system", "urn:x"), "fhir.value.pattern"),
    ("stay without value", without(stay(), "identifier.0.value"), "fhir.cardinality.min"),
    ("stay twice identified", made.put(stay(), "identifier.1", stay()["identifier"][0]), "fhir.slice.max"),
    ("stay without subject", without(stay(), "subject"), "fhir.cardinality.min"),
    ("stay without provider", without(stay(), "serviceProvider"), "fhir.cardinality.min"),
    ("stay provided by a patient", made.put(stay(), "serviceProvider.reference", "Patient/1"), "fhir.reference.type"),
    ("patient without reliability", without(patient(), "extension.0"), "fhir.slice.min"),
    ("patient without birth place", without(patient(), "extension.1"), "fhir.slice.min"),
    ("patient without INS", without(patient(), "identifier"), "fhir.cardinality.min"),
    ("patient with two INS", made.put(patient(), "identifier.1", patient()["identifier"][0]), "fhir.slice.max"),
    ("patient of another OID", made.put(patient(), "identifier.0.system", "urn:oid:1.2.3"), "fhir.value.pattern"),
    ("patient without birth name", without(patient(), "name"), "fhir.slice.min"),
    ("patient without given name", without(patient(), "name.0.given"), "fhir.cardinality.min"),
    ("patient with two first names", made.put(patient(), "name.0.given", ["A", "B"]), "fhir.cardinality.max"),
    ("patient without gender", without(patient(), "gender"), "fhir.cardinality.min"),
    ("patient of gender other", made.put(patient(), "gender", "other"), "fhir.binding.required"),
    ("patient without birth date", without(patient(), "birthDate"), "fhir.cardinality.min"),
    ("patient of a false status", made.put(patient(), "extension.0.extension.0.valueCoding", {"system": "urn:x", "code": "9"}), ""),
    ("transfer as a batch", made.put(transfer(), "type", "batch"), "fhir.value.pattern"),
    ("transfer that updates", made.put(transfer(), "entry.0.request", {"method": "PUT", "url": "Patient/1"}), "fhir.tddui.create-only"),
    ("transfer without request", without(transfer(), "entry.0.request"), "fhir.cardinality.min"),
    ("transfer to a profile", made.put(transfer(), "entry.1.request.url", "TDDUIEncounter"), "fhir.bundle.request-url"),
    ("transfer of anything", without(transfer(), "entry.1.resource.meta"), "fhir.tddui.entry-profile"),
    ("transfer of a faulty event", without(transfer(), "entry.1.resource.period"), "fhir.cardinality.min"),
    ("transfer with a lost reference", made.put(transfer(), "entry.1.resource.subject.reference",
     "urn:uuid:00000000-0000-4000-8000-00000000000f"), "fhir.reference.dangling"),
    ("task in progress", task("status", "in-progress"), "fhir.value.pattern"),
    ("task as an order", task("intent", "order"), "fhir.value.pattern"),
    ("task without date", without(made.esms_task(), "meta.lastUpdated"), "fhir.cardinality.min"),
    ("task without structure", without(made.esms_task(), "input.0"), "fhir.slice.min"),
    ("task without name", without(made.esms_task(), "input.1"), "fhir.slice.min"),
    ("task without decision", without(made.esms_task(), "input.2"), "fhir.slice.min"),
    ("task without national decision", without(made.esms_task(), "input.3"), "fhir.slice.min"),
    ("task without input", without(made.esms_task(), "input"), "fhir.cardinality.min"),
    ("task with two names", task("input.4", made.esms_task()["input"][1]), "fhir.slice.max"),
    ("task with a coded name", task("input.1.valueString", ...), "fhir.cardinality.min"),
    ("task of an unknown input", task("input.1.type.coding.0.code", "nom"), "fhir.slice.min"),
    ("task with a name of another type", {**made.esms_task(), "input": [
        {"type": i["type"], "valueInteger": 3} if "valueString" in i else i for i in made.esms_task()["input"]]},
     "fhir.element.type-excluded"),
    ("consent without source", without(consent(), "meta.source"), "fhir.cardinality.min"),
    ("consent of another scope", made.put(consent(), "scope.coding.0.code", "research"), "fhir.value.pattern"),
    ("consent of another category", made.put(consent(), "category.0.coding.0.code", "1-1"), "fhir.value.pattern"),
    ("consent without date", without(consent(), "dateTime"), "fhir.cardinality.min"),
    ("consent without data", without(consent(), "provision.data"), "fhir.cardinality.min"),
    ("consent on an instance", made.put(consent(), "provision.data.0.meaning", "instance"), "fhir.value.pattern"),
    ("consent of no use", made.put(consent(), "provision.data.0.reference.identifier.use", "usual"), "fhir.value.pattern"),
    ("consent of no decision", without(consent(), "provision.data.0.reference.identifier.value"), "fhir.cardinality.min"),
    ("consent without policy", without(consent(), "policyRule"), "fhir.invariant.error"),
    ("document of another type", made.put(decision(), "type.coding.0.code", "11488-4"), "fhir.sdo.document-type"),
    ("document of another title", made.put(decision(), "content.0.attachment.title", "Évaluation"), "fhir.sdo.document-title"),
    ("document without title", without(decision(), "content.0.attachment.title"), "fhir.cardinality.min"),
    ("document without type", without(decision(), "type"), "fhir.cardinality.min"),
    ("document with one identifier", without(decision(), "identifier.1"), "fhir.cardinality.min"),
    ("document without usual identifier", made.put(decision(), "identifier.0.use", "temp"), "fhir.slice.min"),
    ("document with two contents", made.put(decision(), "content.1", decision()["content"][0]), "fhir.cardinality.max"),
    ("document without content", without(decision(), "content"), "fhir.cardinality.min"),
    *[(f"unit without {name}", {**unit(), "input": [i for i in unit()["input"] if i["type"]["coding"][0]["code"] != name]},
       "fhir.sdo.unit-status") for name in ("idUnite", "nomUnite", "categorieOrganisation", "modePriseCharge", "dateStatutUnite")],
]  # fmt: skip


@pytest.mark.parametrize(("what", "document", "code"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_fault_of_a_guide_is_told(what: str, document: dict[str, Any], code: str) -> None:
    found = errors(document)
    assert code in found if code else not found, (what, sorted(found))


def test_a_complete_unit_raises_no_rule_of_ours() -> None:
    assert "fhir.sdo.unit-status" not in errors(unit())


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (made.put(event(), "identifier.0.value", "EVN-1"), "fhir.tddui.identifier-format"),
        (made.put(transfer(), "entry.1.resource.subject.reference", "Patient/9"), "fhir.tddui.reference-outside"),
        (made.put(patient(), "identifier.0.value", "279035121518900"), "fhir.ins.key"),
        (made.put(patient(), "identifier.0.value", "12"), "fhir.ins.form"),
    ],
)
def test_a_doubt_is_a_warning(document: dict[str, Any], code: str) -> None:
    found = [f for f in told(document) if f.code == code]
    assert [f.level for f in found] == [Level.WARNING]
    assert found[0].check.startswith("ig:")
    assert (found[0].basis, found[0].beyond) == (Basis.GUIDE, True)


def test_an_absence_says_why() -> None:
    slot = {
        "resourceType": "Slot",
        "meta": {"profile": [made.TDDUI + "tddui-slot-presence-absence"]},
        "serviceType": [{"coding": [{"code": "2"}]}],
    }
    assert "fhir.tddui.absence-reason" in errors(slot)
    assert "fhir.tddui.absence-reason" not in errors({**slot, "appointmentType": {"text": "congés"}})


def test_pdsm_constraints_without_expression_are_judged() -> None:
    profile = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/"
    document = {
        "resourceType": "DocumentReference",
        "meta": {"profile": [profile + "pdsm-comprehensive-document-reference"]},
        "relatesTo": [
            {"code": "replaces", "target": {"display": "a"}},
            {"code": "appends", "target": {"display": "b"}},
        ],
        "content": [{"attachment": {"url": "Binary/9"}}],
        "context": {"event": [{"coding": [{"system": "urn:x", "code": "a"}]}]},
    }
    assert {"fhir.pdsm.one-replaced", "fhir.pdsm.event-systems"} <= errors(document)
    entry = {
        "fullUrl": "https://a.test/DocumentReference/1",
        "resource": document,
        "request": {"method": "POST", "url": "DocumentReference"},
    }
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry],
              "meta": {"profile": [profile + "pdsm-comprehensive-provide-document-bundle"]}}  # fmt: skip
    assert "fhir.pdsm.content-provided" in errors(bundle)


def test_our_rules_name_guide_version_and_source() -> None:
    assert len(RULES) >= 10
    for id, rule in RULES.items():
        assert id.startswith("ig:")
        assert "#" in id.partition("/")[0]
        assert rule.source
        assert rule.function.__doc__
