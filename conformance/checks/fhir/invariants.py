"""Invariants of the base specification that are asked at every turn, in plain Python instead of FHIRPath.

Each is known by its exact expression (R4 4.0.1), so that a guide which reuses a key with another rule is not
mistaken for it. They answer like the expression does, in linear time; ``None`` means that nothing can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from conformance.checks.fhir.index import Frame
from conformance.checks.fhir.presence import there

Rule = Callable[[Mapping[str, Any], Frame], bool | None]
_COMPLETE = ("batch", "transaction", "history")
_ANSWERED = ("batch-response", "transaction-response", "history")


def _has(value: Mapping[str, Any], name: str) -> bool:
    return name in value or f"_{name}" in value


def _entries(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = value.get("entry")
    return [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []


def _in_order(first: str, last: str) -> Rule:
    """Two dates in order. The engine reads a day as its midnight; here dates compare as far as both are precise."""

    def rule(value: Mapping[str, Any], frame: Frame) -> bool | None:
        del frame
        start, end = value.get(first), value.get(last)
        return before(start, end) if isinstance(start, str) and isinstance(end, str) else True

    return rule


def before(start: str, end: str) -> bool | None:
    """Whether one date or time is not after another; ``None`` when their precision or zone does not tell."""
    width = min(len(start), len(end), 10)
    if start[:width] != end[:width]:
        # A zone moves a moment by at most 14 hours: two days apart it changes nothing.
        zoned = len(start) > 10 and len(end) > 10 and start[-6:] != end[-6:]
        return _moment(start, end) if zoned else start[:width] < end[:width]
    if len(start) == len(end) <= 10:
        return True
    if len(start) > 10 and len(end) > 10:
        return _moment(start, end)
    return None


def _moment(start: str, end: str) -> bool | None:

    try:
        return datetime.fromisoformat(start) <= datetime.fromisoformat(end)
    except (ValueError, TypeError):
        return None


def _requests(value: Mapping[str, Any], frame: Frame) -> bool:
    wanted = frame.resource.get("type") in _COMPLETE
    return all(("request" in entry) is wanted for entry in _entries(value))


def _responses(value: Mapping[str, Any], frame: Frame) -> bool:
    wanted = frame.resource.get("type") in _ANSWERED
    return all(("response" in entry) is wanted for entry in _entries(value))


def _unique(value: Mapping[str, Any], frame: Frame) -> bool:
    del frame
    if value.get("type") == "history":
        return True
    seen: set[tuple[str, Any]] = set()
    for entry in _entries(value):
        if not isinstance(address := entry.get("fullUrl"), str):
            continue
        resource = entry.get("resource")
        meta = resource.get("meta") if isinstance(resource, dict) else None
        version = meta.get("versionId") if isinstance(meta, dict) else None
        key = (address, version if isinstance(version, str) else None)
        if key in seen:
            return False
        seen.add(key)
    return True


def _unversioned(value: Mapping[str, Any], frame: Frame) -> bool:
    del frame
    return "/_history/" not in str(value.get("fullUrl") or "")


def _always(value: Mapping[str, Any], frame: Frame) -> bool:
    """The walk itself sees to it (contained resources, references, narratives)."""
    del value, frame
    return True


def _listed(value: Mapping[str, Any], frame: Frame) -> bool:
    del frame
    return value.get("type") in ("searchset", "history") or not _has(value, "total")


def _searched(value: Mapping[str, Any], frame: Frame) -> bool:
    del frame
    return value.get("type") == "searchset" or not any("search" in entry for entry in _entries(value))


NATIVE: Mapping[str, Rule] = {
    "code.empty() or system.exists()": lambda v, _: not _has(v, "code") or _has(v, "system"),
    "value.empty() or system.exists()": lambda v, _: not _has(v, "value") or _has(v, "system"),
    "data.empty() or contentType.exists()": lambda v, _: not _has(v, "data") or _has(v, "contentType"),
    "start.hasValue().not() or end.hasValue().not() or (start <= end)": _in_order("start", "end"),
    "lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn": _in_order(
        "authoredOn", "lastModified"
    ),
    "whenHandedOver.empty() or whenPrepared.empty() or whenHandedOver >= whenPrepared": _in_order(
        "whenPrepared", "whenHandedOver"
    ),
    "type.exists() or actor.exists()": lambda v, _: _has(v, "type") or _has(v, "actor"),
    "where(use = 'home').empty()": lambda v, _: v.get("use") != "home",
    "comparator.empty()": lambda v, _: not _has(v, "comparator"),
    "dataAbsentReason.empty() or value.empty()": lambda v, _: not _has(v, "dataAbsentReason") or not there(v, "value"),
    "resource.exists() or request.exists() or response.exists()": lambda v, _: any(
        name in v for name in ("resource", "request", "response")
    ),
    "entry.all(request.exists() = (%resource.type = 'batch' or %resource.type = 'transaction' or %resource.type = 'history'))": _requests,
    "entry.all(response.exists() = (%resource.type = 'batch-response' or %resource.type = 'transaction-response' or %resource.type = 'history'))": _responses,
    "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()": _unique,
    # fhirpathpy takes Boolean for the System type, which a FHIR boolean is not.
    "operator = 'exists' implies (answer is Boolean)": lambda v, _: (
        v.get("operator") != "exists" or _has(v, "answerBoolean")
    ),
    "fullUrl.contains('/_history/').not()": _unversioned,
    "entry.search.empty() or (type = 'searchset')": _searched,
    "total.empty() or (type = 'searchset') or (type = 'history')": _listed,
    "contained.contained.empty()": _always,
    "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()": _always,
    "contained.meta.security.empty()": _always,
    "htmlChecks()": _always,
    "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))": _always,
    "text.`div`.exists()": lambda v, _: isinstance(v.get("text"), dict) and "div" in v["text"],
}
# dom-3 has one wording per publisher; its key and its beginning are enough.
USED = "dom-3"


def native(key: str, expression: str) -> Rule | None:
    """The plain rule for an expression of the base specification, or ``None``."""
    if key == USED and expression.startswith("contained.where((('#'+id in (%resource.descendants()"):
        return _always
    if key in ("bdl-9", "bdl-10", "bdl-11", "bdl-12") and "implies" in expression:
        return _only_for(expression)
    return NATIVE.get(expression)


def _only_for(expression: str) -> Rule | None:
    """``type = 'document' implies …`` holds without looking further for a Bundle of another type."""
    wanted = expression.split("'")[1]
    return lambda value, _: value.get("type") != wanted or _document(value, wanted, expression)


def _document(value: Mapping[str, Any], wanted: str, expression: str) -> bool:
    if "timestamp" in expression:
        return "timestamp" in value
    if "identifier" in expression:
        identifier = value.get("identifier")
        return isinstance(identifier, dict) and "system" in identifier and "value" in identifier
    first = next(iter(_entries(value)), {})
    resource = first.get("resource")
    expected = "Composition" if wanted == "document" else "MessageHeader"
    return isinstance(resource, dict) and resource.get("resourceType") == expected
