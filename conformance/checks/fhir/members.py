"""The members of an object, sorted by the element that speaks of each; JSON shapes that FHIR forbids are told here.

Source: FHIR R4 4.0.1, json.html (arrays, null, ``_name`` beside primitive values).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from conformance.checks.fhir.element import Element, TypeRef
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.report import Report


class Item(NamedTuple):
    """One value of an element: the value, its ``_name`` sibling, its place, the type that applies to it."""

    value: Any
    sibling: Any
    place: Place
    ref: TypeRef | None


Groups = dict[Element, list[Item]]


def gather(value: Mapping[str, Any], element: Element, place: Place, report: Report, *, light: bool) -> Groups:
    """Every member of an object by element; ``light`` says nothing of shapes that another pass has told already."""
    groups: Groups = {}
    shapes = _Shapes(report, light=light)
    for name, content in value.items():
        bare = name[1:] if name[:1] == "_" else name
        hit = element.keys.get(bare)
        if hit is None or (bare != name and not _primitive(hit)):
            if not (name == "resourceType" and "." not in element.path):
                shapes.stranger(name, element, place)
            continue
        if bare != name and content in (None, []):
            shapes.told("fhir.element.null" if content is None else "fhir.element.empty", Place(place, name), content)
        if bare != name and bare in value:
            continue
        child, ref = hit
        if bare == name:
            sibling = value.get(f"_{name}") if _primitive(hit) else None
            items = list(_items(child, ref, content, sibling, Place(place, name), shapes))
        else:
            items = list(_items(child, ref, None, content, Place(place, bare), shapes, given=False))
        if child in groups:
            shapes.told("fhir.element.choice", Place(place, child.stem), bare)
        groups.setdefault(child, []).extend(items)
    return groups


class _Shapes:
    def __init__(self, report: Report, *, light: bool) -> None:
        self.report = report
        self.light = light

    def told(self, code: str, place: Place, got: Any) -> None:
        if not self.light:
            self.report.error(code, place, None, got)

    def stranger(self, name: str, element: Element, place: Place) -> None:
        bare = name.removeprefix("_")
        for child in element.children.values():
            if child.choice and bare.startswith(child.stem) and bare[len(child.stem) :][:1].isupper():
                allowed = ", ".join(t.code for t in child.types)
                self.report.error("fhir.element.type-excluded", Place(place, name), allowed, name)
                return
        # A slice may exclude a type that its element allows; a name that is no element was told with the element.
        if not self.light:
            self.report.error("fhir.element.unknown", Place(place, name), None, name, element=element.path)


def _items(
    child: Element, ref: TypeRef | None, content: Any, sibling: Any, at: Place, shapes: _Shapes, *, given: bool = True
) -> Iterator[Item]:
    typed = ref or (child.types[0] if child.types else None)
    code = typed.code if typed else ""
    choice = child.stem if child.choice else ""
    if not child.array:
        if isinstance(content, list):
            shapes.told("fhir.element.single", at, content)
        elif content is None and (sibling is None or given):
            shapes.told("fhir.element.null", at, content)
        else:
            yield _item(content, sibling, Place(at.above, at.name, None, code, choice), child, typed)
        return
    if given and not isinstance(content, list):
        shapes.told("fhir.element.array", at, content)
    if sibling is not None and not isinstance(sibling, list):
        shapes.told("fhir.element.array", at, sibling)
    contents = content if isinstance(content, list) else [] if content is None else [content]
    siblings = sibling if isinstance(sibling, list) else []
    if given and content == []:
        shapes.told("fhir.element.empty", at, content)
    for i in range(max(len(contents), len(siblings))):
        one = contents[i] if i < len(contents) else None
        beside = siblings[i] if i < len(siblings) else None
        here = Place(at.above, at.name, i, code, choice)
        if one is None and beside is None:
            shapes.told("fhir.element.null", here, None)
        else:
            yield _item(one, beside, here, child, typed)


def _item(value: Any, sibling: Any, place: Place, child: Element, typed: TypeRef | None) -> Item:
    """Where an element allows several resource types, the resource itself says which one applies."""
    if len(child.types) > 1 and not child.choice and isinstance(value, dict):
        said = value.get("resourceType")
        named = next((t for t in child.types if t.code == said), None)
        if named is not None:
            place.type = named.code
            return Item(value, sibling, place, named)
    return Item(value, sibling, place, typed)


def _primitive(hit: tuple[Element, TypeRef | None]) -> bool:
    child, ref = hit
    typed = ref or (child.types[0] if child.types else None)
    return typed is not None and typed.primitive
