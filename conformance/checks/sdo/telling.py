"""What the product tells the SI-SDO: consents and statuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance.checks.parameters import parameter
from conformance.checks.subjects.sdo_sent import ExpectedTelling, SdoConsent, SdoSent, SdoTask, TakenTelling
from conformance.core.check import Context, check
from conformance.core.finding import Finding, error
from conformance.core.words import Basis, Level

GUIDE = "https://interop.esante.gouv.fr/ig/fhir/sdo/StructureDefinition/"
SOURCE = "IG ans.fhir.fr.sdo 4.0.5, {}"
MOST = 10


def _against(sent: SdoSent, profile: str) -> Iterator[Finding]:
    """What the validator says of a resource against a profile of the guide."""
    if not sent.resource:
        yield error("sdo.sent.unread", expected=profile, got="∅", basis=Basis.GUIDE)
        return
    # Its library is loaded when a resource is judged: a CDA is judged without it.
    from conformance.checks.fhir.judge import bundled_validator

    found = bundled_validator().validate(sent.resource, profiles=[GUIDE + profile])
    errors = [replace(finding, basis=Basis.GUIDE) for finding in found if finding.level is Level.ERROR]
    yield from errors[:MOST]


@check(
    "sdo.consent-profile", source=SOURCE.format("profil esms-consent, page « Flux 2 »"), basis=Basis.GUIDE, alone=False
)
def a_consent_conforms_to_its_profile(consent: SdoConsent) -> Iterator[Finding]:
    """A Consent conforms to esms-consent, and is active (release 4.0.3-ballot of the guide).

    Pass: the validator finds no error in it, and its status is ``active``.
    Fail: any error of the validator, or another status.
    """
    yield from _against(consent, "esms-consent")
    if consent.resource and consent.resource.get("status") != "active":
        yield error("sdo.consent.status", expected="active", got=str(consent.resource.get("status")), basis=Basis.GUIDE)


@check("sdo.task-profile", source=SOURCE.format("profil esms-task, page « Flux 4 »"), basis=Basis.GUIDE, alone=False)
def a_task_conforms_to_its_profile(task: SdoTask) -> Iterator[Finding]:
    """A Task conforms to esms-task, with the rule on units read on codes (``ig:sdo#4.0/unit-status``).

    Pass: the validator finds no error in it.
    Fail: any error of the validator.
    """
    yield from _against(task, "esms-task")


@check("sdo.consent-dossier", source=SOURCE.format("profil esms-consent"), basis=Basis.GUIDE, alone=False)
def a_consent_names_the_dossier_of_its_person(consent: SdoConsent) -> Iterator[Finding]:
    """A Consent is about the decision of the person who agreed, and comes from the establishment that collected it.

    Pass: the decision asked for, the person's own number where one is given, the establishment of the call as source.
    Fail: the decision of somebody else, another number, another establishment.
    """
    national = _identifier(_consented(consent.resource))
    if consent.asked and national not in consent.asked:
        expected = ", ".join(sorted(consent.asked))
        yield error("sdo.dossier.other", expected=expected, got=national or "∅", basis=Basis.GUIDE)
        return
    dossier = next((d for d in consent.dossiers if d.get("national") == national), None)
    person = _identifier(consent.resource.get("patient"))
    if dossier and person and person not in (dossier.get("individual"), dossier.get("ins")):
        yield error("sdo.dossier.person", expected=str(dossier.get("individual")), got=person, basis=Basis.GUIDE)
    meta = consent.resource.get("meta")
    source = str(meta.get("source", "")) if isinstance(meta, Mapping) else ""
    if consent.structure and not source.endswith(consent.structure):
        yield error("sdo.dossier.structure", expected=consent.structure, got=source or "∅", basis=Basis.GUIDE)


@check("sdo.task-dossier", source=SOURCE.format("profil esms-task"), basis=Basis.GUIDE, alone=False)
def a_task_names_one_decision(task: SdoTask) -> Iterator[Finding]:
    """A Task names a decision by its two numbers, which belong together, and the establishment that speaks.

    Pass: idNat_Decision and idDecision of one decision of the scenario, idNat_Struct equal to the header.
    Fail: numbers of two decisions, of none, or another establishment.
    """
    national, decision = (_identifier(_input(task.resource, code), "") for code in ("idNat_Decision", "idDecision"))
    dossier = next((d for d in task.dossiers if d.get("national") == national), None)
    if dossier is None and task.dossiers:
        expected = ", ".join(str(d.get("national")) for d in task.dossiers)
        yield error("sdo.dossier.other", expected=expected, got=national or "∅", basis=Basis.GUIDE)
    elif dossier and decision != dossier.get("decision"):
        yield error("sdo.dossier.pair", expected=str(dossier.get("decision")), got=decision or "∅", basis=Basis.GUIDE)
    structure = _identifier(_input(task.resource, "idNat_Struct"), "")
    if task.structure and structure != task.structure:
        yield error("sdo.dossier.structure", expected=task.structure, got=structure or "∅", basis=Basis.GUIDE)


@check("sdo.reported", source=SOURCE.format("pages « Flux 2 » et « Flux 4 »"), basis=Basis.GUIDE, alone=False)
def what_was_recorded_reaches_the_platform(telling: ExpectedTelling) -> Iterator[Finding]:
    """Each consent and each status that a professional recorded reaches the SI-SDO, in spite of passing errors.

    Pass: the SI-SDO took it (201).
    Fail: it had not when the product had done.
    """
    if not telling.taken:
        got = ", ".join(str(r.data.get("status")) for r in telling.refused) or "∅"
        national = telling.expectation.get("national")
        yield error("sdo.reported.lost", expected=telling.what, got=got, decision=national, basis=Basis.GUIDE)


@check("sdo.once", source=SOURCE.format("release 4.0.1 : une Task est un évènement"), basis=Basis.GUIDE, alone=False)
def what_was_recorded_is_told_once(telling: TakenTelling) -> Iterator[Finding]:
    """Each consent and each status is told once, even when it is asked twice or an answer was lost.

    Pass: the SI-SDO took it once.
    Fail: it took it several times.
    """
    if len(telling.taken) > 1:
        national = telling.expectation.get("national")
        got = str(len(telling.taken))
        yield error("sdo.once.again", expected="1", got=got, what=telling.what, decision=national, basis=Basis.GUIDE)


@check(
    "sdo.status-order",
    source="Hypothèse du projet, d'après les libellés de JDV_J252 ; le guide ne publie pas d'ordre",
    basis=Basis.HYPOTHESIS,
    alone=False,
)
def statuses_follow_each_other(task: SdoTask, context: Context) -> Iterator[Finding]:
    """A status that is reported can follow the last one known of the decision.

    The order is a parameter (``sdo.transitions``) that no source at hand settles.
    Pass: the table lets it follow, or says nothing of the earlier status; the same status may be told again.
    Fail: the table does not.
    """
    table = parameter(context, "sdo.transitions", {})
    following = table.get(task.before) if isinstance(table, Mapping) else None
    # A dossier of another version may hold anything there; only a list of statuses says something.
    if isinstance(following, list | tuple) and task.after not in (*following, "", task.before):
        expected = ", ".join(following) or "∅"
        yield error("sdo.status.order", expected=expected, got=task.after, before=task.before, basis=Basis.HYPOTHESIS)


def _consented(consent: Mapping[str, Any]) -> Any:
    provision = consent.get("provision")
    for data in _objects(provision.get("data")) if isinstance(provision, Mapping) else []:
        return data.get("reference")
    return None


def _identifier(value: Any, member: str = "identifier") -> str:
    """The value of an Identifier; ``member`` names it where it stands inside a Reference."""
    held = value.get(member) if isinstance(value, Mapping) and member else value
    return str(held.get("value", "")) if isinstance(held, Mapping) else ""


def _input(task: Mapping[str, Any], code: str) -> Any:
    for entry in _objects(task.get("input")):
        kind = entry.get("type")
        codings = _objects(kind.get("coding")) if isinstance(kind, Mapping) else []
        if any(coding.get("code") == code for coding in codings):
            return next((value for name, value in entry.items() if name.startswith("value")), None)
    return None


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
