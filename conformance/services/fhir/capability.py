"""The CapabilityStatement of a server (FHIR R4, capabilitystatement.html): what it offers, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance import __version__
from conformance.services.fhir.outcome import Json
from conformance.services.fhir.search import COMMON, Searches

# Interactions on a type, as http://hl7.org/fhir/restful-interaction names them.
TYPE_INTERACTIONS = ("read", "create", "update", "delete", "search-type")


@dataclass(frozen=True)
class Offer:
    """What a server offers: for each type, its interactions; for the whole, ``transaction`` or ``batch``."""

    types: Mapping[str, Sequence[str]]
    system: Sequence[str] = ()
    profiles: Mapping[str, Sequence[str]] | None = None
    instantiates: Sequence[str] = ()
    guides: Sequence[str] = ()
    security: str = ""

    def allows(self, interaction: str, kind: str = "") -> bool:
        """Whether an interaction is offered, on a type or on the whole."""
        return interaction in (self.types.get(kind, ()) if kind else self.system)


def statement(offer: Offer, searches: Searches, *, base: str, name: str, date: str) -> Json:
    """The CapabilityStatement."""
    rest: Json = {"mode": "server", "resource": [_resource(kind, offer, searches) for kind in sorted(offer.types)]}
    if offer.security:
        rest["security"] = {"description": offer.security}
    if offer.system:
        rest["interaction"] = [{"code": code} for code in offer.system]
    made: Json = {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "kind": "instance",
        "software": {"name": name, "version": __version__},
        "implementation": {"description": name, "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [rest],
    }
    listed = {"instantiates": list(offer.instantiates), "implementationGuide": list(offer.guides)}
    return {**made, **{key: value for key, value in listed.items() if value}}


def _resource(kind: str, offer: Offer, searches: Searches) -> Json:
    made: Json = {
        "type": kind,
        "interaction": [{"code": code} for code in offer.types[kind]],
        "versioning": "versioned",
    }
    profiles = list((offer.profiles or {}).get(kind, ()))
    if profiles:
        made["supportedProfile"] = profiles
    if "search-type" in offer.types[kind]:
        params = [*COMMON, *searches.params.get(kind, ())]
        made["searchParam"] = [{"name": p.name, "type": p.kind} for p in params]
    return made
