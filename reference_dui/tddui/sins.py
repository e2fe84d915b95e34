"""What the named defects of transfers do to a transaction that is about to leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance._bundled.fixtures.tddui.shapes import BY_KIND, IDENTIFIER_TYPES

from ..sins import Sins

Bundle = dict[str, Any]


def alter(bundle: Bundle, sins: Sins) -> None:
    """Apply the defects in force."""
    if sins.has("forgets-the-class-of-stays"):
        _each(bundle, "stay", lambda r: r.pop("class"))
    if sins.has("claims-no-profile"):
        _each(bundle, "meal", lambda r: r.pop("meta"))
    if sins.has("refers-to-nobody"):
        _each(bundle, "event", lambda r: r["participant"][0].update(individual={"reference": "Practitioner/unknown"}))
    if sins.has("declares-a-real-matricule"):
        _each_patient(bundle, _real)
    if sins.has("transfers-the-first-name-only"):
        _each_patient(bundle, _first_only)
    if sins.has("hashes-another-content"):
        _each(bundle, "document", lambda r: r["content"][0]["attachment"].update(hash="2jmj7l5rSw0yVb/vlWAYkK/YBwk="))
    if sins.has("drops-the-last-answer"):
        _each(bundle, "evaluation", lambda r: r["item"].pop())
    if sins.has("forgets-the-reviews"):
        canonical = BY_KIND["review"].canonical
        bundle["entry"] = [e for e in bundle["entry"] if canonical not in e["resource"]["meta"]["profile"]]


def _each(bundle: Bundle, kind: str, change: Callable[[dict[str, Any]], Any]) -> None:
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if BY_KIND[kind].canonical in resource.get("meta", {}).get("profile", ()):
            change(resource)


def _each_patient(bundle: Bundle, change: Callable[[dict[str, Any]], Any]) -> None:
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            change(entry["resource"])


def _real(patient: dict[str, Any]) -> None:
    """The system of real matricules for one of test."""
    matricule = patient["identifier"][0]
    matricule["system"] = "urn:oid:1.2.250.1.213.1.4.8"
    matricule["type"] = {"coding": [{"system": IDENTIFIER_TYPES, "code": "INS-NIR"}]}


def _first_only(patient: dict[str, Any]) -> None:
    name = patient["name"][0]
    name["extension"][0]["valueString"] = name["given"][0] + " ESSAI"
