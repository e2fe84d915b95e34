"""The flows of the guide: what each call does once its caller was let in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request

from conformance.core.texts import say
from conformance.services.http import bounded_body
from conformance.services.sdo.answers import Answer, Refused
from conformance.services.sdo.gate import Caller
from conformance.services.sdo.resources import (
    DECISION,
    EVALUATION,
    Json,
    code_of,
    input_of,
    objects,
    reduced,
    searchset,
    value_of,
)
from conformance.services.sdo.search import Query, Unreadable, since

if TYPE_CHECKING:
    from conformance.services.sdo.app import Desk

MAX_BODY = 1024 * 1024
# The page of a search, in the addresses that the service itself hands out (FHIR R4 §3.1.1.5.11: opaque to clients).
PAGE = "_sdoPage"


class Flows:
    """The calls of one SI-SDO."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def typed(self, request: Request, caller: Caller) -> Answer:
        """``GET`` and ``POST`` on a type: flux 1.1, 2, 3.1, 4, 5.1, and the statement of capabilities."""
        kind = str(request.path_params["resource"])
        match request.method, kind:
            case "GET", "DocumentReference" | "Task":
                return self._search(kind, request, caller)
            case "POST", "Consent" | "Task":
                return await self._create(kind, request, caller)
            case "GET", "metadata":
                return Answer(200, _capabilities(), {"interaction": "capabilities"})
        raise _not_offered(kind)

    async def instance(self, request: Request, caller: Caller) -> Answer:
        """``GET`` of one resource: flux 1.3."""
        kind, id = str(request.path_params["resource"]), str(request.path_params["id"])
        if request.method != "GET" or kind != "DocumentReference":
            raise _not_offered(kind)
        told: dict[str, Any] = {"interaction": "read", "resource": kind, "id": id}
        dossier = self._desk.register.document(id, caller.structure)
        hidden = dossier is not None and id == dossier.evaluation_id and not dossier.consented
        if dossier is None or hidden:
            raise Refused(404, "not-found", _words("not-found"), told)
        if dossier.withdrawn:
            marks = (dossier.national, id)
            raise Refused(410, "deleted", _words("gone"), {**told, "decision": dossier.national}, marks=marks)
        found = dossier.decided() if id == dossier.document else dossier.evaluated()
        version = found["meta"]["versionId"]
        told |= {"version": int(version), "decision": dossier.national}
        return Answer(200, found, told, {"ETag": f'W/"{version}"'}, (dossier.national, id))

    async def nowhere(self, request: Request, _: Caller) -> Answer:
        """No such address."""
        raise Refused(404, "not-found", _words("not-found"), {"interaction": "other", "path": request.url.path[:500]})

    def _search(self, kind: str, request: Request, caller: Caller) -> Answer:
        told: dict[str, Any] = {"interaction": "search", "resource": kind}
        try:
            query = Query.of(request.url.query)
            told["parameters"] = [list(pair) for pair in query.pairs]
            found = self._documents(query, caller) if kind == "DocumentReference" else self._tasks(query, caller)
            page = max(0, int(query.one(PAGE) or 0))
        except (Unreadable, ValueError) as exc:
            raise Refused(400, "invalid", _words("unreadable"), told) from exc
        size = self._desk.page_size
        shown = found[page * size : (page + 1) * size]
        url = f"{self._desk.fhir_base}/{kind}"
        links = [("self", f"{url}?{query.raw}")]
        if len(found) > (page + 1) * size:
            kept = [pair for pair in query.pairs if pair[0] != PAGE]
            links.append(("next", f"{url}?{urlencode([*kept, (PAGE, str(page + 1))])}"))
        told |= {"page": page, "total": len(found), "ids": [str(r["id"]) for r in shown]}
        wanted = query.token("identifier")
        marks = (wanted,) if wanted else ()
        return Answer(200, searchset(self._desk.fhir_base, shown, total=len(found), links=links), told, marks=marks)

    def _documents(self, query: Query, caller: Caller) -> list[Json]:
        """Flux 1.2 and 3.2; an evaluation shows only once a consent was received (flux 2)."""
        kind, wanted, recent = query.token("type"), query.token("identifier"), since(query.one("_lastUpdated"))
        mine = [d for d in self._desk.register.held(caller.structure) if recent(d.updated)]
        if wanted:
            mine = [d for d in mine if wanted in (d.national, d.decision)]
        found = [d.decided() for d in mine if kind in ("", DECISION)]
        found += [d.evaluated() for d in mine if kind in ("", EVALUATION) and d.evaluation and d.consented]
        return [reduced(r) for r in found] if query.one("_elements") == "id" else found

    def _tasks(self, query: Query, caller: Caller) -> list[Json]:
        recent = since(query.one("_lastUpdated"))
        return [task for when, task in self._desk.register.tasks(caller.structure) if recent(when)]

    async def _create(self, kind: str, request: Request, caller: Caller) -> Answer:
        told: dict[str, Any] = {"interaction": "create", "resource": kind}
        try:
            body = await bounded_body(request, MAX_BODY)
        except HTTPException as exc:
            raise Refused(exc.status_code, "too-long", _words("too-long"), told) from exc
        resource = _read(body, kind, told)
        national = _consented(resource) if kind == "Consent" else value_of(input_of(resource, "idNat_Decision"))
        told["decision"] = national
        marks = (national,) if national else ()
        dossier = self._desk.register.of(national, caller.structure)
        if dossier is None:
            raise Refused(422, "business-rule", _words("no-decision"), told, body=body, marks=marks)
        if kind == "Task":
            before, following = dossier.status, code_of(input_of(resource, "statutESMS"))
            told |= {"before": before, "after": following}
            # An event about a unit alone (statutUnite) leaves the status of the establishment where it was.
            if following and not self._desk.machine.allows(before, following):
                raise Refused(422, "business-rule", _words("transition"), told, body=body, marks=marks)
            dossier.status = following or before
        elif resource.get("status") == "active":
            dossier.consented = True
        kept = self._desk.register.keep(kind, resource, dossier)
        told["id"] = kept["id"]
        where = {"Location": f"{self._desk.fhir_base}/{kind}/{kept['id']}/_history/1", "ETag": 'W/"1"'}
        return Answer(201, kept, told, where, marks, body)


