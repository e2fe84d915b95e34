"""A FHIR server over HTTP: routes, media types, conditions, errors; every exchange recorded before it is answered.

    api = FhirApi(name="SI-SDO", base=url, offer=offer, searches=searches, record=record, admit=admit)
    await server.start(api.app())

``interactions`` are the methods that entries may use; ``admit`` reads who asks (headers, certificate) and answers facts for
the record, or raises :class:`FhirFault`; ``gate`` has the last word on a resource that is about to be kept. What is recorded
must be durable when the answer leaves: give the server ``settled=journal.durable``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.services.fhir.capability import Offer, statement
from conformance.services.fhir.entries import ID, TYPE, Step
from conformance.services.fhir.exchange import Exchange
from conformance.services.fhir.faults import FaultPlan, Faults, refuse_entry
from conformance.services.fhir.outcome import FhirFault, Json, all_is_well
from conformance.services.fhir.reading import MAX_BODY, MEDIA_TYPE, accepts_json, read_resource
from conformance.services.fhir.repository import Repository, instant
from conformance.services.fhir.search import Searches
from conformance.services.fhir.transaction import Engine
from conformance.services.http import bounded_body, session_of

Admit = Callable[[Request], Mapping[str, Any]]
Gate = Callable[[Step], None]
# Status, resource (or nothing), headers.
Answer = tuple[int, Json | None, dict[str, str]]


def anybody(_request: Request) -> Mapping[str, Any]:
    """Let everybody in."""
    return {}


def anything(_step: Step) -> None:
    """Keep whatever comes."""


@dataclass
class FhirApi:
    """One FHIR server. ``base`` is its address without a trailing slash; ``prefix`` the path part of it."""

    name: str
    base: str
    offer: Offer
    searches: Searches
    record: Callable[[Exchange], None]
    prefix: str = ""
    admit: Admit = anybody
    gate: Gate = anything
    integrity: bool = False
    interactions: frozenset[str] = frozenset({"POST", "PUT", "DELETE", "GET"})
    max_body: int = MAX_BODY
    repository: Repository = field(default_factory=Repository)
    faults: Faults = field(default_factory=Faults)

    def app(self) -> Starlette:
        """The ASGI application."""
        methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
        return Starlette(
            routes=[
                Route(self.prefix or "/", self._serve, methods=methods),
                Route(self.prefix + "/{path:path}", self._serve, methods=methods),
            ]
        )

    async def _serve(self, request: Request) -> Response:
        path = request.path_params.get("path", "").strip("/")
        method = "GET" if request.method == "HEAD" else request.method
        exchange = Exchange(method, path, request.url.query, request.headers, session_of(request))
        plan = self.faults.take(method, path)
        exchange.fault = plan.kind if plan else None
        try:
            exchange.body = await _body(request, self.max_body)
            exchange.facts |= self.admit(request)
            status, resource, headers = self._answer(exchange, request, plan)
        except FhirFault as fault:
            status, resource, headers = fault.status, fault.outcome(), {}
        response = _written(status, resource, headers, method=request.method, cut=bool(plan and plan.kind == "broken"))
        exchange.status, exchange.answer = status, bytes(response.body)
        exchange.outcome = resource if resource and resource["resourceType"] == "OperationOutcome" else None
        if plan and plan.kind == "slow":
            await asyncio.sleep(plan.seconds)
        # Before it is answered; a disk that is full must not be told as a success.
        self.record(exchange)
        return response

    def _answer(self, exchange: Exchange, request: Request, plan: FaultPlan | None) -> Answer:
        if plan and plan.kind == "status":
            raise FhirFault(plan.status, "transient", "fhirserver.fault", status=plan.status)
        if not accepts_json(request.headers.get("accept", ""), request.query_params.get("_format", "")):
            raise FhirFault(406, "not-supported", "fhirserver.accept", known=MEDIA_TYPE)
        return _Interaction(self, exchange, plan).answer()


class _Interaction:
    """One request, sorted by its method and path (http.html#3.1.0)."""

    def __init__(self, api: FhirApi, exchange: Exchange, plan: FaultPlan | None) -> None:
        self.api = api
        self.exchange = exchange
        self.plan = plan
        self.query = parse_qsl(exchange.query, keep_blank_values=True)
        handling = exchange.headers.get("prefer", "").replace(" ", "")
        self.strict = "handling=strict" in handling
        self.wants = next(
            (p.partition("=")[2] for p in handling.replace(";", ",").split(",") if p.startswith("return=")), ""
        )

    def answer(self) -> Answer:
        method, parts = self.exchange.method, self.exchange.path.split("/") if self.exchange.path else []
        if parts == ["metadata"] and method == "GET":
            api = self.api
            made = statement(api.offer, api.searches, base=api.base, name=api.name, date=instant())
            return 200, made, {}
        if not parts and method == "POST":
            return self._bundle()
        if not parts or not TYPE.fullmatch(parts[0]) or len(parts) > 2:
            raise FhirFault(404, "not-supported", "fhirserver.path", path=self.exchange.path)
        kind, id = parts[0], parts[1] if len(parts) == 2 else ""
        if kind not in self.api.offer.types:
            raise FhirFault(404, "not-supported", "fhirserver.type", type=kind)
        return self._of_type(method, kind, id)

    def _of_type(self, method: str, kind: str, id: str) -> Answer:
        if method == "POST" and id == "_search":
            form = parse_qsl(self.exchange.body.decode("utf-8", "replace"), keep_blank_values=True)
            return self._search(kind, [*self.query, *form])
        if id and not ID.fullmatch(id):
            raise FhirFault(400, "value", "fhirserver.url", got=id)
        if method == "GET":
            return self._read(kind, id) if id else self._search(kind, self.query)
        if method == "POST" and not id:
            return self._write("create", kind, "", self.exchange.headers.get("if-none-exist", ""))
        if method == "PUT":
            return self._write("update", kind, id, "")
        if method == "DELETE" and id:
            self._offered("delete", kind)
            self.api.repository.delete(kind, id)
            return 204, None, {}
        raise FhirFault(405, "not-supported", "fhirserver.method", got=method)

    def _bundle(self) -> Answer:
        resource = self._resource()
        kind = resource.get("type")
        if resource["resourceType"] != "Bundle" or kind not in ("transaction", "batch"):
            raise FhirFault(400, "value", "fhirserver.not-a-transaction", got=kind or resource["resourceType"])
        self._offered(str(kind), "")
        engine = self._engine()
        try:
            answer = engine.transaction(resource) if kind == "transaction" else engine.batch(resource)
        finally:
            self.exchange.facts["unresolved"] = engine.unresolved[:100]
        if self.wants == "minimal":
            answer["entry"] = [{"response": entry["response"]} for entry in answer["entry"]]
        return 200, answer, {}

    def _write(self, interaction: str, kind: str, id: str, condition: str) -> Answer:
        """A creation or an update, carried out as the transaction of one entry."""
        self._offered(interaction, kind)
        resource = self._resource()
        suffix = f"/{id}" if id else f"?{self.exchange.query}" if interaction == "update" else ""
        if id and resource.get("id") != id:
            raise FhirFault(400, "value", "fhirserver.other-id", expression=f"{kind}.id", got=resource.get("id"), id=id)
        request = {"method": "PUT" if interaction == "update" else "POST", "url": kind + suffix}
        request |= {"ifNoneExist": condition} if condition else {}
        try:
            done = self._engine().transaction({"entry": [{"resource": resource, "request": request}]})["entry"][0]
        except FhirFault as fault:
            expression = fault.expression.removeprefix("Bundle.entry[0]").removeprefix(".resource").strip(".")
            raise FhirFault(fault.status, fault.issue, fault.code, expression=expression, **fault.values) from fault
        response = done["response"]
        headers = {
            "Location": f"{self.api.base}/{response['location']}",
            "ETag": response["etag"],
        }
        status = int(response["status"][:3])
        if self.wants == "minimal":
            return status, None, headers
        return (
            status,
            all_is_well(response["status"]) if self.wants == "OperationOutcome" else done["resource"],
            headers,
        )

    def _read(self, kind: str, id: str) -> Answer:
        self._offered("read", kind)
        found = self.api.repository.get(kind, id)
        return 200, found, {"ETag": f'W/"{found["meta"]["versionId"]}"'}

    def _search(self, kind: str, query: list[tuple[str, str]]) -> Answer:
        self._offered("search-type", kind)
        api = self.api
        return 200, api.searches.answer(api.repository, api.base, kind, query, strict=self.strict), {}

    def _engine(self) -> Engine:
        api = self.api

        def gate(step: Step) -> None:
            if self.plan and self.plan.kind == "entry":
                refuse_entry(self.plan, step)
            api.gate(step)

        return Engine(api.repository, api.searches, interactions=api.interactions, integrity=api.integrity, gate=gate)

    def _offered(self, interaction: str, kind: str) -> None:
        if not self.api.offer.allows(interaction, kind):
            raise FhirFault(405, "not-supported", "fhirserver.interaction", interaction=interaction, type=kind or "-")

    def _resource(self) -> Json:
        resource = read_resource(self.exchange.body, self.exchange.headers.get("content-type", ""))
        self.exchange.resource = resource
        return resource


async def _body(request: Request, limit: int) -> bytes:
    try:
        return await bounded_body(request, limit)
    except HTTPException as exc:
        raise FhirFault(413, "too-long", "fhirserver.too-long", limit=limit) from exc


def _written(status: int, resource: Json | None, headers: Mapping[str, str], *, method: str, cut: bool) -> Response:
    content = b"" if resource is None else json.dumps(resource, ensure_ascii=False).encode()
    if cut:
        content = content[: len(content) // 2]
    media = f"{MEDIA_TYPE}; charset=utf-8" if resource is not None else None
    return Response(b"" if method == "HEAD" else content, status, dict(headers), media_type=media)
