"""The resources that the product sends: Consent (flux 2) and Task (flux 4) of the guide ans.fhir.fr.sdo 4.0.x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sins import Sins

GUIDE = "https://interop.esante.gouv.fr/ig/fhir/sdo"
INPUTS = f"{GUIDE}/CodeSystem/input-task-sdo-codesystem"
NOS = "https://mos.esante.gouv.fr/NOS"
STATUS = f"{NOS}/TRE_R357-StatutPersonnePriseCharge/FHIR/TRE-R357-StatutPersonnePriseCharge"
CATEGORY = f"{NOS}/TRE_R244-CategorieOrganisation/FHIR/TRE-R244-CategorieOrganisation"
MODE = f"{NOS}/TRE_R213-ModePriseEnCharge/FHIR/TRE-R213-ModePriseEnCharge"
# Assigning authority of structures (Struct_IdNat); the published example of Consent writes ``#`` and the number after it.
STRUCTURES = "urn:oid:1.2.250.1.71.4.2.2"
Json = dict[str, Any]


def consent(*, national: str, individual: str, structure: str, day: str, sins: Sins) -> Json:
    """The consent of an oriented person, collected on ``day`` (ISO 8601)."""
    made: Json = {
        "resourceType": "Consent",
        "meta": {
            "source": f"{STRUCTURES}#{structure}",
            "profile": [f"{GUIDE}/StructureDefinition/esms-consent"],
        },
        "status": "active",
        "scope": _coded("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        "category": [_coded("http://loinc.org", "59284-0")],
        "patient": {"identifier": {"value": individual}},
        "dateTime": day,
        "policyRule": {"text": "accord de la personne orientée"},
        "provision": {
            "data": [
                {"meaning": "related", "reference": {"identifier": {"use": "official", "value": national}}},
            ]
        },
    }
    if sins.has("forgets-when-consent-was-given"):
        del made["dateTime"]
    return made


def task(
    *,
    national: str,
    decision: str,
    structure: str,
    name: str,
    status: str,
    day: str,
    unit: Mapping[str, str],
    now: str,
    sins: Sins,
) -> Json:
    """One event of an admission; ``unit`` as the control API gives it, ``now`` an instant."""
    inputs = [
        _input("idNat_Struct", "Identifier", {"value": structure}),
        _input("nomESMS", "String", name),
        _input("statutESMS", "CodeableConcept", _coded(STATUS, status)),
        _input("dateStatutESMS", "Date", day),
        *(_unit(unit) if unit else ()),
        _input("idDecision", "Identifier", {"value": decision}),
        _input("idNat_Decision", "Identifier", {"value": national}),
    ]
    if sins.has("forgets-the-unit-of-an-admission"):
        inputs = [i for i in inputs if i["type"]["coding"][0]["code"] not in ("idUnite", "nomUnite")]
    return {
        "resourceType": "Task",
        "meta": {"lastUpdated": now, "profile": [f"{GUIDE}/StructureDefinition/esms-task"]},
        "status": "completed",
        "intent": "plan",
        "input": inputs,
    }


def _unit(unit: Mapping[str, str]) -> list[Json]:
    return [
        _input("idUnite", "Identifier", {"value": unit.get("id", "")}),
        _input("nomUnite", "String", unit.get("name", "")),
        _input("categorieOrganisation", "CodeableConcept", _coded(CATEGORY, unit.get("category", ""))),
        _input("modePriseCharge", "CodeableConcept", _coded(MODE, unit.get("mode", ""))),
        _input("statutUnite", "CodeableConcept", _coded(STATUS, unit.get("status", ""))),
        _input("dateStatutUnite", "Date", unit.get("date", "")),
    ]


def _input(code: str, type: str, value: Any) -> Json:
    return {"type": _coded(INPUTS, code), f"value{type}": value}


def _coded(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}
