"""A fictitious user's file as TDDUI transfers it: one resource per profile of the guide, and their transaction.

Every resource is sound: tests break one thing at a time. References are relative, and name an entry of the transaction.
"""

import copy
from typing import Any

from tests.fhir import documents as made

GUIDE = made.TDDUI
SYSTEMS = "https://interop.esante.gouv.fr/ig/fhir/tddui/CodeSystem/tddui-"
HOUSE = "https://identifiant-medicosocial-"
V2 = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
CISIS = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"
SERAFIN = "https://smt.esante.gouv.fr/terminologie-SERAFINPH"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
USER = "3480787529/1477204"
Json = dict[str, Any]


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def to(reference: str) -> Json:
    return {"reference": reference}


def local(object: str, mark: str) -> Json:
    return {"system": f"{HOUSE}{object}.esante.gouv.fr", "value": f"{USER}-{mark}-1"}


def extension(name: str, **value: Any) -> Json:
    return {"url": GUIDE + name, **value}


def resource(kind: str, profile: str, id: str, **members: Any) -> Json:
    return {"resourceType": kind, "id": id, "meta": {"profile": [GUIDE + profile]}, **members}


def entry(codes: str, name: str, **value: Any) -> Json:
    return {"type": concept(SYSTEMS + codes, name), **value}


def patient() -> Json:
    return resource(
        "Patient",
        "tddui-patient",
        "usager",
        identifier=[
            {"use": "usual", "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PI",
             "display": "Patient internal identifier"}]}, "system": HOUSE + "localusager.esante.gouv.fr", "value": USER},
            {"use": "usual", "type": {"coding": [{"system": SYSTEMS + "identifier", "code": "PIN",
             "display": "Patient initial number"}]}, "system": "urn:oid:1.2.250.1.213.99", "value": "MDPH-48-0001"},
        ],
        name=[{"use": "official", "family": "ESSAI", "given": ["Zoe"], "prefix": ["MME"],
               "extension": [{"url": made.FR + "fr-core-patient-birth-list-given-name", "valueString": "Zoe"}]}],
        gender="female",
        birthDate="1980-02-29",
        _birthDate={"extension": [extension("tddui-birth-order", valuePositiveInt=12)]},
        communication=[{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "fr"}]}}],
    )  # fmt: skip


def patient_ins() -> Json:
    document = made.put(made.patient_ins(), "meta.profile.0", GUIDE + "tddui-patient-ins")
    return {**document, "id": "usager-ins"}


def organization() -> Json:
    number = {
        "use": "official",
        "type": concept(V2, "IDNST"),
        "system": "urn:oid:1.2.250.1.71.4.2.2",
        "value": "1480787529",
    }
    return resource("Organization", "tddui-organization", "esms", identifier=[number], name="Les Tilleuls")


def practitioner() -> Json:
    number = {
        "use": "official",
        "type": concept(V2, "IDNPS"),
        "system": "urn:oid:1.2.250.1.71.4.2.1",
        "value": "899700000017",
    }
    name = {"use": "official", "family": "DOC0017", "given": ["Camille"]}
    return resource("Practitioner", "tddui-practitioner", "pro", identifier=[number], name=[name])


def practitioner_role() -> Json:
    return resource("PractitionerRole", "tddui-practitioner-role", "poste",
                    practitioner=to("Practitioner/pro"), organization=to("Organization/esms"))  # fmt: skip


def stay() -> Json:
    number = {
        "type": {"coding": [{"system": SYSTEMS + "encounter-identifier", "code": "SEJ", "display": "Identifiant du séjour"}]},
        **local("sejour", "SEJOUR"),
    }  # fmt: skip
    return resource(
        "Encounter", "tddui-encounter-sejour", "sejour", identifier=[number], status="in-progress",
        extension=[extension("tddui-admission-date", valueDateTime="2026-01-05"),
                   extension("tddui-entry-mode-label", valueString="Domicile"),
                   extension("tddui-comment", valueString="Séjour d'essai")],
        serviceType=concept("https://mos.esante.gouv.fr/NOS/TRE_R338-ModaliteAccueil/FHIR/TRE-R338-ModaliteAccueil", "20"),
        hospitalization={"extension": [extension("tddui-entry-date-origin", valueDateTime="2025-12-01")],
                         "origin": to("Organization/esms")},
        **{"class": {"system": ACT, "code": "IMP"}},
        subject=to("Patient/usager"), serviceProvider=to("Organization/esms"),
    )  # fmt: skip


