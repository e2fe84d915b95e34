"""The FHIR resources that the SI-SDO answers with.

Source: IG ans.fhir.fr.sdo 4.0.x, profiles esms-document-reference, esms-task and the two bundles; FHIR R4 §3.1.1
(searchset), §3.1.0.1.4 (OperationOutcome).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

GUIDE = "https://interop.esante.gouv.fr/ig/fhir/sdo"
LOINC = "http://loinc.org"
DECISION, EVALUATION = "57830-2", "51848-0"
TITLES = {DECISION: "Document Individu et décision", EVALUATION: "Document évaluation"}
DISPLAYS = {DECISION: "Admission request Document", EVALUATION: "Evaluation note"}
INPUTS = f"{GUIDE}/CodeSystem/input-task-sdo-codesystem"
STATUS = "https://mos.esante.gouv.fr/NOS/TRE_R357-StatutPersonnePriseCharge/FHIR/TRE-R357-StatutPersonnePriseCharge"
Json = dict[str, Any]


def document_reference(
    id: str, *, kind: str, decision: str, national: str, content: str, version: int, updated: str
) -> Json:
    """A decision (57830-2) or an evaluation (51848-0); ``content`` is the CDA in base64, ``updated`` an instant."""
    return {
        "resourceType": "DocumentReference",
        "id": id,
        "meta": {
            "versionId": str(version),
            "lastUpdated": updated,
            "profile": [f"{GUIDE}/StructureDefinition/esms-document-reference"],
        },
        "identifier": [{"use": "usual", "value": decision}, {"use": "official", "value": national}],
        "status": "current",
        "type": {"coding": [{"system": LOINC, "code": kind, "display": DISPLAYS[kind]}]},
        "content": [
            {
                "attachment": {
                    "contentType": "text/xml",
                    "language": "fr-FR",
                    "data": content,
                    "title": TITLES[kind],
                }
            }
        ],
    }


def reduced(resource: Mapping[str, Any]) -> Json:
    """A resource as ``_elements=id`` asks for it: its technical id, and the tag that says so (FHIR R4 §3.1.1.5.9)."""
    tag = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
    return {"resourceType": resource["resourceType"], "id": resource["id"], "meta": {"tag": [tag]}}


def announcement(
    id: str, *, structure: str, name: str, decision: str, national: str, status: str, updated: str, day: str
) -> Json:
    """A Task by which the SI-SDO announces a status (flux 5.2)."""

    def given(code: str, value: str, content: Any) -> Json:
        return {"type": {"coding": [{"system": INPUTS, "code": code}]}, f"value{value}": content}

    return {
        "resourceType": "Task",
        "id": id,
        "meta": {
            "versionId": "1",
            "lastUpdated": updated,
            "profile": [f"{GUIDE}/StructureDefinition/esms-task"],
        },
        "status": "completed",
        "intent": "plan",
        "input": [
            given("idNat_Struct", "Identifier", {"value": structure}),
            given("nomESMS", "String", name),
            given("idDecision", "Identifier", {"value": decision}),
            given("idNat_Decision", "Identifier", {"value": national}),
            given("statutESMS", "CodeableConcept", {"coding": [{"system": STATUS, "code": status}]}),
            given("dateStatutESMS", "Date", day),
        ],
    }


def searchset(base: str, found: Sequence[Mapping[str, Any]], *, total: int, links: Iterable[tuple[str, str]]) -> Json:
    """A page of results; ``links`` are relation and address."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links],
        "entry": [
            {
                "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
                "resource": resource,
                "search": {"mode": "match"},
            }
            for resource in found
        ],
    }


def outcome(code: str, words: str) -> Json:
    """An error: ``code`` of IssueType (FHIR R4), ``words`` for the developer who reads it."""
    issue = {"severity": "error", "code": code, "diagnostics": words}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def input_of(task: Mapping[str, Any], code: str) -> Any:
    """The value of an input of a Task by the code of its type, whatever its type; ``None`` where there is none."""
    for entry in objects(task.get("input")):
        kind = entry.get("type")
        codings = objects(kind.get("coding")) if isinstance(kind, dict) else []
        if any(coding.get("code") == code for coding in codings):
            return next((value for name, value in entry.items() if name.startswith("value")), None)
    return None


def code_of(value: Any) -> str:
    """The first code of a CodeableConcept."""
    found = objects(value.get("coding")) if isinstance(value, dict) else []
    return str(found[0].get("code", "")) if found else ""


def value_of(value: Any) -> str:
    """The value of an Identifier."""
    return str(value.get("value", "")) if isinstance(value, dict) else ""


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list that may be anything."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
