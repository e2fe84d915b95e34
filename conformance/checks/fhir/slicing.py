"""Which slice a value belongs to.

Source: FHIR R4 4.0.1, profiling.html#slicing and #discriminator. The plan of a slicing is made once per element:
for each slice, what every discriminator must find. A discriminator that the definition leaves without a statement
cannot be evaluated; its slice is then *not checkable*.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from conformance.checks.fhir import primitives
from conformance.checks.fhir.codes import holds
from conformance.checks.fhir.definitions import Tables
from conformance.checks.fhir.element import Element
from conformance.checks.fhir.index import Frame, Index
from conformance.checks.fhir.locating import Seen, Step, elements_at, steps_of, values_at


class Asking(Protocol):
    """What a test may ask of the walk: follow a reference, or say whether a resource conforms to a profile."""

    index: Index

    @property
    def frame(self) -> Frame:
        """The resource being walked."""
        ...

    def conforms(self, value: Any, canonical: str, *, typed: str = "") -> bool:
        """Whether a value conforms to a profile, without reporting anything."""
        ...


Test = Callable[[Seen, Asking], bool]


class Plan(NamedTuple):
    """One slice: its element, and its tests; ``None`` when a discriminator cannot be evaluated."""

    name: str
    element: Element
    tests: tuple[Test, ...] | None


class Slicer:
    """Plans, kept per sliced element."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._plans: dict[Element, list[Plan]] = {}

    def plans(self, sliced: Element, owner: Element) -> list[Plan]:
        """The slices of an element, in order; ``owner`` states the slicing (the element itself, or a slice of it)."""
        if owner not in self._plans:
            depth = "/" if owner is not sliced else ""
            named = [(n, e) for n, e in owner.slices.items() if ("/" in n) == bool(depth)]
            self._plans[owner] = [Plan(name, part, self._tests(sliced, owner, part)) for name, part in named]
        return self._plans[owner]

    def _tests(self, sliced: Element, owner: Element, part: Element) -> tuple[Test, ...] | None:
        slicing = owner.slicing or sliced.slicing
        discriminators = slicing.discriminators if slicing else ()
        if not discriminators:
            return (_of_type({t.code for t in part.types}),) if sliced.choice else None
        made: list[Test] = []
        for kind, path in discriminators:
            steps = steps_of(path)
            test = None if steps is None else self._test(kind, steps, part)
            if test is None:
                return None
            made.append(test)
        return tuple(made)

    def _test(self, kind: str, steps: tuple[Step, ...], part: Element) -> Test | None:
        stated = elements_at(part, steps, self._tables)
        if kind in ("value", "pattern"):
            expected = next((e for element in stated if (e := self._expected(element)) is not None), None)
            expected = expected or _address(steps, part)
            return None if expected is None else _any(steps, expected)
        if kind == "exists":
            return _exists(steps, stated)
        if kind == "type":
            codes = {c for element in stated for c in self._codes(element)}
            return _any(steps, _of_type(codes)) if codes else None
        if kind == "profile":
            return self._profile(steps, stated)
        return None

    def _profile(self, steps: tuple[Step, ...], stated: list[Element]) -> Test | None:
        profiles = [u for e in stated for t in e.types for u in t.profiles]
        profiles = profiles or [u for e in stated for t in e.types for u in t.targets]
        # After resolve() the definition at hand is the root of the target profile itself.
        profiles += [e.structure for e in stated if "." not in e.path]
        if not profiles:
            # A slice that names a type and no profile is told by its type (cds-bundle, Device of tde).
            codes = {t.code for e in stated for t in e.types}
            return _any(steps, _of_type(codes)) if codes else None
        if any(self._tables.root(url) is None for url in profiles):
            return None
        return _any(steps, lambda seen, asking: any(asking.conforms(seen.value, u) for u in profiles))

    def _codes(self, element: Element) -> set[str]:
        if "." not in element.path:
            return {element.path}
        codes = {t.code for t in element.types}
        for ref in element.types:
            for url in ref.profiles:
                found = self._tables.structure(url)
                codes |= {found.type} if found else set()
        return codes

    def _expected(self, element: Element) -> Test | None:
        if element.fixed is not None:
            return lambda seen, _: primitives.same(seen.value, element.fixed)
        if element.pattern is not None:
            return lambda seen, _: primitives.matches(seen.value, element.pattern)
        deeper = _deep(element)
        if deeper:
            return lambda seen, asking: all(any(t(s, asking) for s in _inside(seen, path)) for path, t in deeper)
        if element.binding is not None and element.binding.strength == "required":
            found = self._tables.code_list(element.binding.value_set)
            # Only a list that is whole can tell members from others.
            if found is not None and not found.unknown:
                return lambda seen, _: holds(found, seen.value) is not False
        return None


def _address(steps: tuple[Step, ...], part: Element) -> Test | None:
    """An extension that a slice names is told by its address, be its definition at hand or not."""
    named = [url.partition("|")[0] for ref in part.types if ref.code == "Extension" for url in ref.profiles]
    if not named or steps != (Step("name", "url"),):
        return None
    return lambda seen, _: seen.value in named


def _deep(element: Element, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Test]]:
    made: list[tuple[tuple[str, ...], Test]] = []
    for name, child in element.children.items():
        here = (*path, child.stem)
        if child.fixed is not None:
            made.append((here, lambda seen, _, fixed=child.fixed: primitives.same(seen.value, fixed)))  # type: ignore[misc]
        elif child.pattern is not None:
            made.append((here, lambda seen, _, want=child.pattern: primitives.matches(seen.value, want)))  # type: ignore[misc]
        elif name != "extension":
            made += _deep(child, here)
    return made


def _inside(seen: Seen, path: tuple[str, ...]) -> list[Seen]:
    current = [seen.value]
    for name in path:
        current = [
            inner
            for value in current
            if isinstance(value, dict) and name in value
            for inner in (value[name] if isinstance(value[name], list) else [value[name]])
        ]
    return [Seen(value) for value in current]


def _any(steps: tuple[Step, ...], expected: Test) -> Test:
    if not steps:
        return expected
    return lambda item, asking: any(
        expected(seen, asking) for seen in values_at(item, steps, asking.index, asking.frame)
    )


def _exists(steps: tuple[Step, ...], stated: list[Element]) -> Test | None:
    forbidden = any(e.max == 0 for e in stated)
    if not forbidden and not any(e.min >= 1 for e in stated):
        return None
    return lambda item, asking: bool(values_at(item, steps, asking.index, asking.frame)) is not forbidden


def _of_type(codes: set[str]) -> Test:
    """Told by the JSON name, by ``resourceType``, or by what a reference says of its target."""
    lowered = {code[:1].upper() + code[1:] for code in codes}

    def test(seen: Seen, asking: Asking) -> bool:
        if isinstance(seen.value, dict) and isinstance(seen.value.get("resourceType"), str):
            return seen.value["resourceType"] in codes
        del asking
        return (seen.type[:1].upper() + seen.type[1:]) in lowered

    return test