def _read(body: bytes, kind: str, told: Mapping[str, Any]) -> Json:
    try:
        resource = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as exc:
        raise Refused(400, "structure", _words("not-json"), told, body=body) from exc
    if not isinstance(resource, dict) or resource.get("resourceType") != kind:
        raise Refused(400, "structure", _words("not-the-type"), told, body=body)
    return resource


def _refuse(constant: str) -> None:
    """``NaN`` and ``Infinity``, which Python reads, are no JSON (RFC 8259 §6)."""
    raise ValueError(constant)


def _consented(consent: Mapping[str, Any]) -> str:
    """The decision that a Consent is about: provision.data.reference.identifier (profile esms-consent)."""
    provision = consent.get("provision")
    for data in objects(provision.get("data")) if isinstance(provision, dict) else []:
        reference = data.get("reference")
        if isinstance(reference, dict):
            return value_of(reference.get("identifier"))
    return ""


def _not_offered(kind: str) -> Refused:
    return Refused(405, "not-supported", _words("not-offered"), {"interaction": "other", "resource": kind[:100]})


def _words(key: str) -> str:
    return say(f"services.sdo.refused.{key}", "en")


def _capabilities() -> Json:
    def offers(kind: str, *codes: str) -> Json:
        return {"type": kind, "interaction": [{"code": code} for code in codes]}

    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "implementation": {"description": "SI-SDO (dui-conformance)"},
        "rest": [
            {
                "mode": "server",
                "resource": [
                    offers("Consent", "create"),
                    offers("DocumentReference", "search-type", "read"),
                    offers("Task", "create", "search-type"),
                ],
            }
        ],
    }
