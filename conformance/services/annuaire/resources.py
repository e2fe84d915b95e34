"""Directory entries as the public-data profiles of the guide (as-dp-*, 1.2.0-snapshot-2, over fr-core 2.2.0)."""

from __future__ import annotations

from typing import Any

from conformance.services.annuaire.professional import Professional

Resource = dict[str, Any]

GUIDE = "1.2.0-snapshot-2"
FR_CORE = "2.2.0"
SOURCE = "https://annuaire.esante.gouv.fr"
# The day the fictitious directory says of all its entries.
UPDATED = "2026-01-01T01:00:00.000+01:00"
_AS = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition"
_HL7_FR = "https://hl7.fr/ig/fhir/core"
_NOS = "https://mos.esante.gouv.fr/NOS"
IDNPS, IDNST = "urn:oid:1.2.250.1.71.4.2.1", "urn:oid:1.2.250.1.71.4.2.2"
RPPS, FINESS = "https://rpps.esante.gouv.fr", "https://finess.esante.gouv.fr"


def practitioner(professional: Professional) -> Resource:
    """``as-dp-practitioner``."""
    made = _resource("Practitioner", professional.practitioner_id, "practitioner", "practitioner")
    made["identifier"] = [
        _identifier("IDNPS", IDNPS, professional.identifier),
        _identifier("RPPS", RPPS, professional.rpps),
    ]
    made["active"] = True
    name = {"use": "usual", "family": professional.family, "given": [professional.given]}
    made["name"] = [{**name, "prefix": [professional.civility]}]
    if professional.mailbox:
        made["telecom"] = [_mailbox(professional.mailbox, "PER")]
    made["qualification"] = [
        {"code": {"coding": [_nos("TRE_R48-DiplomeEtatFrancais", "DE05"), _nos("TRE_R14-TypeDiplome", "DE")]}},
        {
            "code": {
                "coding": [
                    _nos("TRE_G15-ProfessionSante", professional.profession),
                    _nos("TRE_R09-CategorieProfessionnelle", "C"),
                ]
            }
        },
    ]
    if professional.specialty:
        skill = [_nos("TRE_R38-SpecialiteOrdinale", professional.specialty), _nos("TRE_R04-TypeSavoirFaire", "S")]
        made["qualification"].append({"code": {"coding": skill}})
    return made


def practitioner_role(professional: Professional) -> Resource:
    """``as-dp-practitionerrole``: the professional at the structure."""
    made = _resource("PractitionerRole", professional.role_id, "practitioner-role", "practitionerrole")
    made["identifier"] = [{"system": RPPS, "value": f"{professional.rpps}-{professional.finess}"}]
    made["active"] = True
    made["practitioner"] = {"reference": f"Practitioner/{professional.practitioner_id}"}
    made["organization"] = {"reference": f"Organization/{professional.organization_id}"}
    made["code"] = [
        {"coding": [_nos("TRE_R22-GenreActivite", "GENR01")]},
        {"coding": [_nos("TRE_R23-ModeExercice", "S")]},
    ]
    return made


def organization(professional: Professional) -> Resource:
    """``as-dp-organization``: the structure where the professional works."""
    made = _resource("Organization", professional.organization_id, "organization", "organization")
    made["identifier"] = [
        _identifier("IDNST", IDNST, f"1{professional.finess}"),
        _identifier("FINEG", FINESS, professional.finess),
    ]
    made["active"] = True
    made["type"] = [
        _type("organizationType", f"{_HL7_FR}/CodeSystem/fr-core-cs-v2-3307", "GEOGRAPHICAL-ENTITY"),
        _type("secteurActiviteRASS", _system("TRE_R02-SecteurActivite"), professional.sector),
    ]
    made["name"] = professional.structure or professional.finess
    if professional.city and professional.postal_code:
        made["address"] = [{"city": professional.city, "postalCode": professional.postal_code}]
    return made


def _resource(type: str, id: str, core: str, public: str) -> Resource:
    profiles = [
        f"{_HL7_FR}/StructureDefinition/fr-core-{core}|{FR_CORE}",
        f"{_AS}/as-dp-{public}|{GUIDE}",
    ]
    meta = {"versionId": "1", "lastUpdated": UPDATED, "source": SOURCE, "profile": profiles}
    return {"resourceType": type, "id": id, "meta": meta, "language": "fr"}


def _identifier(code: str, system: str, value: str) -> Resource:
    coding = {"system": f"{_HL7_FR}/CodeSystem/fr-core-cs-v2-0203", "code": code}
    return {"use": "official", "type": {"coding": [coding]}, "system": system, "value": value}


def _mailbox(address: str, kind: str) -> Resource:
    return {
        "extension": [
            {
                "url": f"{_HL7_FR}/StructureDefinition/fr-core-contact-point-email-type",
                "valueCoding": _nos("TRE_R256-TypeMessagerie", "MSSANTE"),
            },
            {
                "url": f"{_AS}/as-ext-mailbox-mss-metadata",
                "extension": [{"url": "type", "valueCodeableConcept": {"coding": [_nos("TRE_R257-TypeBAL", kind)]}}],
            },
        ],
        "system": "email",
        "value": address,
    }


def _type(slot: str, system: str, code: str) -> Resource:
    extension = {"url": f"{_AS}/as-ext-organization-types", "valueCode": slot}
    return {"extension": [extension], "coding": [{"system": system, "code": code}]}


def _nos(name: str, code: str) -> Resource:
    return {"system": _system(name), "code": code}


def _system(name: str) -> str:
    table, _, words = name.partition("-")
    return f"{_NOS}/{name}/FHIR/{table.replace('_', '-', 1)}-{words}"