def event() -> Json:
    used = extension("tddui-ressources-used", extension=[
        {"url": "TDDUIRessourceType", "valueCodeableConcept": concept(CISIS, "ORG-206")},
        {"url": "TDDUIMaterialDetail", "valueCodeableConcept": concept(CISIS, "ORG-208")}])  # fmt: skip
    author = {"coding": [{"system": SYSTEMS + "encounter-participant", "code": "AUT",
                          "display": "Auteur du statut de la ressource"}]}  # fmt: skip
    attends = concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "PART")
    return resource(
        "Encounter", "tddui-encounter-evenement", "evenement", identifier=[local("evenement", "EVN")], status="finished",
        extension=[used, extension("tddui-event-label", valueString="Atelier"), extension("tddui-meal", valueBoolean=False),
                   extension("tddui-patient-present", valueBoolean=True)],
        type=[concept(CISIS, "MED-1296"), concept(SERAFIN, "2.1.1.1")],
        **{"class": {"system": ACT, "code": "AMB"}},
        subject=to("Patient/usager"),
        participant=[{"type": [author], "individual": to("Practitioner/pro")},
                     {"type": [attends], "individual": to("PractitionerRole/poste")}],
        period={"start": "2026-03-01T09:00:00+01:00", "end": "2026-03-01T10:00:00+01:00"},
        serviceProvider=to("Organization/esms"), partOf=to("Encounter/sejour"),
    )  # fmt: skip


def transport(kind: str = "usager") -> Json:
    place = {"line": ["1 rue des Essais"], "city": "Mende", "postalCode": "48000"}
    money = {"value": 12.5, "currency": "EUR"}
    inputs = [entry("task-input-transport", "adresseDepart", valueAddress=place),
              entry("task-input-transport", "budgetReel", valueMoney=money),
              entry("task-input-transport", "distance", valueDistance={"value": 3, "unit": "km",
                    "system": "http://unitsofmeasure.org", "code": "km"})]  # fmt: skip
    if kind == "usager":
        inputs.append(entry("task-input-transport", "accompagnement", valueBoolean=True))
    return resource(
        "Task", f"tddui-task-transport-{kind}", f"transport-{kind}", status="completed", intent="order",
        identifier=[{"system": HOUSE + "transport.esante.gouv.fr", "value": f"{USER}-TRAN-{kind}"}],
        code=concept(CISIS, "ORG-152"), encounter=to("Encounter/evenement"), owner=to("Organization/esms"), input=inputs,
        executionPeriod={"start": "2026-03-01T08:30:00+01:00", "end": "2026-03-01T08:50:00+01:00"},
    )  # fmt: skip


def document() -> Json:
    content = {"attachment": {"contentType": "text/plain", "data": "Ym9uam91cg==", "size": 7,
                              "hash": "H3Hg9KybR82TvyaeQBerqrnTvWM=", "title": "Bilan"}}  # fmt: skip
    return resource(
        "DocumentReference", "tddui-document-reference", "piece", status="current",
        masterIdentifier={"use": "usual", "system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.1.213.99.1"},
        subject=to("Patient/usager"), content=[content], context={"sourcePatientInfo": to("Patient/usager")},
    )  # fmt: skip


def evaluation() -> Json:
    forms = "https://interop.esante.gouv.fr/ig/fhir/tddui/Questionnaire/tddui-questionnaire-"
    return resource(
        "QuestionnaireResponse", "tddui-questionnaire-response", "evaluation", status="completed",
        identifier={"system": HOUSE + "evaluation.esante.gouv.fr", "value": f"{USER}-EVAL-1"},
        questionnaire=forms + "situation-ssiad", subject=to("Patient/usager"), encounter=to("Encounter/evenement"),
        extension=[extension("tddui-qr-participant", extension=[
            {"url": "TDDUIResponsible", "valueReference": to("Practitioner/pro")}])],
        authored="2026-03-01", author=to("Practitioner/pro"), source=to("Practitioner/pro"),
        item=[{"linkId": "obesite", "answer": [{"valueBoolean": False}]},
              {"linkId": "soins-ide", "answer": [{"valueBoolean": True}]}],
    )  # fmt: skip


def project() -> Json:
    def agreed(who: str, reference: str) -> Json:
        told = extension("tddui-discriminator", valueCodeableConcept=concept(SYSTEMS + "discriminator", who))
        return {"extension": [told], **to(reference)}

    return resource(
        "CarePlan", "tddui-careplan-projet-personnalise", "projet", identifier=[local("projetpersonnalise", "PPER")],
        status="active", intent="plan", title="Projet de Zoe", subject=to("Patient/usager"),
        category=[concept("https://smt.esante.gouv.fr/fhir/CodeSystem/tre-r390-type-projet-personnalise", "PPA")],
        supportingInfo=[agreed("accordStructure", "Consent/accord"), agreed("accordUsager", "Consent/accord")],
        note=[{"text": "Premier projet"}],
    )  # fmt: skip


