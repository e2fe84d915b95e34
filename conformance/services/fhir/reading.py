"""What a FHIR server accepts to read: JSON, bounded in size and depth, of the media types that FHIR names.

XML is not read: the server says so (415), as its CapabilityStatement does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from conformance.services.fhir.outcome import FhirFault, Json

MEDIA_TYPE = "application/fhir+json"
# FHIR R4, http.html#mime-type: the proper type, and what generic clients send.
JSON_TYPES = ("application/fhir+json", "application/json", "application/json+fhir", "text/json")
MAX_BODY = 64 * 1024 * 1024
# R4 resources stay under 20 objects deep.
MAX_DEPTH = 48


def read_resource(body: bytes, content_type: str) -> Json:
    """The resource of a request's body; anything else is a :class:`FhirFault`."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in JSON_TYPES:
        raise FhirFault(415, "not-supported", "fhirserver.media-type", got=kind or "-", known=MEDIA_TYPE)
    try:
        parsed = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as exc:
        raise FhirFault(400, "structure", "fhirserver.not-json") from exc
    if not isinstance(parsed, dict) or not isinstance(parsed.get("resourceType"), str):
        raise FhirFault(400, "structure", "fhirserver.not-a-resource")
    if depth_over(parsed, MAX_DEPTH):
        raise FhirFault(400, "too-costly", "fhirserver.too-deep", limit=MAX_DEPTH)
    return parsed


def depth_over(value: Any, limit: int) -> bool:
    """Whether objects nest deeper than ``limit``; never recurses."""
    level: list[Any] = [value]
    for _ in range(2 * limit):
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def accepts_json(accept: str, asked: str) -> bool:
    """Whether ``_format``, else the Accept header, takes FHIR JSON (http.html#mime-type)."""
    if asked:
        return asked.partition(";")[0].strip().lower() in (*JSON_TYPES, "json")
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",") if part.strip()]
    return not kinds or any(kind in (*JSON_TYPES, "*/*", "application/*") for kind in kinds)


def objects(value: Any) -> list[Json]:
    """The objects of a list, whatever else it holds; of an object alone, itself."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def identifier_values(value: Any) -> Iterator[str]:
    """Every value of an identifier found anywhere: what makes a record belong to a scenario."""
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            for name, content in item.items():
                if name in ("identifier", "masterIdentifier"):
                    yield from (text for one in objects(content) if isinstance(text := one.get("value"), str) and text)
                if isinstance(content, (dict, list)):
                    stack.append(content)
        elif isinstance(item, list):
            stack += [inner for inner in item if isinstance(inner, (dict, list))]


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
