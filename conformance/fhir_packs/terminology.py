"""Code lists, expanded offline from what packages define, pinned by a hash; what is missing is named.

A list is ``{"v": version, "c": {system: [codes] | null}, "u": [what could not be expanded], "h": sha256}``:
``null`` stands for "any code of this system" (its content is not published in full), ``u`` makes the list partial:
a code that it does not hold is then *not checkable*, never wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

Codes = dict[str, set[str] | None]
Concept = tuple[frozenset[str], Mapping[str, Any]]
DEPTH = 8
# Stands for "whatever the system" in a list.
ANY = "*"


class Terminology:
    """Every ValueSet and CodeSystem of the packages at hand."""

    def __init__(self, value_sets: Mapping[str, Mapping[str, Any]], systems: Mapping[str, Mapping[str, Any]]) -> None:
        self._value_sets = value_sets
        self._systems = systems
        self._concepts: dict[str, dict[str, Concept] | None] = {}

    def listed(self, canonical: str) -> dict[str, Any] | None:
        """The list of one value set, or ``None`` when no package defines it."""
        url = canonical.split("|", maxsplit=1)[0]
        if url not in self._value_sets:
            return None
        codes, missing = self._expanded(url, 0)
        content = {system: None if found is None else sorted(found) for system, found in sorted(codes.items())}
        made: dict[str, Any] = {
            "v": str(self._value_sets[url].get("version") or ""),
            "c": content,
            "h": digest(content),
        }
        if missing:
            made["u"] = sorted(set(missing))
        return made

    def _expanded(self, url: str, depth: int) -> tuple[Codes, list[str]]:
        definition = self._value_sets.get(url)
        if definition is None or depth > DEPTH:
            return {}, [url]
        compose = definition.get("compose") or {}
        if not compose.get("include"):
            return _published(definition, url)
        codes: Codes = {}
        missing: list[str] = []
        for clause in compose["include"]:
            found, absent = self._clause(clause, depth)
            missing += absent
            _add(codes, found)
        for clause in compose.get("exclude") or []:
            found, absent = self._clause(clause, depth)
            missing += absent
            _remove(codes, found)
        if missing and (definition.get("expansion") or {}).get("contains"):
            return _published(definition, url)
        return codes, missing

    def _clause(self, clause: Mapping[str, Any], depth: int) -> tuple[Codes, list[str]]:
        parts: list[Codes] = []
        missing: list[str] = []
        if system := clause.get("system"):
            found, absent = self._of_system(str(system), clause)
            missing += absent
            parts.append(found)
        for canonical in clause.get("valueSet") or []:
            found, absent = self._expanded(str(canonical).split("|")[0], depth + 1)
            missing += absent
            parts.append(found)
        if not parts:
            return {}, missing
        common = parts[0]
        for other in parts[1:]:
            common = _both(common, other)
        return common, missing

    def _of_system(self, system: str, clause: Mapping[str, Any]) -> tuple[Codes, list[str]]:
        if "/ValueSet/" in system:
            # A guide that names a value set as the system of its codes (SDO 4.0, DocumentReferenceTypeESMSValueSet)
            # leaves no coding that could satisfy it: only the codes it lists are kept, whatever their system.
            return ({ANY: {str(c["code"]) for c in clause["concept"]}}, []) if clause.get("concept") else ({}, [system])
        if clause.get("concept"):
            return {system: {str(c["code"]) for c in clause["concept"]}}, []
        concepts = self._concepts_of(system)
        if concepts is None:
            # A filter on a system that nobody published here selects we know not what.
            return ({}, [system]) if clause.get("filter") else ({system: None}, [])
        chosen = set(concepts)
        for condition in clause.get("filter") or []:
            selected = _selected(concepts, condition)
            if selected is None:
                return {}, [system]
            chosen &= selected
        return {system: chosen}, []

    def _concepts_of(self, system: str) -> dict[str, Concept] | None:
        if system not in self._concepts:
            definition = self._systems.get(system)
            complete = definition is not None and definition.get("content") == "complete"
            self._concepts[system] = dict(_walked(definition)) if definition is not None and complete else None
        return self._concepts[system]


def digest(content: Mapping[str, Any]) -> str:
    """The pin of a list: SHA-256 of its canonical JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _walked(definition: Mapping[str, Any]) -> Iterable[tuple[str, Concept]]:
    stack = [(c, frozenset[str]()) for c in definition.get("concept") or []]
    while stack:
        concept, above = stack.pop()
        code = str(concept["code"])
        parents = {str(p.get("valueCode")) for p in concept.get("property") or [] if p.get("code") == "subsumedBy"}
        yield code, (above | parents, concept)
        stack += [(c, above | {code}) for c in concept.get("concept") or []]


def _selected(concepts: Mapping[str, Concept], condition: Mapping[str, Any]) -> set[str] | None:
    operator, wanted, name = condition.get("op"), str(condition.get("value")), condition.get("property")
    below = {code for code, (above, _) in concepts.items() if wanted in above}
    if operator in ("is-a", "descendent-of", "is-not-a") and name in ("concept", "code"):
        if operator == "is-a":
            return below | ({wanted} & set(concepts))
        return below if operator == "descendent-of" else set(concepts) - below - {wanted}
    if operator == "=":
        return {code for code, (_, concept) in concepts.items() if _holds(concept, name, wanted)}
    return None


def _holds(concept: Mapping[str, Any], name: object, wanted: str) -> bool:
    values = [
        v for p in concept.get("property") or [] if p.get("code") == name for k, v in p.items() if k.startswith("value")
    ]
    return any((str(v).lower() if isinstance(v, bool) else str(v)) == wanted for v in values)


def _published(definition: Mapping[str, Any], url: str) -> tuple[Codes, list[str]]:
    codes: Codes = {}
    stack = list((definition.get("expansion") or {}).get("contains") or [])
    while stack:
        concept = stack.pop()
        if concept.get("code") and not concept.get("abstract"):
            _add(codes, {str(concept.get("system") or ""): {str(concept["code"])}})
        stack += concept.get("contains") or []
    return codes, [] if codes else [url]


def _add(codes: Codes, more: Codes) -> None:
    for system, found in more.items():
        known = codes.get(system, set())
        codes[system] = None if known is None or found is None else known | found


def _remove(codes: Codes, less: Codes) -> None:
    for system, found in less.items():
        known = codes.get(system)
        if known is not None and found is not None:
            codes[system] = known - found


def _both(left: Codes, right: Codes) -> Codes:
    common: Codes = {}
    for system in set(left) & set(right):
        one, other = left[system], right[system]
        common[system] = other if one is None else one if other is None else one & other
    return common
