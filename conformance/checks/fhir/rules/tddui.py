"""Transfer of DUI data: what the guide says in prose, or loses in open slices.

Source: ANS, IG TDDUI 2.1.0 to 2.3.0-ballot, pages on flows and identifiers. The published example itself refers to a
Practitioner outside its Bundle, and FHIR lets a server know it already: that is a warning, not an error. Identifier
formats are examples in the profiles (``^example``) but for the one of presence and absence: warnings too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.checks.fhir.index import Frame
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.rules.register import Answer, Seen, codes, objects, rule, text, told
from conformance.core.words import Level

GUIDE = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/"
BUNDLE = GUIDE + "tddui-bundle"
_LOCAL = r"3[0-9AB]{9}/[A-Za-z0-9]+"
_OBJECTS: Mapping[str, str] = {
    "sejour": "SEJOUR",
    "evenement": "EVN",
    "projetpersonnalise": "PPER",
    "action": "ACTI",
    "bilan": "BILA",
    "projetvie": "PDV",
    "repas": "REPAS",
    "presenceabsence": "PA",
}
FORMATS: Mapping[str, re.Pattern[str]] = {
    "https://identifiant-medicosocial-localusager.esante.gouv.fr": re.compile(_LOCAL),
    **{
        f"https://identifiant-medicosocial-{name}.esante.gouv.fr": re.compile(rf"{_LOCAL}-{mark}-[A-Za-z0-9]+")
        for name, mark in _OBJECTS.items()
    },
}
# Profiles of resources in 2.1.0 to 2.3.0-ballot; the last five are in no table here (their sources were not compiled).
PROFILES = frozenset(
    [
        "tddui-basic-droit-decision",
        "tddui-careplan-projet-personnalise",
        "tddui-consent-accord",
        "tddui-document-reference",
        "tddui-encounter-evenement",
        "tddui-encounter-sejour",
        "tddui-goal-attente",
        "tddui-goal-objectif",
        "tddui-goal-projet-vie",
        "tddui-observation-mobilite-usager",
        "tddui-observation-repas",
        "tddui-organization",
        "tddui-patient",
        "tddui-patient-ins",
        "tddui-practitioner",
        "tddui-practitioner-role",
        "tddui-questionnaire-response",
        "tddui-related-person-contact",
        "tddui-schedule",
        "tddui-service-request-besoin",
        "tddui-slot-presence-absence",
        "tddui-task-action",
        "tddui-task-bilan",
        "tddui-task-prestation",
        "tddui-task-transport",
        "tddui-task-transport-professionnel",
        "tddui-task-transport-usager",
        "tddui-task-moyen-ressource",
        "tddui-observation-mobilite",
        "tddui-observation-periode-scolaire",
        "tddui-observation-cause-mortalite",
        "tddui-basic-decision",
    ]
)
FORMS = "https://interop.esante.gouv.fr/ig/fhir/tddui/Questionnaire/tddui-questionnaire-"
QUESTIONNAIRES = tuple(FORMS + name for name in ("aggir-pa-ssiad", "aggir-ph-ssiad", "serafin", "situation-ssiad"))
# A file number shares the system of the stay; it has no format of its own (tddui-encounter-identifier).
_FILE_NUMBER = "NUMDOSS"
_ABSENCE = "2"


def _of_guide(seen: Seen) -> bool:
    return seen.claims(GUIDE)


@rule(
    "ig:tddui#2.3/entry-profile",
    source="IG TDDUI 2.3.0-ballot, tddui-bundle: slices by profile, open",
    concerns=lambda seen: seen.claims(BUNDLE),
)
def every_entry_claims_a_profile(seen: Seen) -> Answer:
    """Every entry's resource declares a profile of the guide: the slices are open, so that none would be required."""
    for i, entry in enumerate(objects(seen.resource.get("entry"))):
        resource = entry.get("resource")
        meta = resource.get("meta") if isinstance(resource, dict) else None
        declared = meta.get("profile") if isinstance(meta, dict) else None
        names = {text(p).partition("|")[0] for p in (declared if isinstance(declared, list) else ())}
        if not any(name.startswith(GUIDE) and name.removeprefix(GUIDE) in PROFILES for name in names):
            place = Place(Place(seen.place, "entry", i), "resource")
            yield told("fhir.tddui.entry-profile", place, expected=f"meta.profile {GUIDE}…", got=declared)