def agreement() -> Json:
    return resource(
        "Consent", "tddui-consent-accord", "accord", status="active", dateTime="2026-02-01",
        scope=concept("http://terminology.hl7.org/CodeSystem/consentscope", "treatment"),
        category=[concept("http://loinc.org", "59284-0")], policyRule=concept(ACT, "OPTIN"),
        performer=[to("Organization/esms")],
    )  # fmt: skip


def goal(kind: str, **members: Any) -> Json:
    return resource(
        "Goal", f"tddui-goal-{kind}", kind, lifecycleStatus="active", subject=to("Patient/usager"), **members
    )


def in_project() -> Json:
    return extension("tddui-careplan-projet-perso-ref", valueReference=to("CarePlan/projet"))


def expectation() -> Json:
    return goal("attente", extension=[in_project()], identifier=[{"system": HOUSE + "attente.esante.gouv.fr",
                "value": f"{USER}-PPAttente-1"}], description={"text": "Vivre chez soi"},
                expressedBy=to("Patient/usager"))  # fmt: skip


def objective() -> Json:
    title = {"extension": [extension("tddui-goal-note", valueCode="titreObjectif")], "text": "Cuisiner seule"}
    opinion = {"extension": [extension("tddui-goal-note", valueCode="avisUsagerObjectif")], "text": "Favorable"}
    return goal("objectif", extension=[in_project(), extension("tddui-evaluation-ref",
                valueReference=to("QuestionnaireResponse/evaluation"))], identifier=[{"system": HOUSE +
                "objectif.esante.gouv.fr", "value": f"{USER}-PPObjectif-1"}], description={"text": "Cuisiner seule"},
                addresses=[to("ServiceRequest/besoin")], note=[title, opinion])  # fmt: skip


def life_project() -> Json:
    return goal("projet-vie", identifier=[local("projetvie", "PDV")], description={"text": "Travailler"},
                _lifecycleStatus={"extension": [extension("tddui-status-author", valueReference=to("Practitioner/pro"))]})  # fmt: skip


def need() -> Json:
    return resource(
        "ServiceRequest", "tddui-service-request-besoin", "besoin", status="active", intent="plan",
        identifier=[{"system": HOUSE + "besoin.esante.gouv.fr", "value": f"{USER}-PPBesoin-1"}],
        basedOn=[to("CarePlan/projet")], category=[concept(SERAFIN, "1.2.1.1")], code={"text": "Entretien personnel"},
        subject=to("Patient/usager"),
    )  # fmt: skip


def task(kind: str, **members: Any) -> Json:
    return resource("Task", f"tddui-task-{kind}", kind, status="in-progress", intent="plan",
                    basedOn=[to("CarePlan/projet")], **members)  # fmt: skip


def action() -> Json:
    return task(
        "action", identifier=[local("action", "ACTI")], owner=to("Practitioner/pro"),
        input=[entry("task-input-action", "titre", valueString="Atelier cuisine"),
               entry("task-input-action", "objectif", valueReference=to("Goal/objectif")),
               entry("task-input-action", "pieceJointe", valueReference=to("DocumentReference/piece"))],
    )  # fmt: skip


def review() -> Json:
    return task(
        "bilan", identifier=[local("bilan", "BILA")], executionPeriod={"start": "2026-06-01"},
        code=concept("https://smt.esante.gouv.fr/fhir/CodeSystem/tre-r389-statut-bilan-projet-personnalise", "FINAL"),
        input=[entry("task-input-bilan", "perimetre", valueString="Tout le projet"),
               entry("task-input-bilan", "dateProchainBilan", valueDateTime="2027-06-01"),
               entry("task-input-bilan", "synthesePreparationBilan", valueAnnotation={"text": "Rien à dire"})],
        output=[entry("task-output-bilan", "syntheseBilan", valueString="Atteint")],
    )  # fmt: skip


def service() -> Json:
    return task(
        "prestation", identifier=[{"system": HOUSE + "prestation.esante.gouv.fr", "value": f"{USER}-PRES-1"}],
        partOf=[to("Task/action")], input=[entry("task-input-prestation", "titre", valueString="Aide à la cuisine")],
    )  # fmt: skip


