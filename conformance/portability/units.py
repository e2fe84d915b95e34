"""The resources of a Bundle without what belongs to the server that wrote them.

Left out: ids, versions, instants of update, the source of the server (meta), the generated narrative, and the envelope of the
entry (fullUrl, request, response, search). A reference becomes the resource that it names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Json = dict[str, Any]
# Members of a resource that its server writes (FHIR R4, resource.html#metadata, narrative.html).
_SERVER = frozenset({"id", "text"})
_META = frozenset({"versionId", "lastUpdated", "source"})
MAX_DEPTH = 48


@dataclass(frozen=True, slots=True)
class Target:
    """Where a reference leads: the position of a resource of the same Bundle."""

    unit: int
    type: str


@dataclass(frozen=True)
class Unit:
    """One resource, cleaned; ``position`` counts among the resources of its Bundle."""

    position: int
    type: str
    profile: str
    content: Json
    identifiers: frozenset[str]

    @cached_property
    def leaves(self) -> frozenset[str]:
        """Every value with its path, as text."""
        return frozenset(f"{path}={spelled(value)}" for path, value in leaves_of(self.content))

    @property
    def group(self) -> tuple[str, str]:
        """Only resources of one group can be the same."""
        return self.type, self.profile


def units_of(bundle: Mapping[str, Any]) -> list[Unit]:
    """The resources of a Bundle, in order; what is no resource is passed over."""
    entries = [e for e in _list(bundle.get("entry")) if isinstance(e, Mapping)]
    held = [
        (e, r)
        for e in entries
        if isinstance(r := e.get("resource"), Mapping) and isinstance(r.get("resourceType"), str)
    ]
    names: dict[str, Target] = {}
    for position, (entry, resource) in enumerate(held):
        target = Target(position, str(resource["resourceType"]))
        literal = f"{target.type}/{resource.get('id')}"
        full = entry.get("fullUrl")
        names.setdefault(literal, target)
        if isinstance(full, str):
            names[full] = target
    return [_unit(position, resource, names) for position, (_, resource) in enumerate(held)]


def leaves_of(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path, positions in lists left out."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves_of(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from leaves_of(inner, path)
    else:
        yield path, value


def spelled(value: Any) -> str:
    """A value as text that equal values share; targets by their type alone."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=lambda t: f"→{t.type}")


def _unit(position: int, resource: Mapping[str, Any], names: Mapping[str, Target]) -> Unit:
    content = {n: _clean(v, names, 1) for n, v in resource.items() if n not in _SERVER}
    given = content.get("meta")
    meta = {n: v for n, v in given.items() if n not in _META} if isinstance(given, dict) else {}
    profiles = sorted(p.partition("|")[0] for p in _list(meta.get("profile")) if isinstance(p, str))
    if meta:
        content["meta"] = meta
    else:
        content.pop("meta", None)
    own = [i for name in ("identifier", "masterIdentifier") for i in _objects(resource.get(name))]
    identifiers = frozenset(f"{i.get('system')}|{i['value']}" for i in own if isinstance(i.get("value"), str))
    profile = next((p.rpartition("/")[2] for p in profiles), "")
    return Unit(position, str(resource["resourceType"]), profile, content, identifiers)


def _clean(value: Any, names: Mapping[str, Target], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, Mapping):
        made = {n: _clean(v, names, depth + 1) for n, v in value.items()}
        literal = value.get("reference")
        if isinstance(literal, str):
            made["reference"] = _target(literal, names)
        return made
    return [_clean(v, names, depth + 1) for v in value] if isinstance(value, list) else value


def _target(literal: str, names: Mapping[str, Target]) -> Target | str:
    plain = literal.partition("/_history/")[0]
    if plain in names:
        return names[plain]
    # A server answers absolute addresses for what was sent as relative ones.
    return names.get("/".join(plain.split("/")[-2:]), plain)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, Mapping)]
