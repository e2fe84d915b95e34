"""Single faults made in a document from what the published snapshots forbid, one rule at a time."""

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tests.fhir.mutated_values import coded, example, other, recoded, repointed
from tests.fhir.snapshots import Json, Spot, definitions, elements, in_slice, spots, stated, told

BASE = "http://hl7.org/fhir/StructureDefinition/"
LOST = "urn:uuid:00000000-0000-4000-8000-0000000000ff"


Place = tuple[Any, ...]
Change = Callable[[Any], Any]


class Mutant(NamedTuple):
    """One fault: its kind, the element it offends, and the change of the object at a place."""

    kind: str
    element: str
    place: Place
    change: Change

    def of(self, document: Json) -> Json:
        """A copy of the document with the fault."""
        made = copy.deepcopy(document)
        holder: Any = made
        for step in self.place:
            holder = holder[step]
        self.change(holder)
        return made


def mutants(document: Json, asked: list[str] | None = None) -> Iterator[Mutant]:
    """Every single fault of a document against the profiles it declares, those asked, and its type."""
    for place, resource in resources(document):
        own = (resource.get("meta") or {}).get("profile") or []
        profiles = [*(asked or [] if not place else []), *own]
        known = [p for p in profiles if elements(p)] or [BASE + str(resource.get("resourceType"))]
        for url in dict.fromkeys(known):
            yield from _of_profile(resource, place, url)
        yield from _of_values(resource, place)
    yield from _of_bundle(document)


def resources(document: Json) -> Iterator[tuple[Place, Json]]:
    """The document itself and the resources of its entries."""
    yield (), document
    for i, entry in enumerate(document.get("entry") or []):
        if isinstance(entry.get("resource"), dict):
            yield ("entry", i, "resource"), entry["resource"]


def _of_profile(resource: Json, place: Place, url: str) -> Iterator[Mutant]:
    """Faults against one snapshot, in a resource, an extension or a datatype, and against those it names below."""
    known = elements(url)
    label = url.rpartition("/")[2]
    for id, element in known.items():
        if "." not in id or not told(id, known) or _left_out(id):
            continue
        for spot in spots(resource, id, known):
            at = (*place, *spot.path)
            for kind, change in _faults(spot, id, element, known):
                yield Mutant(kind, f"{label}#{id}", at, change)
            for profile in _profiles(element):
                many = isinstance(spot.holder.get(spot.key), list)
                for i, value in enumerate(spot.values):
                    if isinstance(value, dict) and (":" not in id.rpartition(".")[2] or in_slice(value, id, known)):
                        yield from _of_profile(value, (*at, spot.key, i) if many else (*at, spot.key), profile)


def _profiles(element: Json) -> list[str]:
    types = element.get("type", [])
    named = types[0].get("profile", []) if len(types) == 1 else []
    return [p for p in named if len(named) == 1 and definitions().get(p, {}).get("kind") == "complex-type"]


def _left_out(id: str) -> bool:
    """Elements whose absence makes another document, or that a rule of the base covers."""
    path, _, name = id.rpartition(".")
    told_elsewhere = (path in ("", "Extension") and name == "url") or name in ("id", "extension", "modifierExtension")
    return told_elsewhere or id.partition(".")[2] in ("meta", "meta.profile")


def _faults(spot: Spot, id: str, element: Json, known: dict[str, Json]) -> Iterator[tuple[str, Change]]:
    if ":" in id.rpartition(".")[2]:
        yield from _sliced(spot, id, element, known)
        return
    key, values = spot.key, spot.values
    if not values:
        if element.get("max") == "0" and element.get("type"):
            made = example(element["type"][0]["code"])
            many = (element.get("base") or {}).get("max") not in ("0", "1")
            if made is not None and not key.endswith("[x]"):
                yield "max", lambda h: h.update({key: [made] if many else made})
        return
    if element.get("min", 0) >= 1 and not _discriminating(id, known):
        yield "required", lambda h: (h.pop(key, None), h.pop("_" + key, None))
    if (element.get("base") or {}).get("max") not in ("0", "1") and element.get("max") not in (None, "*"):
        most = int(element["max"])
        yield "max", lambda h: h.update({key: [*h[key], *[copy.deepcopy(h[key][0])] * (most + 1 - len(h[key]))]})
    if stated(element, "fixed", "pattern") is not None and not _discriminating(id, known):
        yield "fixed", lambda h: h.update({key: other(h[key])})
    yield from _typed(spot, element)


