"""Search on a repository (FHIR R4, search.html): tokens, strings, dates, references, one step of chaining, paging.

A server declares its parameters; those that it does not know are ignored, as R4 asks, unless the client asked for
``Prefer: handling=strict`` or the server was told to be strict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from conformance.services.fhir.matching import matches
from conformance.services.fhir.outcome import FhirFault, Json
from conformance.services.fhir.repository import Repository

Kind = Literal["token", "string", "date", "reference", "uri"]
Query = Sequence[tuple[str, str]]
DEFAULT_PAGE = 50
MAX_PAGE = 1000
# Parameters on the result, not on what is looked for (search.html#return).
RESULT = ("_elements", "_count", "_include", "_format", "_summary", "_page", "_pretty", "_total", "_sort")


@dataclass(frozen=True, slots=True)
class SearchParam:
    """One parameter: its name, its kind, and the dotted path of the elements that it looks at."""

    name: str
    kind: Kind
    path: str


COMMON = (SearchParam("_id", "token", "id"), SearchParam("_lastUpdated", "date", "meta.lastUpdated"))


@dataclass(frozen=True)
class Searches:
    """The parameters of a server, by type of resource."""

    params: Mapping[str, Sequence[SearchParam]] = field(default_factory=dict)
    strict: bool = False

    def of(self, kind: str) -> dict[str, SearchParam]:
        """The parameters of a type, by name."""
        return {param.name: param for param in (*COMMON, *self.params.get(kind, ()))}

    def find(self, repository: Repository, kind: str, query: Query, *, strict: bool = False) -> list[Json]:
        """Every resource of a type that fits a query."""
        used = self.used(kind, query, strict=strict)
        return [r for r in repository.of_type(kind) if all(self._fits(repository, kind, r, *one) for one in used)]

    def used(self, kind: str, query: Query, *, strict: bool = False) -> list[tuple[str, str]]:
        """The part of a query that chooses; an unknown parameter is a 400 when strict."""
        chosen = []
        for name, value in query:
            plain = name.partition(":")[0].partition(".")[0]
            if plain in RESULT:
                continue
            if plain in self.of(kind):
                chosen.append((name, value))
            elif strict or self.strict:
                known = ", ".join(self.of(kind))
                raise FhirFault(400, "not-supported", "fhirserver.parameter", parameter=name, known=known)
        return chosen

    def _fits(self, repository: Repository, kind: str, resource: Json, name: str, value: str) -> bool:
        head, _, rest = name.partition(".")
        plain, _, modifier = head.partition(":")
        param = self.of(kind)[plain]
        found = list(values_at(resource, param.path))
        if not rest:
            return matches(param.kind, found, value, modifier)
        return any(
            self._fits(repository, target["resourceType"], target, rest, value)
            for target in _targets(repository, found)
            if rest.partition(":")[0].partition(".")[0] in self.of(target["resourceType"])
        )

    def answer(self, repository: Repository, base: str, kind: str, query: Query, *, strict: bool = False) -> Json:
        """The searchset Bundle of a query, one page of it."""
        found = self.find(repository, kind, query, strict=strict)
        asked = dict(query)
        count = _whole(asked, "_count", DEFAULT_PAGE, MAX_PAGE)
        start = _whole(asked, "_page", 0, len(found))
        page = [] if asked.get("_summary") == "count" else found[start : start + count]
        links = [{"relation": "self", "url": _link(base, kind, query)}]
        if page and start + count < len(found):
            following = [*((n, v) for n, v in query if n != "_page"), ("_page", str(start + count))]
            links.append({"relation": "next", "url": _link(base, kind, following)})
        included = _included(repository, page, [v for n, v in query if n == "_include"], self)
        entries = [_entry(base, _shown(r, asked.get("_elements", "")), "match") for r in page]
        bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links}
        entries += [_entry(base, r, "include") for r in included]
        return {**bundle, "entry": entries} if entries else bundle


def values_at(resource: Any, path: str) -> Iterator[Any]:
    """Every value at a dotted path, through lists."""
    level: list[Any] = [resource]
    for step in path.split("."):
        level = [inner for item in level if isinstance(item, Mapping) for inner in _listed(item.get(step))]
    yield from level


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _targets(repository: Repository, references: Sequence[Any]) -> Iterator[Json]:
    for reference in references:
        literal = reference.get("reference") if isinstance(reference, Mapping) else None
        kind, _, id = str(literal or "").rpartition("/")
        kind = kind.rpartition("/")[2]
        if kind and repository.has(kind, id):
            yield repository.get(kind, id)


def _included(repository: Repository, page: Sequence[Json], asked: Sequence[str], searches: Searches) -> list[Json]:
    found: dict[tuple[str, str], Json] = {(r["resourceType"], r["id"]): r for r in page}
    held = len(found)
    for wanted in asked:
        kind, _, name = wanted.partition(":")
        param = searches.of(kind).get(name.partition(":")[0])
        for resource in [r for r in found.values() if param and r["resourceType"] == kind]:
            for target in _targets(repository, list(values_at(resource, param.path if param else ""))):
                found.setdefault((target["resourceType"], target["id"]), target)
    return list(found.values())[held:]


def _shown(resource: Json, elements: str) -> Json:
    if not elements:
        return resource
    kept = {"resourceType", "id", "meta", *(name.strip() for name in elements.split(","))}
    subset = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
    shown = {name: value for name, value in resource.items() if name in kept}
    return {**shown, "meta": {**resource["meta"], "tag": [*resource["meta"].get("tag", ()), subset]}}


def _entry(base: str, resource: Json, mode: str) -> Json:
    full = f"{base}/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": full, "resource": resource, "search": {"mode": mode}}


def _link(base: str, kind: str, query: Query) -> str:
    return f"{base}/{kind}" + (f"?{urlencode(list(query))}" if query else "")


def _whole(asked: Mapping[str, str], name: str, default: int, most: int) -> int:
    value = asked.get(name, "")
    if not value:
        return default
    if not value.isdecimal() or len(value) > 9:
        raise FhirFault(400, "invalid", "fhirserver.number", parameter=name, got=value)
    return min(int(value), most)
