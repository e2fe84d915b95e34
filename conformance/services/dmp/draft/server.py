"""The draft's server: ITI-65 (POST of a transaction), ITI-67 (search), ITI-68 (reading), over the registry of the other route.

The draft leaves security to PSC and PGSSI-S: here a client certificate names the structure, a token of Pro Santé Connect the user.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.services.dmp.draft.coding import OID
from conformance.services.dmp.draft.reference import document_reference, id_of, shown, status_of
from conformance.services.dmp.draft.submission import Sender, provide
from conformance.services.dmp.held import Held, matricule_of
from conformance.services.dmp.store import Store
from conformance.services.fhir.admission import token_facts
from conformance.services.fhir.exchange import Exchange
from conformance.services.fhir.outcome import FhirFault, Json
from conformance.services.fhir.reading import MEDIA_TYPE, accepts_json, read_resource
from conformance.services.http import HttpServer, bounded_body, session_of, tls_of
from conformance.services.lane_service import LaneContext

NAME = "dmp.fhir"
PREFIX = "/fhir"
MAX_BODY = 64 * 1024 * 1024
# The parameters of ITI-67 that are played; the guide lists more.
PARAMETERS = ("patient.identifier", "status", "type", "category", "identifier")


class DraftServer:
    """The FHIR route of one lane."""

    def __init__(self, context: LaneContext, store: Store) -> None:
        self._context = context
        self._store = store
        tls = context.recorder.context(service=NAME, lane=context.lane, names=(), client_auth="required")
        self._server = HttpServer(context=tls, settled=context.journal.durable)
        self.base = self._server.url() + PREFIX

    async def start(self) -> None:
        """Listen."""
        routes = [Route(PREFIX, self._serve, methods=["POST"])]
        routes += [Route(f"{PREFIX}/{{path:path}}", self._serve, methods=["GET", "POST"])]
        await self._server.start(Starlette(routes=routes))

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    async def _serve(self, request: Request) -> Response:
        path = str(request.path_params.get("path", "")).strip("/")
        exchange = Exchange(request.method, path, request.url.query, request.headers, session_of(request))
        try:
            exchange.body = await bounded_body(request, MAX_BODY)
            sender = self._sender(exchange, request)
            response = self._answered(exchange, request, sender, path)
        except FhirFault as fault:
            exchange.outcome = fault.outcome()
            response = _json(exchange.outcome, fault.status)
        exchange.status, exchange.answer = response.status_code, bytes(response.body)
        exchange.record(self._context.journal, NAME, self._context.lane)
        return response

    def _sender(self, exchange: Exchange, request: Request) -> Sender:
        handshake = tls_of(request)
        certificate = handshake.client_certificate if handshake else None
        units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME) if certificate else []
        structure = str(units[0].value) if units else ""
        token = token_facts(request, self._context.tokens, needed=True)
        exchange.facts |= {"structure": structure, **token}
        return Sender(structure, str(token["token_subject"]), datetime.now(UTC).isoformat(timespec="milliseconds"))

    def _answered(self, exchange: Exchange, request: Request, sender: Sender, path: str) -> Response:
        if request.method == "POST":
            if path:
                raise FhirFault(405, "not-supported", "fhirserver.method", got="POST")
            bundle = read_resource(exchange.body, request.headers.get("content-type", ""))
            exchange.resource = bundle
            return _json(provide(self._store, bundle, sender), 200)
        kind, _, id = path.partition("/")
        if kind == "DocumentReference" and not id:
            return _json(self._found(request.query_params, sender), 200)
        held = self._reachable(id, sender) if kind in ("DocumentReference", "Binary") else None
        if held is None:
            raise FhirFault(404, "not-found", "fhirserver.unknown", resource=path[:100])
        return (
            _json(document_reference(held, self.base), 200)
            if kind == "DocumentReference"
            else self._binary(held, request)
        )

    def _binary(self, held: Held, request: Request) -> Response:
        read = self._store.reading(held.unique_id)
        content = read() if read else b""
        accept = request.headers.get("accept", "")
        if "json" in accept and accepts_json(accept, ""):
            data = base64.b64encode(content).decode()
            return _json({"resourceType": "Binary", "id": id_of(held), "contentType": "text/xml", "data": data}, 200)
        return Response(content, 200, media_type="text/xml")

    def _found(self, asked: Mapping[str, str], sender: Sender) -> Json:
        if unknown := sorted(set(asked) - set(PARAMETERS)):
            raise FhirFault(400, "not-supported", "dmp.draft.parameter", got=", ".join(unknown)[:200])
        system, _, value = asked.get("patient.identifier", "").partition("|")
        if not system or not value:
            raise FhirFault(400, "required", "dmp.draft.patient")
        self._consulting(value, system.removeprefix(OID), sender)
        found = [
            one for one in self._store.entries_of(matricule_of(value)) if shown(one) and self._visible(one, sender)
        ]
        resources = [document_reference(one, self.base) for one in found if _meets(one, asked)]
        entries = [
            {"fullUrl": f"{self.base}/DocumentReference/{one['id']}", "resource": one, "search": {"mode": "match"}}
            for one in resources
        ]
        return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}

    def _reachable(self, id: str, sender: Sender) -> Held | None:
        held = self._store.entry(f"urn:uuid:{id}") or self._store.entry(id)
        if held is None or not shown(held):
            return None
        patient = self._store.patient(held.matricule)
        if patient is None:
            return None
        self._consulting(patient.ins, patient.oid, sender)
        return held if self._visible(held, sender) else None

    def _consulting(self, ins: str, oid: str, sender: Sender) -> None:
        patient = self._store.patient(ins)
        if patient is None or patient.oid != oid or patient.state != "open":
            raise FhirFault(404, "not-found", "dmp.draft.no-record")
        if self._store.authorisation(ins, sender.person) != "valid":
            raise FhirFault(403, "forbidden", "dmp.fault.not-authorised", detail="-")

    def _visible(self, held: Held, sender: Sender) -> bool:
        return "MASQUE_PS" not in held.facts["codes"]["confidentiality"] or held.structure == sender.structure


def _meets(held: Held, asked: Mapping[str, str]) -> bool:
    if asked.get("status") and status_of(held) not in asked["status"].split(","):
        return False
    wanted = asked.get("identifier", "").rpartition("|")[2].removeprefix(OID)
    if wanted and wanted != held.unique_id:
        return False
    for parameter, attribute in (("type", "type_code"), ("category", "class_code")):
        codes = {one.rpartition("|")[2] for one in asked.get(parameter, "").split(",") if one}
        if codes and not codes & set(held.facts["codes"][attribute]):
            return False
    return True


def _json(resource: Any, status: int) -> Response:
    return Response(
        json.dumps(resource, ensure_ascii=False).encode(), status, media_type=f"{MEDIA_TYPE}; charset=utf-8"
    )
