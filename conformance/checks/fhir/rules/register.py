"""The register of our own rules: who they are for, where they come from, what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.checks.fhir.index import Index
from conformance.checks.fhir.path import Place
from conformance.core.finding import Finding, Where
from conformance.core.words import Basis, Level

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """A resource that a rule looks at: itself, where it stands, the profiles it claims, its document."""

    resource: Json
    place: Place
    profiles: tuple[str, ...]
    index: Index

    def claims(self, canonical: str) -> bool:
        """Whether the resource claims a profile, or one under this prefix when it ends with a slash."""
        if canonical.endswith("/"):
            return any(p.startswith(canonical) for p in self.profiles)
        return canonical in self.profiles


Answer = Iterator[Finding]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of ours: ``id`` is namespaced by guide and version, ``source`` says where the guide says it."""

    id: str
    source: str
    concerns: Callable[[Seen], bool]
    function: Callable[[Seen], Answer]


RULES: dict[str, Rule] = {}


def rule(
    id: str, *, source: str, concerns: Callable[[Seen], bool]
) -> Callable[[Callable[[Seen], Answer]], Callable[[Seen], Answer]]:
    """Register a rule; ``concerns`` says which resources it looks at."""

    def register(function: Callable[[Seen], Answer]) -> Callable[[Seen], Answer]:
        if id in RULES:
            raise ValueError(f"rule {id!r} is registered twice")
        RULES[id] = Rule(id, source, concerns, function)
        return function

    return register


def told(code: str, place: Place, *, level: Level = Level.ERROR, expected: Any = None, got: Any = None) -> Finding:
    """A finding of a rule of ours: it rests on a guide, and the official chain does not have it."""
    where = Where(fhirpath=str(place))
    wanted = None if expected is None else str(expected)
    came = None if got is None else str(got)[:200]
    return Finding(code, level, expected=wanted, got=came, where=where, basis=Basis.GUIDE, beyond=True)


def own_rules(resource: Json, index: Index, profiles: Sequence[str] = ()) -> list[Finding]:
    """What our rules say of a document: the resource itself, and each entry of a Bundle."""
    return [
        replace(finding, check=rule.id)
        for seen in _resources(resource, index, profiles)
        for rule in RULES.values()
        if rule.concerns(seen)
        for finding in rule.function(seen)
    ]


def objects(value: Any) -> list[Json]:
    """The objects of an array, or the one object that stands in its place."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def text(value: Any) -> str:
    """A string as it is, anything else as nothing."""
    return value if isinstance(value, str) else ""


def codes(concept: Any) -> set[str]:
    """The codes of a CodeableConcept or of several."""
    codings = [c for one in objects(concept) for c in objects(one.get("coding"))]
    return {text(c.get("code")) for c in codings} - {""}


def _resources(resource: Json, index: Index, profiles: Sequence[str]) -> Iterable[Seen]:
    name = text(resource.get("resourceType")) or "$this"
    yield Seen(resource, Place(None, name), _claimed(resource, profiles), index)
    entries = resource.get("entry") if index.is_bundle else None
    for i, entry in enumerate(entries if isinstance(entries, list) else ()):
        inner = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(inner, dict):
            place = Place(Place(Place(None, name), "entry", i), "resource")
            yield Seen(inner, place, _claimed(inner, ()), index)


def _claimed(resource: Json, profiles: Sequence[str]) -> tuple[str, ...]:
    meta = resource.get("meta")
    declared = meta.get("profile") if isinstance(meta, dict) else None
    own = [p for p in declared if isinstance(p, str)] if isinstance(declared, list) else []
    return tuple(p.partition("|")[0] for p in (*profiles, *own))
