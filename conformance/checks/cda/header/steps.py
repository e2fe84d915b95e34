"""A step of the table: the name of an element and the conditions that it meets, compiled to a function.

``id[!null]`` has no nullFlavor, ``author[time]`` holds a ``time``, ``performer[@typeCode='PRF']`` bears that value,
``x[in SET]`` bears a code of that value set under its system, ``city[!plain]`` is anything but text without attributes;
``not(…)``, ``and`` and ``or`` combine them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from conformance.checks.cda.header.sets import SETS
from conformance.checks.cda.structure.notation import NAMESPACES
from conformance.checks.subjects.cda_tree import Tree
from conformance.checks.subjects.xml import Element

Condition: TypeAlias = Callable[[Element, Tree], bool]
_EQUALS = re.compile(r"@(\w+)\s*=\s*'([^']*)'")


@dataclass(frozen=True, slots=True)
class Step:
    """``tag`` in Clark notation; ``text`` as the table writes it, ``name`` without conditions."""

    text: str
    name: str
    tag: str
    conditions: tuple[Condition, ...]

    def holds(self, element: Element, tree: Tree) -> bool:
        """Whether an element of this tag, in its tree, meets every condition."""
        for condition in self.conditions:  # noqa: SIM110 - a loop costs half of a generator, thousands of times
            if not condition(element, tree):
                return False
        return True


@cache
def step(text: str) -> Step:
    """Read a step; one that the notation does not know raises :class:`ValueError`."""
    name, bracket, rest = text.partition("[")
    return Step(text, name, clark(name), tuple(_condition(c) for c in _brackets(bracket + rest)))


def clark(name: str) -> str:
    """The Clark name of ``prefix:name``; HL7 v3 without a prefix."""
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix or 'h']}}}{local}"


def _brackets(text: str) -> list[str]:
    found, depth, start = [], 0, 0
    for place, char in enumerate(text):
        if char == "[":
            depth += 1
            start = place + 1 if depth == 1 else start
        elif char == "]":
            depth -= 1
            if depth == 0:
                found.append(text[start:place])
    return found


def _condition(text: str) -> Condition:
    for word, joined in ((" or ", any), (" and ", all)):
        if word in text and "[" not in text:
            parts = [_condition(part) for part in text.split(word)]
            return lambda e, tree: joined(part(e, tree) for part in parts)
    if text.startswith("not("):
        refused = _condition(text[4:-1])
        return lambda e, tree: not refused(e, tree)
    if text.startswith("in "):
        return _coded(text[3:])
    return _attribute(text) if text[0] in "@!" else _child(text)


def _attribute(text: str) -> Condition:
    if text == "!null":
        return lambda e, _: e.get("nullFlavor") is None
    if text == "!plain":
        return _more_than_text
    if match := _EQUALS.fullmatch(text):
        name, value = match.groups()
        return lambda e, _: e.get(name) == value
    name = text[1:]
    return lambda e, _: e.get(name) is not None


def _more_than_text(element: Element, _tree: Tree) -> bool:
    """Whether it is anything but text without attributes."""
    text = element.text
    return not text or text.isspace() or len(element) > 0 or bool(element.keys())


def _child(text: str) -> Condition:
    inner = step(text)
    tag = inner.tag
    if not inner.conditions:
        return lambda e, tree: tag in tree.children(e)
    return lambda e, tree: any(inner.holds(child, tree) for child in tree.children(e).get(tag, ()))


def _coded(name: str) -> Condition:
    values = SETS[name]
    return lambda e, _: (e.get("codeSystem") or "") in values.systems(e.get("code") or "")