def contact() -> Json:
    return resource(
        "RelatedPerson", "tddui-related-person-contact", "contact", patient=to("Patient/usager"), gender="male",
        identifier=[{"system": "urn:oid:1.2.250.1.213.99", "value": "C1"}],
        relationship=[concept("https://mos.esante.gouv.fr/NOS/TRE_R260-HL7RoleClass/FHIR/TRE-R260-HL7RoleClass", "ECON")],
        name=[{"use": "official", "family": "ESSAI", "given": ["Max"], "prefix": ["M"]}],
        address=[{"city": "Mende"}],
    )  # fmt: skip


def mobility() -> Json:
    code = {"coding": [{"system": "http://loinc.org", "code": "LP73551-1", "display": "Transport mode"}]}
    return resource("Observation", "tddui-observation-mobilite-usager", "mobilite", status="final", code=code,
                    subject=to("Patient/usager"), valueCodeableConcept=concept(CISIS, "ORG-155"),
                    component=[{"code": {"coding": [{"system": CISIS, "code": "ORG-1"}]}, "valueString": "deux fois"}])  # fmt: skip


def meal() -> Json:
    code = {"coding": [{"system": SYSTEMS + "observation-type", "code": "REPAS", "display": "Repas"}]}
    return resource("Observation", "tddui-observation-repas", "repas", status="final", code=code,
                    extension=[extension("tddui-patient-present", valueBoolean=True)],
                    identifier=[local("repas", "REPAS")], subject=to("Patient/usager"),
                    effectiveDateTime="2026-03-01T12:00:00+01:00")  # fmt: skip


def schedule() -> Json:
    return resource("Schedule", "tddui-schedule", "agenda", actor=[to("Patient/usager")])


def presence() -> Json:
    kind = concept(SYSTEMS + "slot-identifier", "PA")
    return resource(
        "Slot", "tddui-slot-presence-absence", "presence", identifier=[{"use": "official", "type": kind,
        **local("presenceabsence", "PA")}], serviceType=[concept("urn:oid:1.2.250.1.213.99.405", "1")],
        extension=[extension("tddui-planned-absence", valueBoolean=False), extension("tddui-facturation", valueBoolean=True)],
        schedule=to("Schedule/agenda"), status="busy", start="2026-03-01T09:00:00+01:00", end="2026-03-01T17:00:00+01:00",
    )  # fmt: skip


def decision() -> Json:
    detail = {"url": "detailPrestation", "extension": [
        {"url": "accueilSequentiel", "valueBoolean": False},
        {"url": "structureAccueil", "valueReference": to("Organization/esms")}]}  # fmt: skip
    rights = {"url": "droitPrestation", "extension": [
        {"url": "dateOuverture", "valueDate": "2026-01-01"}, {"url": "dateEcheance", "valueDate": "2028-12-31"},
        {"url": "existencePAG", "valueBoolean": False}, detail]}  # fmt: skip
    told = {"url": "decision", "extension": [
        {"url": "dateDecision", "valueDate": "2025-12-15"}, {"url": "motivationLocale", "valueString": "essai"}, rights]}  # fmt: skip
    code = {"coding": [{"system": SYSTEMS + "basic-type", "code": "DROITDECISION", "display": "Droits et Décision"}]}
    return resource("Basic", "tddui-basic-droit-decision", "decision", code=code, subject=to("Patient/usager"),
                    extension=[extension("tddui-decision", extension=[told])],
                    identifier=[{"system": HOUSE + "decision.esante.gouv.fr", "value": "D-1"},
                                {"system": HOUSE + "decision-viatrajectoire.esante.gouv.fr", "value": "VT-1"}])  # fmt: skip


BASES = (
    patient, patient_ins, organization, practitioner, practitioner_role, stay, event, transport, document, evaluation, project,
    agreement, expectation, objective, life_project, need, action, review, service, contact, mobility, meal, schedule,
    presence, decision,
)  # fmt: skip


def transfer() -> Json:
    """The transaction of the whole file; each relative reference names an entry."""
    entries = []
    for make in (*BASES, lambda: transport("professionnel")):
        one = copy.deepcopy(make())
        address = f"https://dui.test/fhir/{one['resourceType']}/{one['id']}"
        request = {"method": "POST", "url": one["resourceType"]}
        entries.append({"fullUrl": address, "resource": one, "request": request})
    return {
        "resourceType": "Bundle", "meta": {"profile": [GUIDE + "tddui-bundle"]}, "type": "transaction", "entry": entries,
    }  # fmt: skip
