"""The matricule INS inside FHIR identities: its form and its key.

Source: Référentiel INS (form and key of the matricule), fr-core 2.1.0, fr-core-patient-ins (systems). Guides publish
invented matricules with a wrong key, so this is a warning: in a product's data it is a defect.
"""

from __future__ import annotations

from conformance.checks import ins
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.rules.register import Answer, Seen, objects, rule, text, told
from conformance.core.words import Level

SYSTEMS = tuple(f"urn:oid:{oid}" for oid in ins.OIDS)


@rule(
    "ig:fr-core#2.1/ins-matricule",
    source="fr-core 2.1.0, fr-core-patient-ins; Référentiel INS",
    concerns=lambda seen: seen.resource.get("resourceType") == "Patient",
)
def a_matricule_has_its_key(seen: Seen) -> Answer:
    """A matricule has fifteen characters: thirteen and the key that belongs to them."""
    for i, identifier in enumerate(objects(seen.resource.get("identifier"))):
        value = text(identifier.get("value"))
        if text(identifier.get("system")) not in SYSTEMS or not value:
            continue
        place = Place(Place(seen.place, "identifier", i), "value")
        read = ins.read(value)
        if read is None or not read.key:
            yield told("fhir.ins.form", place, level=Level.WARNING, expected="15", got=value)
        elif read.key != read.expected_key:
            yield told("fhir.ins.key", place, level=Level.WARNING, expected=read.expected_key, got=read.key)