def _typed(spot: Spot, element: Json) -> Iterator[tuple[str, Change]]:
    key, value = spot.key, spot.values[0]
    types = element.get("type", [])
    binding = element.get("binding") or {}
    if binding.get("strength") == "required" and coded(value):
        yield "code", lambda h: h.update({key: recoded(h[key])})
    targets = [
        t.rpartition("/")[2] for ty in types if ty.get("code") == "Reference" for t in ty.get("targetProfile", [])
    ]
    if targets and isinstance(value, dict) and "reference" in value and "Resource" not in targets:
        allowed = {definitions().get(BASE + t, {}).get("type") or _type_named(t) for t in targets}
        wrong = next(t for t in ("Medication", "Group", "Slot") if t not in allowed)
        yield "target", lambda h: h.update({key: repointed(h[key], wrong)})
    if element["path"].endswith("[x]") and len(types) < 20:
        codes = {t["code"] for t in types}
        stem = element["path"].rpartition(".")[2][:-3]
        wrong_type = next(t for t in ("time", "Ratio", "Money") if t not in codes)
        new = {stem + wrong_type[0].upper() + wrong_type[1:]: example(wrong_type)}
        yield "type", lambda h: (h.pop(key), h.update(new))


def _sliced(spot: Spot, id: str, element: Json, known: dict[str, Json]) -> Iterator[tuple[str, Change]]:
    key = spot.key
    mine = [v for v in spot.values if in_slice(v, id, known)]
    if not mine:
        return
    if element.get("min", 0) >= 1:
        yield "slice", lambda h: _kept(h, key, [v for v in h[key] if not in_slice(v, id, known)])
    if element.get("max") not in (None, "*") and isinstance(spot.holder[key], list):
        more = int(element["max"]) + 1 - len(mine)
        yield "slice-max", lambda h: h.update({key: [*h[key], *[copy.deepcopy(mine[0])] * more]})


def _kept(holder: Json, key: str, values: list[Any]) -> None:
    if values:
        holder[key] = values
    else:
        del holder[key]


def _discriminating(id: str, known: dict[str, Json]) -> bool:
    """Whether an element tells its slice: without it the value is of no slice, which open slicing allows."""
    steps = id.split(".")
    return any(":" in step for step in steps[1:]) and not all(
        known[".".join(steps[: i + 1])].get("min", 0) >= 1 for i, step in enumerate(steps) if ":" in step
    )


def _of_values(resource: Json, place: Place) -> Iterator[Mutant]:
    """Faults that the base specification forbids everywhere."""
    for at, holder in objects(resource, place):
        yield Mutant("unknown", _named(at), at, lambda h: h.update(foo="bar"))
        if isinstance(holder.get("url"), str) and "://" in holder["url"] and _is_extension(at):
            url = holder["url"] + "-inconnue"
            if _owned(holder["url"]):
                yield Mutant("extension", _named(at), at, lambda h, u=url: h.update(url=u))
            yield Mutant("extension", _named(at), at, _emptied)
            yield from _of_extension(holder, at)
        if (
            "resourceType" not in holder
            and {"start", "end"} <= set(holder)
            and len(str(holder["start"])) >= 10 <= len(str(holder["end"]))
        ):
            yield Mutant("invariant", _named(at), at, lambda h: h.update(start="2999-01-01T00:00:00Z"))
        if isinstance(holder.get("reference"), str) and not _is_extension(at):
            yield Mutant("invariant", _named(at), at, lambda h: h.update(reference="#nulle-part"))
        for name, value in holder.items():
            if isinstance(value, str) and name not in ("div", "resourceType"):
                yield Mutant("primitive", _named((*at, name)), at, lambda h, n=name: h.update({n: ""}))
                yield Mutant("primitive", _named((*at, name)), at, lambda h, n=name: h.update({n: 12}))
                yield Mutant("shape", _named((*at, name)), at, lambda h, n=name: h.update({n: [h[n]]}))
            elif isinstance(value, dict):
                yield Mutant("shape", _named((*at, name)), at, lambda h, n=name: h.update({n: [h[n]]}))
            elif isinstance(value, list) and value:
                yield Mutant("shape", _named((*at, name)), at, lambda h, n=name: h.update({n: h[n][0]}))
                yield Mutant("shape", _named((*at, name)), at, lambda h, n=name: h.update({n: []}))
            if isinstance(value, bool):
                yield Mutant("primitive", _named((*at, name)), at, lambda h, n=name: h.update({n: "true"}))


