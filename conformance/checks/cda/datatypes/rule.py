"""What a rule of a data type is, and the small readings that the rules share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntFlag
from typing import NamedTuple, TypeAlias

from conformance.checks.subjects.cda_element import HL7, text_of
from conformance.checks.subjects.xml import Element
from conformance.core.words import Level

Holds: TypeAlias = Callable[[Element], bool]
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSI_TYPE = f"{{{XSI}}}type"
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
TIME_UNITS = frozenset({"us", "ms", "s", "min", "h", "d", "wk", "mo", "a"})


class When(IntFlag):
    """When a rule can be broken at all, so that the others cost nothing: most values are not null and have no child."""

    NULL = 1
    VALUED = 2
    PARENT = 4
    TWIN = 8


class Shape(NamedTuple):
    """What is known of an element without its values: its attributes, the tags of its children, whether it has namesakes."""

    attributes: frozenset[str]
    tags: frozenset[str]
    twin: bool

    @property
    def met(self) -> When:
        """The conditions that it meets."""
        met = When.NULL if "nullFlavor" in self.attributes else When.VALUED
        return met | (When.PARENT if self.tags else met) | (When.TWIN if self.twin else met)


@dataclass(frozen=True, slots=True)
class Rule:
    """``id`` is that of the published rule (dtr1-…); ``expected`` tells what must hold, in symbols.

    ``when`` limits it to elements that are null, are not, hold elements, or have namesakes; ``needs`` to those that bear
    one of these attributes, ``lacks`` to those that bear none, ``holding`` to those that hold one of these elements. An
    element that is left out could not have broken it.
    """

    id: str
    expected: str
    holds: Holds
    level: Level = Level.ERROR
    when: int = 0
    needs: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    holding: frozenset[str] = frozenset()

    def concerns(self, shape: Shape) -> bool:
        """Whether an element of this shape could break it."""
        attributes = shape.attributes
        borne = not self.needs or not self.needs.isdisjoint(attributes)
        held = not self.holding or not self.holding.isdisjoint(shape.tags)
        return borne and held and self.lacks.isdisjoint(attributes) and self.when & shape.met == self.when


def words(text: str) -> frozenset[str]:
    """Names of attributes, separated by white space."""
    return frozenset(text.split())


def elements(text: str) -> frozenset[str]:
    """Tags of HL7 v3, separated by white space."""
    return frozenset(f"{{{HL7}}}{name}" for name in text.split())


def null(element: Element) -> bool:
    """Whether the element bears a nullFlavor."""
    return element.get("nullFlavor") is not None


def children(element: Element, *names: str) -> list[Element]:
    """The child elements of these HL7 names, or all of them."""
    if not names:
        return list(element.iterchildren("*"))
    return [c for name in names for c in element.iterchildren(f"{{{HL7}}}{name}")]


def text(element: Element) -> str:
    """The text that stands directly in the element, without that of its children."""
    own = element.text or ""
    return own.strip() or "".join([child.tail or "" for child in element]).strip() if len(element) else own.strip()


def twins(element: Element) -> Iterator[Element]:
    """The other children of the same name of the same parent."""
    parent = element.getparent()
    if parent is not None:
        yield from (twin for twin in parent.iterchildren(element.tag) if twin is not element)


def differs(*attributes: str, read: bool = False) -> Holds:
    """No earlier namesake has the same attributes (and, when ``read``, text)."""

    def key(element: Element) -> tuple[str | None, ...]:
        own = tuple([element.get(name) for name in attributes])
        return (*own, text_of(element)) if read else own

    def holds(element: Element) -> bool:
        if null(element):
            return True
        mine = key(element)
        return not any(mine) or all(key(twin) != mine for twin in _earlier(element) if not null(twin))

    return holds


def not_beside(element: Element) -> bool:
    """A null element does not stand beside a namesake that is not."""
    return not null(element) or all(null(twin) for twin in twins(element))


def implies(first: str, then: str) -> Holds:
    """An attribute comes with another."""
    return lambda e: e.get(first) is None or e.get(then) is not None


def comes_with(id: str, first: str, then: str) -> Rule:
    """The rule that an attribute comes with another."""
    return Rule(id, f"@{first} → @{then}", lambda _: False, needs=words(first), lacks=words(then))


def bears(id: str, *attributes: str) -> Rule:
    """The rule that the element bears one of these attributes."""
    return Rule(id, " | ".join(f"@{name}" for name in attributes), lambda _: False, lacks=frozenset(attributes))


def valued(id: str) -> tuple[Rule, Rule]:
    """The rule that a quantity has a value (its children may be one), or is null and has none: its two halves."""
    expected = "@value | @nullFlavor"
    absent = Rule(id, expected, lambda e: bool(children(e)), lacks=words("value nullFlavor"))
    return absent, Rule(id, expected, lambda _: False, when=When.NULL, needs=words("value"))


def without(id: str, *attributes: str) -> Rule:
    """The rule that the element bears none of these attributes."""
    expected = " | ".join(f"@{name}" for name in attributes)
    return Rule(id, f"¬({expected})", lambda _: False, needs=frozenset(attributes))


def childless(*names: str) -> Holds:
    """None of these children."""
    return lambda e: not children(e, *names)


def when_null(*attributes: str, allowed: str | None = None) -> Holds:
    """A null element bears none of these attributes, unless with the value that is their default."""
    return lambda e: not null(e) or all(e.get(name) in (None, allowed) for name in attributes)


def each(name: str, holds: Holds) -> Holds:
    """Every child of this name meets it."""
    return lambda e: all(holds(child) for child in children(e, name))


def _earlier(element: Element) -> Iterator[Element]:
    parent = element.getparent()
    if parent is not None:
        for twin in parent.iterchildren(element.tag):
            if twin is element:
                return
            yield twin
