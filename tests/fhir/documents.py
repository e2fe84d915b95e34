"""Small resources of ours, each valid, that tests break one thing at a time."""

import copy
from typing import Any

FR = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
TDDUI = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/"
SDO = "https://interop.esante.gouv.fr/ig/fhir/sdo/StructureDefinition/"
INPUTS = "https://interop.esante.gouv.fr/ig/fhir/sdo/CodeSystem/input-task-sdo-codesystem"
IDENTIFIER_TYPES = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"


def slot() -> dict[str, Any]:
    """A Slot of the base specification."""
    return {
        "resourceType": "Slot",
        "id": "s1",
        "schedule": {"reference": "Schedule/1"},
        "status": "free",
        "start": "2026-03-01T09:00:00+01:00",
        "end": "2026-03-01T09:30:00+01:00",
    }


def patient_ins() -> dict[str, Any]:
    """A Patient with a test INS (fr-core-patient-ins)."""
    return {
        "resourceType": "Patient",
        "id": "p1",
        "meta": {"profile": [FR + "fr-core-patient-ins"]},
        "extension": [
            {
                "url": FR + "fr-core-identity-reliability",
                "extension": [
                    {
                        "url": "identityStatus",
                        "valueCoding": {
                            "system": "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445",
                            "code": "VALI",
                        },
                    }
                ],
            },
            {
                "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
                "valueAddress": {
                    "extension": [
                        {
                            "url": FR + "fr-core-address-insee-code",
                            "valueCoding": {
                                "system": "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM",
                                "code": "63220",
                            },
                        }
                    ]
                },
            },
        ],
        "identifier": [
            {
                "use": "official",
                "type": {"coding": [{"system": IDENTIFIER_TYPES, "code": "INS-NIR"}]},
                "system": "urn:oid:1.2.250.1.213.1.4.8",
                "value": "279035121518989",
            }
        ],
        "name": [
            {
                "use": "official",
                "family": "PAT-TROIS",
                "given": ["DOMINIQUE"],
                "extension": [
                    {"url": FR + "fr-core-patient-birth-list-given-name", "valueString": "DOMINIQUE MARIE-LOUISE"}
                ],
            }
        ],
        "gender": "female",
        "birthDate": "1979-03-01",
    }


def _identified(code: str, value: str) -> dict[str, Any]:
    kinds = {"idNat_Struct": "valueIdentifier", "idDecision": "valueIdentifier", "idNat_Decision": "valueIdentifier"}
    coded = {"coding": [{"system": INPUTS, "code": code}]}
    content = {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": value} if code in kinds else value
    return {"type": coded, kinds.get(code, "valueString"): content}


def esms_task() -> dict[str, Any]:
    """The Task by which an ESMS answers a decision (SDO)."""
    return {
        "resourceType": "Task",
        "id": "t1",
        "meta": {"profile": [SDO + "esms-task"], "lastUpdated": "2026-03-01T09:00:00+01:00"},
        "status": "completed",
        "intent": "plan",
        "input": [
            _identified("idNat_Struct", "1480787529"),
            _identified("nomESMS", "ESAT des Tilleuls"),
            _identified("idDecision", "480787529-D-1"),
            _identified("idNat_Decision", "D-2026-1"),
        ],
    }


def bundle() -> dict[str, Any]:
    """A transaction of a Patient and an Observation that refers to it."""
    first, second = (f"urn:uuid:00000000-0000-4000-8000-00000000000{i}" for i in (1, 2))
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "poids"},
        "subject": {"reference": first},
    }
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": first, "resource": patient_ins(), "request": {"method": "POST", "url": "Patient"}},
            {"fullUrl": second, "resource": observation, "request": {"method": "POST", "url": "Observation"}},
        ],
    }


def document_reference() -> dict[str, Any]:
    """A DocumentReference with its data, size and hash."""
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain",
                    "data": "Ym9uam91cg==",
                    "size": 7,
                    "hash": "H3Hg9KybR82TvyaeQBerqrnTvWM=",
                }
            }
        ],
    }


def questionnaire_response() -> dict[str, Any]:
    """Answers, with the form they answer among the contained resources."""
    form = {
        "resourceType": "Questionnaire",
        "id": "form",
        "name": "Form",
        "status": "active",
        "item": [
            {"linkId": "1", "type": "string", "required": True, "maxLength": 10},
            {
                "linkId": "2",
                "type": "choice",
                "answerOption": [{"valueCoding": {"system": "urn:x", "code": c}} for c in ("A", "B")],
            },
            {"linkId": "3", "type": "group", "item": [{"linkId": "3.1", "type": "integer"}]},
            {"linkId": "4", "type": "boolean", "required": True, "enableWhen": [
                {"question": "1", "operator": "exists", "answerBoolean": True}]},
        ],
    }  # fmt: skip
    return {
        "resourceType": "QuestionnaireResponse",
        "contained": [form],
        "questionnaire": "#form",
        "status": "completed",
        "item": [
            {"linkId": "1", "answer": [{"valueString": "oui"}]},
            {"linkId": "2", "answer": [{"valueCoding": {"system": "urn:x", "code": "A"}}]},
            {"linkId": "3", "item": [{"linkId": "3.1", "answer": [{"valueInteger": 3}]}]},
            {"linkId": "4", "answer": [{"valueBoolean": True}]},
        ],
    }


def put(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with one value set (``a.0.b``); ``...`` removes it."""
    made = copy.deepcopy(document)
    *way, last = path.split(".")
    holder: Any = made
    for step in way:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    key: Any = int(last) if isinstance(holder, list) else last
    if value is ...:
        del holder[key]
    elif isinstance(holder, list) and key == len(holder):
        holder.append(value)
    else:
        holder[key] = value
    return made
