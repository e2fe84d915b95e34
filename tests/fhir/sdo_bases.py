"""A fictitious orientation decision as an ESMS receives and answers it (SDO): one sound resource per profile."""

import copy
from typing import Any

from tests.fhir import documents as made

GUIDE = made.SDO
NOS = "https://mos.esante.gouv.fr/NOS/"
Json = dict[str, Any]


def nos(table: str, code: str) -> Json:
    return {"coding": [{"system": f"{NOS}TRE_{table}/FHIR/TRE-{table}", "code": code}]}


def entry(name: str, **value: Any) -> Json:
    return {"type": {"coding": [{"system": made.INPUTS, "code": name}]}, **value}


def status() -> Json:
    """The Task of an ESMS that gives its own status and that of one of its units."""
    structure = {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": "1480787529"}
    return {
        "resourceType": "Task", "id": "statut",
        "meta": {"profile": [GUIDE + "esms-task"], "lastUpdated": "2026-03-01T09:00:00+01:00"},
        "status": "completed", "intent": "plan", "description": "Essai",
        "input": [
            entry("idNat_Struct", valueIdentifier=structure),
            entry("nomESMS", valueString="Les Tilleuls"),
            entry("idDecision", valueIdentifier={"value": "480787529-D-1"}),
            entry("idNat_Decision", valueIdentifier={"value": "D-2026-1"}),
            entry("statutESMS", valueCodeableConcept=nos("R357-StatutPersonnePriseCharge", "39")),
            entry("motifESMS", valueCodeableConcept=nos("R358-MotifStatutPersonnePriseCharge", "150")),
            entry("dateStatutESMS", valueDate="2026-03-01"),
            entry("idUnite", valueIdentifier={"value": "U1"}),
            entry("nomUnite", valueString="Unité 1"),
            entry("categorieOrganisation", valueCodeableConcept=nos("R244-CategorieOrganisation", "157")),
            entry("temporaliteAccueil", valueCodeableConcept=nos("R240-TemporaliteAccueil", "02")),
            entry("accueilSequentiel", valueBoolean=False),
            entry("modePriseCharge", valueCodeableConcept=nos("R213-ModePriseEnCharge", "47")),
            entry("statutUnite", valueCodeableConcept=nos("R357-StatutPersonnePriseCharge", "180")),
            entry("dateStatutUnite", valueDate="2026-03-01"),
            entry("motifUnite", valueCodeableConcept=nos("R358-MotifStatutPersonnePriseCharge", "136")),
        ],
    }  # fmt: skip


def received() -> Json:
    """The Task as the SI-SDO gives it back (sdo-task)."""
    return made.put(status(), "meta.profile.0", GUIDE + "sdo-task")


def consent() -> Json:
    scope = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
    policy = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}
    return {
        "resourceType": "Consent", "id": "consentement",
        "meta": {"profile": [GUIDE + "esms-consent"], "source": "urn:oid:1.2.250.1.71.4.2.2"},
        "status": "active", "scope": {"coding": [scope]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "dateTime": "2026-03-01", "policyRule": {"coding": [policy]}, "patient": {"display": "usager"},
        "provision": {"data": [{"meaning": "related", "reference": {"identifier": {"use": "official", "value": "D-2026-1"}}}]},
    }  # fmt: skip


def document() -> Json:
    """The decision that an ESMS receives (esms-document-reference)."""
    attachment = {"contentType": "text/xml", "data": "Ym9uam91cg==", "size": 7, "hash": "H3Hg9KybR82TvyaeQBerqrnTvWM=",
                  "title": "Document Individu et décision"}  # fmt: skip
    return {
        "resourceType": "DocumentReference", "id": "decision", "meta": {"profile": [GUIDE + "esms-document-reference"]},
        "identifier": [{"use": "usual", "value": "480787529-D-1"}, {"use": "official", "value": "D-2026-1"}],
        "status": "current", "type": {"coding": [{"system": "http://loinc.org", "code": "57830-2"}]},
        "date": "2026-03-01T09:00:00+01:00", "content": [{"attachment": attachment}],
    }  # fmt: skip


def evaluation() -> Json:
    made_ = made.put(document(), "type.coding.0.code", "51848-0")
    return {**made.put(made_, "content.0.attachment.title", "Document évaluation"), "id": "evaluation"}


def plain_document() -> Json:
    """The document under its general profile (sdo-document-reference)."""
    return made.put(document(), "meta.profile.0", GUIDE + "sdo-document-reference")


def _found(profile: str, *resources: Json) -> Json:
    entries = [
        {"fullUrl": f"https://sdo.test/fhir/{r['resourceType']}/{r['id']}", "resource": copy.deepcopy(r),
         "search": {"mode": "match"}} for r in resources
    ]  # fmt: skip
    return {"resourceType": "Bundle", "meta": {"profile": [GUIDE + profile]}, "type": "searchset", "total": len(entries),
            "entry": entries}  # fmt: skip


def notifications() -> Json:
    return _found("esms-bundle-resultat-recherche-notification-esms", status())


def evaluations() -> Json:
    return _found("esms-bundle-resultat-recherche-decision-evaluation", document(), evaluation())


BASES = (status, received, consent, document, evaluation, plain_document, notifications, evaluations)