def _of_extension(extension: Json, at: Place) -> Iterator[Mutant]:
    known = elements(extension["url"])
    label = extension["url"].rpartition("/")[2]
    value = known.get("Extension.value[x]", {})
    name = next((k for k in extension if k.startswith("value")), None)
    if name and 0 < len(value.get("type", [])) < 20 and not any(t["code"] == "Ratio" for t in value["type"]):
        ratio = {"valueRatio": {"numerator": {"value": 1}}}
        yield Mutant("extension", label, at, lambda h: (h.pop(name), h.update(ratio)))
    for i, part in enumerate(extension.get("extension") or []):
        if "://" not in str(part.get("url")):
            yield Mutant("extension", label, (*at, "extension", i), lambda h: h.update(url="inconnu"))
    if known:
        yield from _of_profile(extension, at, extension["url"])


def _of_bundle(document: Json) -> Iterator[Mutant]:
    if document.get("resourceType") != "Bundle":
        return
    entries = document.get("entry") or []
    for i, entry in enumerate(entries):
        at: Place = ("entry", i)
        if document.get("type") == "transaction":
            if "request" in entry:
                yield Mutant("bundle", "request", at, lambda h: h.pop("request"))
                yield Mutant("bundle", "request.url", (*at, "request"), lambda h: h.update(url="Inconnu"))
                yield Mutant("bundle", "request.method", (*at, "request"), lambda h: h.update(method="PUSH"))
            yield Mutant("bundle", "response", at, lambda h: h.update(response={"status": "200"}))
        if "fullUrl" in entry:
            yield Mutant("bundle", "fullUrl", at, lambda h: h.update(fullUrl="Patient/1"))
            if i and "fullUrl" in entries[0] and entry["fullUrl"] != entries[0]["fullUrl"]:
                same = entries[0]["fullUrl"]
                yield Mutant("bundle", "fullUrl", at, lambda h, u=same: h.update(fullUrl=u))
    for at, holder in objects(document, ()):
        if isinstance(holder.get("reference"), str):
            yield Mutant("bundle", "reference", at, lambda h: h.update(reference=LOST))


def objects(value: Any, place: Place) -> Iterator[tuple[Place, Json]]:
    """Every object under a value of a resource, entries of a Bundle apart."""
    if isinstance(value, dict):
        yield place, value
        for name, inner in value.items():
            if not (name == "resource" and isinstance(inner, dict) and "resourceType" in inner):
                yield from objects(inner, (*place, name))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from objects(inner, (*place, i))


def _is_extension(at: Place) -> bool:
    return len(at) > 1 and at[-2] in ("extension", "modifierExtension")


def _owned(url: str) -> bool:
    # Names of other FHIR versions are given by a rule, so that any may exist.
    return "/5.0/" not in url and any(d.rpartition("/")[0] == url.rpartition("/")[0] for d in definitions())


def _emptied(extension: Json) -> None:
    for name in list(extension):
        if name != "url":
            del extension[name]


def _named(at: Place) -> str:
    return ".".join(str(step) for step in at if not isinstance(step, int))


def _type_named(profile: str) -> str:
    return next((d["type"] for u, d in definitions().items() if u.endswith("/" + profile)), profile)
