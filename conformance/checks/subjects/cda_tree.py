"""What is remembered of one document while it is judged: children by tag, declared templates, and what a path finds.

Many rules look at one place. lxml makes a Python object of a node each time that it is asked for it, unless one is kept:
what is found here is kept as long as the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from conformance.checks.subjects.cda_element import HL7
from conformance.checks.subjects.xml import Element

_TEMPLATE_ID = f"{{{HL7}}}templateId"
_STEP = re.compile(r"h:(\w+)(?:\[@(\w+)='([^']*)'\])?")
_NOTHING: Mapping[str, list[Element]] = {}


class BadPath(ValueError):
    """A path that :class:`Tree` does not know: a fault of ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """The last step of a path, ``tag`` with an attribute of one value if any, and the path before it."""

    before: str
    tag: str
    attribute: str
    value: str


class _Children(dict[Element, Mapping[str, list[Element]]]):
    """The child elements of each element, by tag, read when they are first asked for."""

    def __missing__(self, element: Element) -> Mapping[str, list[Element]]:
        found = self[element] = by_tag(element) if len(element) else _NOTHING
        return found


class _Templates(dict[Element, frozenset[str]]):
    """The templates that each element declares, read when they are first asked for."""

    def __init__(self, children: Callable[[Element], Mapping[str, list[Element]]]) -> None:
        super().__init__()
        self._among = children

    def __missing__(self, element: Element) -> frozenset[str]:
        declared = self._among(element).get(_TEMPLATE_ID, ())
        found = self[element] = frozenset([t.get("root", "") for t in declared])
        return found


class Tree:
    """The elements of one document, found once."""

    def __init__(self) -> None:
        # The child elements by tag, in order; asked for a thousand times by document, hence without a call of Python.
        self.children: Callable[[Element], Mapping[str, list[Element]]] = _Children().__getitem__
        # The roots of its ``templateId`` children, in the same way.
        self.templates: Callable[[Element], frozenset[str]] = _Templates(self.children).__getitem__
        self._found: dict[str, Sequence[Element]] = {}
        self._paths: dict[Element, str] = {}

    def find(self, root: Element, path: str) -> Sequence[Element]:
        """The elements at a path from the root of the document, such as ``h:author/h:name[@use='L']``, in order."""
        found = self._found.get(path)
        if found is None:
            last = _place(path)
            parents = self.find(root, last.before) if last.before else (root,)
            found = self._found[path] = self._next(parents, last)
        return found

    def below(self, base: Element, path: str) -> Sequence[Element]:
        """The elements at such a path from any element."""
        last = _place(path)
        return self._next(self.below(base, last.before) if last.before else (base,), last)

    def path(self, element: Element) -> str:
        """The path of an element by local names, as ``xpath_of`` writes it; what is around it is written once."""
        known = self._paths.get(element)
        if known is None:
            parent, tag = element.getparent(), element.tag
            known = f"/{str(tag).rpartition('}')[2]}"
            if parent is not None:
                twins = self.children(parent).get(tag, ())
                known = f"{self.path(parent)}{known}" + (f"[{twins.index(element) + 1}]" if len(twins) > 1 else "")
            self._paths[element] = known
        return known

    def _next(self, parents: Sequence[Element], step: Place) -> Sequence[Element]:
        if len(parents) == 1:
            found: Sequence[Element] = self.children(parents[0]).get(step.tag, ())
        else:
            found = [child for parent in parents for child in self.children(parent).get(step.tag, ())]
        if step.attribute:
            found = [child for child in found if child.get(step.attribute) == step.value]
        return found


def by_tag(element: Element) -> dict[str, list[Element]]:
    """The child elements by tag, in order."""
    found: dict[str, list[Element]] = {}
    for child in element.iterchildren("*"):
        tag = child.tag
        if tag in found:
            found[tag].append(child)
        else:
            found[tag] = [child]
    return found


def tags_of(element: Element, held: Mapping[str, list[Element]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags of the children of an element, and those of them that several bear: what rules are settled by."""
    tags = tuple(held)
    if len(tags) == len(element):
        return tags, ()
    return tags, tuple([tag for tag, found in held.items() if len(found) > 1])


@cache
def _place(path: str) -> Place:
    before, _, step = path.rpartition("/")
    match = _STEP.fullmatch(step)
    if match is None:
        raise BadPath(path)
    return Place(before, f"{{{HL7}}}{match[1]}", match[2] or "", match[3] or "")
