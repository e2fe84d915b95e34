"""ISO Schematron with its inclusions brought in, its abstract patterns written out and its phase chosen.

What the three steps mean is ISO/IEC 19757-3:2016 (6.3, annexes C and D). Only what the published French rules use is
read here; anything else that would change a verdict raises :class:`Uncompilable`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from conformance.checks.subjects.xml import Element, parse_xml
from conformance.official.layout import ISO
from conformance.official.references import MAX_DEPTH

Read = Callable[[str], bytes]
_S = f"{{{ISO}}}"


class Uncompilable(ValueError):
    """Why these rules cannot be compiled, in a few words for a developer of rules."""


@dataclass(slots=True)
class Expanded:
    """A schema ready to be written as XSLT: ``patterns`` in order, the abstract rules by id, what is global."""

    root: Element
    patterns: list[Element] = field(default_factory=list)
    abstract_rules: dict[str, Element] = field(default_factory=dict)
    namespaces: dict[str, str] = field(default_factory=dict)


def expand(path: str, read: Read) -> Expanded:
    """Expand the Schematron at ``path``; ``read`` gives the bytes of a file by its path from the pack's root."""
    root = _read(path, read)
    _include(root, path, read, 0)
    made = Expanded(root, namespaces={each.get("prefix", ""): each.get("uri", "") for each in root.iter(f"{_S}ns")})
    abstract = {each.get("id", ""): each for each in root.iter(f"{_S}pattern") if each.get("abstract") == "true"}
    active = _active(root)
    for pattern in root.iterchildren(f"{_S}pattern"):
        if pattern.get("abstract") == "true" or (active is not None and pattern.get("id") not in active):
            continue
        made.patterns.append(_instance(pattern, abstract) if pattern.get("is-a") else pattern)
    for rule in root.iter(f"{_S}rule"):
        if rule.get("abstract") == "true":
            made.abstract_rules.setdefault(rule.get("id", ""), rule)
    return made


def rule_parts(rule: Element, rules: Mapping[str, Element], depth: int = 0) -> list[Element]:
    """The parts of a rule in order, those of the abstract rules that it extends in their place."""
    if depth > MAX_DEPTH:
        raise Uncompilable(f"rules extend one another without end near {rule.get('id')!r}")
    parts: list[Element] = []
    for part in rule.iterchildren(f"{_S}*"):
        if part.tag != f"{_S}extends":
            parts.append(part)
            continue
        name = part.get("rule") or ""
        if name not in rules:
            raise Uncompilable(f"rule {name!r} is extended and written nowhere")
        parts += rule_parts(rules[name], rules, depth + 1)
    return parts


def _read(path: str, read: Read) -> Element:
    try:
        content = read(path)
    except OSError as exc:
        raise Uncompilable(f"{path} is included and is not there") from exc
    root = parse_xml(content).root
    if root is None:
        raise Uncompilable(f"{path} is not XML that can be read")
    return root


def _include(element: Element, path: str, read: Read, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Uncompilable(f"{path}: includes nest too deep")
    for include in list(element.iter(f"{_S}include")):
        href = include.get("href", "").replace("\\", "/").split("#")[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), href))
        brought = _read(target, read)
        _include(brought, target, read, depth + 1)
        holder = include.getparent()
        if holder is None:
            raise Uncompilable(f"{path}: nothing but an include")
        # A schema brought in gives its content; any other root takes the place of the include itself.
        holder.replace(include, brought) if brought.tag != f"{_S}schema" else _pour(holder, include, brought)
    for extends in list(element.iter(f"{_S}extends")):
        if away := extends.get("href"):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), away))
            brought = _read(target, read)
            _include(brought, target, read, depth + 1)
            holder = extends.getparent()
            if holder is not None:
                _pour(holder, extends, brought)


def _pour(holder: Element, place: Element, brought: Element) -> None:
    at = holder.index(place)
    holder.remove(place)
    for offset, child in enumerate(list(brought)):
        holder.insert(at + offset, child)


def _active(root: Element) -> set[str] | None:
    """The patterns of the default phase, or ``None`` when every pattern is active."""
    name = root.get("defaultPhase")
    if not name or name == "#ALL":
        return None
    for phase in root.iterchildren(f"{_S}phase"):
        if phase.get("id") == name:
            return {each.get("pattern", "") for each in phase.iterchildren(f"{_S}active")}
    raise Uncompilable(f"phase {name!r} is the default and is written nowhere")


def _instance(pattern: Element, abstract: Mapping[str, Element]) -> Element:
    model = abstract.get(pattern.get("is-a", ""))
    if model is None:
        raise Uncompilable(f"abstract pattern {pattern.get('is-a')!r} is written nowhere")
    values = {f"${each.get('name')}": each.get("value", "") for each in pattern.iterchildren(f"{_S}param")}
    made = deepcopy(model)
    made.attrib.pop("abstract")
    if pattern.get("id"):
        made.set("id", pattern.get("id", ""))
    if values:
        _fill(made, values)
    return made


def _fill(element: Element, values: Mapping[str, str]) -> None:
    # Longest first: $path must not take the beginning of $path_jdv.
    places = re.compile("|".join(re.escape(name) for name in sorted(values, key=len, reverse=True)))
    for each in element.iter(f"{_S}*"):
        for name, value in each.attrib.items():
            each.set(name, places.sub(lambda found: values[found[0]], str(value)))
