"""Published snapshots, read apart from the validator: which values of a document an element of a profile speaks of."""

import json
import tarfile
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from tests.fhir import corpus

Json = dict[str, Any]
CORE = "hl7.fhir.r4.core-4.0.1"


class Spot(NamedTuple):
    """The values of one element in one object: ``key`` is the name it bears there, ``path`` the way to the holder."""

    holder: Json
    key: str
    path: tuple[Any, ...]

    @property
    def values(self) -> list[Any]:
        value = self.holder.get(self.key)
        return value if isinstance(value, list) else [] if value is None else [value]


@cache
def definitions() -> dict[str, Json]:
    """Every StructureDefinition of the corpus, by address."""
    found: dict[str, Json] = {}
    for path in sorted(
        (corpus.FOLDER / "packages").glob("*.tgz"), key=lambda p: (p.name.startswith("tddui-old"), p.name)
    ):
        with tarfile.open(path) as archive:
            for member in archive:
                if not member.name.startswith("package/StructureDefinition-"):
                    continue
                stream = archive.extractfile(member)
                read = json.load(stream) if stream else {}
                found.setdefault(read["url"], read)
    return found


def elements(url: str) -> dict[str, Json]:
    """The elements of a snapshot by id."""
    definition = definitions().get(url.partition("|")[0], {})
    return {e["id"]: e for e in definition.get("snapshot", {}).get("element", [])}


def stated(element: Json, *prefixes: str) -> Any:
    """The fixed value or the pattern of an element."""
    for name, value in element.items():
        if any(name.startswith(p) and name[len(p) :][:1].isupper() for p in prefixes):
            return value
    return None


def holds(value: Any, pattern: Any) -> bool:
    """Whether a value holds a pattern."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(holds(value.get(k), v) for k, v in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(holds(v, p) for v in value) for p in pattern)
    return bool(value == pattern)


def spots(root: Json, id: str, known: dict[str, Json]) -> Iterator[Spot]:
    """Where an element stands in a resource, or would stand: each object that may hold it."""
    parts = id.split(".")[1:]
    yield from _within(root, (), id.split(".", maxsplit=1)[0], parts, known)


def key_of(holder: Json, element: Json) -> str:
    """The JSON name of an element in an object; the choice that is taken, or the first possible."""
    name = element["path"].rpartition(".")[2]
    if not name.endswith("[x]"):
        return str(name)
    names = [name[:-3] + t["code"][:1].upper() + t["code"][1:] for t in element.get("type", [])]
    return str(next((n for n in names if n in holder), names[0] if names else name[:-3]))


def told(element_id: str, known: dict[str, Json]) -> bool:
    """Whether the slices in an id are told apart in a way that is understood here."""
    steps = element_id.split(".")
    return all(_tests(".".join(steps[: i + 1]), known) is not None for i, step in enumerate(steps) if ":" in step)


def in_slice(item: Any, id: str, known: dict[str, Json]) -> bool:
    """Whether a value belongs to a slice."""
    tests = _tests(id, known)
    return bool(tests) and all(any(holds(v, want) for v in _at(item, path)) for path, want in tests or [])


def _within(holder: Json, path: tuple[Any, ...], id: str, parts: list[str], known: dict[str, Json]) -> Iterator[Spot]:
    here = f"{id}.{parts[0]}"
    element = known.get(here)
    if element is None:
        return
    spot = Spot(holder, key_of(holder, element), path)
    if len(parts) == 1:
        yield spot
        return
    value = holder.get(spot.key)
    for i, item in enumerate(value if isinstance(value, list) else [value]):
        if not isinstance(item, dict) or (":" in parts[0] and not in_slice(item, here, known)):
            continue
        way = (*path, spot.key, i) if isinstance(value, list) else (*path, spot.key)
        yield from _within(item, way, here, parts[1:], known)


def _tests(id: str, known: dict[str, Json]) -> list[tuple[str, Any]] | None:
    """What tells a slice: pairs of a path and the pattern found there; ``None`` when that is not simple."""
    base, _, name = id.rpartition(":")
    slicing = known.get(base, {}).get("slicing")
    if slicing is None or "/" in name:
        return None
    made: list[tuple[str, Any]] = []
    for discriminator in slicing.get("discriminator", []):
        if discriminator["type"] not in ("value", "pattern"):
            return None
        path = discriminator["path"]
        want = _wanted(known[id], id, path, known)
        if want is None:
            return None
        made.append((path, want))
    return made or None


def _wanted(part: Json, id: str, path: str, known: dict[str, Json]) -> Any:
    if path == "url" and part.get("type") and part["type"][0].get("profile"):
        return part["type"][0]["profile"][0].partition("|")[0]
    element = part if path == "$this" else known.get(f"{id}.{path}")
    return None if element is None else stated(element, "fixed", "pattern")


def _at(value: Any, path: str) -> list[Any]:
    current = [value]
    for step in () if path == "$this" else path.split("."):
        current = [
            inner
            for item in current
            if isinstance(item, dict) and step in item
            for inner in (item[step] if isinstance(item[step], list) else [item[step]])
        ]
    return current
