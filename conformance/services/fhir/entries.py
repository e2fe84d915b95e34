"""The entries of a transaction, read one by one before anything is done (FHIR R4, bundle.html, http.html#transaction)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from conformance.services.fhir.outcome import FhirFault, Json

METHODS = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
MAX_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Step:
    """One entry: what it asks, on which type and id, under which condition. ``position`` counts from 0."""

    position: int
    method: str
    kind: str
    id: str
    query: tuple[tuple[str, str], ...]
    resource: Json | None
    full_url: str
    if_none_exist: str = ""

    @property
    def place(self) -> str:
        """Where it stands in the Bundle, as FHIRPath."""
        return f"Bundle.entry[{self.position}]"


def read_steps(bundle: Mapping[str, Any]) -> list[Step]:
    """The entries of a transaction or a batch; the first that says something unclear is a :class:`FhirFault`."""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise FhirFault(400, "structure", "fhirserver.entries", expression="Bundle.entry", limit=MAX_ENTRIES)
    return [read_step(i, entry) for i, entry in enumerate(entries)]


def read_step(position: int, entry: Any) -> Step:
    """One entry."""
    place = f"Bundle.entry[{position}]"
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise FhirFault(400, "required", "fhirserver.no-request", expression=f"{place}.request")
    method, url = request.get("method"), request.get("url")
    if method not in METHODS:
        raise FhirFault(400, "value", "fhirserver.method", expression=f"{place}.request.method", got=method)
    kind, id, query = _target(url, f"{place}.request.url")
    resource = entry.get("resource")
    if method in ("POST", "PUT"):
        resource = _resource(resource, kind, url, place)
    full_url = entry.get("fullUrl")
    return Step(
        position=position,
        method=str(method),
        kind=kind,
        id=id,
        query=query,
        resource=resource if isinstance(resource, dict) else None,
        full_url=full_url if isinstance(full_url, str) else "",
        if_none_exist=str(request.get("ifNoneExist") or ""),
    )


def _target(url: Any, expression: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    path, _, query = str(url or "").partition("?")
    kind, _, id = path.strip("/").partition("/")
    if not TYPE.fullmatch(kind) or (id and not ID.fullmatch(id)):
        raise FhirFault(400, "value", "fhirserver.url", expression=expression, got=url)
    return kind, id, tuple(parse_qsl(query, keep_blank_values=True))


def _resource(resource: Any, kind: str, url: Any, place: str) -> Json:
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise FhirFault(400, "required", "fhirserver.no-resource", expression=f"{place}.resource")
    if resource["resourceType"] != kind:
        expression = f"{place}.request.url"
        raise FhirFault(400, "value", "fhirserver.other-url", expression=expression, got=url, type=kind)
    return resource
