"""Contained resources: not nested, referred to, and without a life of their own.

Source: FHIR R4 4.0.1, domainresource.html, dom-2 to dom-5, in linear time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.checks.fhir.path import Place
from conformance.checks.fhir.report import Report

# Members whose text may begin with the mark without pointing anywhere.
_TEXTS = ("div", "valueString", "display", "text", "valueMarkdown")


def items(root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The contained resources of a resource."""
    inside = root.get("contained")
    return [r for r in inside if isinstance(r, dict)] if isinstance(inside, list) else []


def judge_contained(value: Mapping[str, Any], place: Place, report: Report) -> None:
    """Judge the contained resources of one resource."""
    inside = value.get("contained")
    if not isinstance(inside, list) or not inside:
        return
    named, upwards = _named(value, inside)
    seen: set[str] = set()
    for i, resource in enumerate(inside):
        if not isinstance(resource, dict):
            continue
        here = Place(place, "contained", i)
        id = resource.get("id")
        if not isinstance(id, str):
            report.error("fhir.contained.no-id", here)
        elif id in seen:
            report.error("fhir.contained.same-id", here, None, id)
        else:
            seen.add(id)
            if id not in named and i not in upwards:
                report.error("fhir.contained.unused", here, None, id)
        _alone(resource, here, report)


def _alone(resource: Mapping[str, Any], place: Place, report: Report) -> None:
    if "contained" in resource:
        report.error("fhir.contained.nested", place)
    meta = resource.get("meta")
    for member in ("versionId", "lastUpdated", "security"):
        if isinstance(meta, dict) and member in meta:
            report.error("fhir.contained.meta", place, None, f"meta.{member}")


def _named(value: Mapping[str, Any], inside: list[Any]) -> tuple[set[str], set[int]]:
    """The local ids referred to, and the ranks of contained resources that refer to their container."""
    named = {t[1:] for name, content in value.items() if name != "contained" for t in _pointers(name, content)}
    upwards: set[int] = set()
    for i, resource in enumerate(inside):
        found = set(_pointers("contained", resource))
        named |= {t[1:] for t in found}
        if "#" in found:
            upwards.add(i)
    return named, upwards


def _pointers(name: str, value: Any) -> Iterator[str]:
    """Every local pointer under a member: ``#id`` in a reference, a uri, a url or a canonical."""
    stack: list[tuple[str, Any]] = [(name, value)]
    while stack:
        label, item = stack.pop()
        if isinstance(item, dict):
            stack += item.items()
        elif isinstance(item, list):
            stack += [(label, inner) for inner in item]
        elif isinstance(item, str) and item.startswith("#") and label not in _TEXTS:
            yield item
