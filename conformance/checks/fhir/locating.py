"""Discriminator paths: what they mean in a definition, and what they find in content.

The grammar is the restricted one of R4 (profiling.html#discriminator): names, ``$this``, ``extension('url')``,
``resolve()`` and ``ofType(X)``. A path outside it is not evaluated, and the slicing is reported as not checkable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from conformance.checks.fhir.definitions import Tables
from conformance.checks.fhir.element import Element
from conformance.checks.fhir.index import Frame, Index

_STEP = re.compile(r"(?:^|\.)(?:(\$this)|extension\('([^']+)'\)|(resolve)\(\)|ofType\((\w+)\)|([a-z]\w*))")


class Step(NamedTuple):
    """One step: ``kind`` is ``extension``, ``resolve``, ``type`` or ``name``; ``word`` its argument."""

    kind: str
    word: str


class Seen(NamedTuple):
    """A value that a path found, with the FHIR type its JSON name implies (empty when it implies none)."""

    value: Any
    type: str = ""


def steps_of(path: str) -> tuple[Step, ...] | None:
    """The steps of a path, or ``None`` when it is not a legal discriminator path."""
    found: list[Step] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            return None
        this, extension, resolve, type_, name = match.groups()
        if extension:
            found.append(Step("extension", extension))
        elif resolve:
            found.append(Step("resolve", ""))
        elif type_:
            found.append(Step("type", type_))
        elif not this:
            found.append(Step("name", name))
        position = match.end()
    return tuple(found)


def values_at(item: Seen, steps: Iterable[Step], index: Index, frame: Frame) -> list[Seen]:
    """What a path finds from one value of the content."""
    current = [item]
    for step in steps:
        current = [found for seen in current for found in _next(seen, step, index, frame)]
    return current


def _next(seen: Seen, step: Step, index: Index, frame: Frame) -> Iterable[Seen]:
    if step.kind == "type":
        return [seen] if not seen.type or seen.type == step.word else []
    if not isinstance(seen.value, dict):
        return []
    if step.kind == "resolve":
        target = index.resolve(seen.value, frame).resource
        return [] if target is None else [Seen(target, str(target.get("resourceType") or ""))]
    if step.kind == "extension":
        return [Seen(e, "Extension") for e in _list(seen.value.get("extension")) if _url(e) == step.word]
    return _named(seen.value, step.word)


def _named(value: Mapping[str, Any], name: str) -> Iterable[Seen]:
    if name in value:
        return [Seen(v) for v in _list(value[name])]
    width = len(name)
    return [
        Seen(v, key[width:])
        for key, content in value.items()
        if key.startswith(name) and key[width : width + 1].isupper()
        for v in _list(content)
    ]


def elements_at(element: Element, steps: Iterable[Step], tables: Tables) -> list[Element]:
    """What a definition says at a path, the most specific statement first."""
    current = [element]
    for step in steps:
        current = [found for one in current for found in _defined(one, step, tables)]
    return current


def _defined(element: Element, step: Step, tables: Tables) -> list[Element]:
    if step.kind == "type":
        return [element]
    if step.kind == "resolve":
        roots = [tables.root(url) for ref in element.types for url in ref.targets]
        return [root for root in roots if root is not None] or [element]
    if step.kind == "extension":
        parts = [part for owner in _children(element, "extension", tables) for part in owner.slices.values()]
        return [part for part in parts if any(step.word in (u.split("|")[0] for u in t.profiles) for t in part.types)]
    return _children(element, step.word, tables)


def _children(element: Element, name: str, tables: Tables) -> list[Element]:
    """The child as this element states it, then as its type's profiles do, then as its type does."""
    found = _own(element, name)
    for ref in element.types:
        for url in (*ref.profiles, ref.code):
            if found and any(_says(child) for child in found):
                return found
            root = tables.root(url) if url else None
            if root is not None:
                found += _own(root, name)
    return found


def _own(element: Element, name: str) -> list[Element]:
    child = element.children.get(name) or element.children.get(f"{name}[x]")
    if child is None:
        return []
    # A pattern put on a slice of the child discriminates as well (type.coding:code in fr-core).
    return [child] if _says(child) or not child.slices else [*child.slices.values(), child]


def _says(element: Element) -> bool:
    strict = element.binding is not None and element.binding.strength == "required"
    return element.fixed is not None or element.pattern is not None or bool(element.children) or strict


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _url(extension: Any) -> Any:
    return extension.get("url") if isinstance(extension, dict) else None