@rule(
    "ig:tddui#2.3/create-only",
    source="IG TDDUI 2.3.0-ballot, flux 1.1: request.method POST",
    concerns=lambda seen: seen.claims(BUNDLE),
)
def every_entry_is_created(seen: Seen) -> Answer:
    """Every entry is a creation."""
    for i, entry in enumerate(objects(seen.resource.get("entry"))):
        request = entry.get("request")
        method = request.get("method") if isinstance(request, dict) else None
        if isinstance(method, str) and method != "POST":
            place = Place(Place(Place(seen.place, "entry", i), "request"), "method")
            yield told("fhir.tddui.create-only", place, expected="POST", got=method)


@rule(
    "ig:tddui#2.3/references-inside",
    source="IG TDDUI 2.3.0-ballot, flux 1.1: references",
    concerns=lambda seen: seen.index.is_bundle and seen.index.in_entry(seen.resource) and _of_guide(seen),
)
def references_stay_in_the_bundle(seen: Seen) -> Answer:
    """A reference, relative or absolute, names another entry of the Bundle."""
    frame = Frame(seen.resource)
    for place, literal in _references(seen.resource, seen.place):
        # A lost urn is an error of the base specification.
        if literal.startswith(("#", "urn:")) or "?" in literal:
            continue
        if seen.index.resolve(literal, frame).resource is None:
            yield told("fhir.tddui.reference-outside", place, level=Level.WARNING, got=literal)


@rule(
    "ig:tddui#2.3/identifier-format",
    source="IG TDDUI 2.3.0-ballot, table of local identifiers",
    concerns=_of_guide,
)
def identifiers_have_their_format(seen: Seen) -> Answer:
    """A local identifier is ``3`` and the FINESS number, a slash, the user's number, then the object and its number."""
    for i, identifier in enumerate(objects(seen.resource.get("identifier"))):
        pattern = FORMATS.get(text(identifier.get("system")))
        value = text(identifier.get("value"))
        if pattern is None or not value or _FILE_NUMBER in codes(identifier.get("type")):
            continue
        if not pattern.fullmatch(value):
            place = Place(Place(seen.place, "identifier", i), "value")
            yield told("fhir.tddui.identifier-format", place, level=Level.WARNING, expected=pattern.pattern, got=value)


@rule(
    "ig:tddui#2.3/absence-reason",
    source="IG TDDUI 2.3.0-ballot, tddui-slot-presence-absence: appointmentType, in prose",
    concerns=lambda seen: seen.claims(GUIDE + "tddui-slot-presence-absence"),
)
def an_absence_says_why(seen: Seen) -> Answer:
    """A slot that records an absence carries its reason."""
    if _ABSENCE in codes(seen.resource.get("serviceType")) and "appointmentType" not in seen.resource:
        yield told("fhir.tddui.absence-reason", Place(seen.place, "appointmentType"), expected="1", got="0")


@rule(
    "ig:tddui#2.3/questionnaire",
    source="IG TDDUI 2.3.0-ballot, tddui-questionnaire-response: questionnaire, the four grids, in prose",
    concerns=lambda seen: seen.claims(GUIDE + "tddui-questionnaire-response"),
)
def an_evaluation_answers_a_grid_of_the_guide(seen: Seen) -> Answer:
    """The questionnaire is one of the four grids that the guide defines (it names them without closing the list)."""
    named = text(seen.resource.get("questionnaire"))
    if named and named.partition("|")[0] not in QUESTIONNAIRES:
        place = Place(seen.place, "questionnaire")
        yield told("fhir.tddui.questionnaire", place, level=Level.WARNING, expected=f"{FORMS}…", got=named)


def _references(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    stack: list[tuple[Any, Place]] = [(value, place)]
    while stack:
        item, here = stack.pop()
        for name, content in item.items():
            if name == "reference" and isinstance(content, str) and content:
                yield here, content
            elif isinstance(content, dict):
                stack.append((content, Place(here, str(name))))
            elif isinstance(content, list):
                stack += [(v, Place(here, str(name), i)) for i, v in enumerate(content) if isinstance(v, dict)]
