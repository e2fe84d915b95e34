"""The HTTP face of the SI-SDO: its token endpoint and the five flows of the guide.

Source: IG ans.fhir.fr.sdo 4.0.x, pages « Flux 1 » to « Flux 5 »; FHIR R4 §3.1.0 (RESTful API). A Task is never
updated: one event is one POST (release 4.0.1 of the guide).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.core.texts import say
from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.services.http import session_of
from conformance.services.psc.oauth import NO_STORE, OAuthError, OAuthRequest, clip, read_request
from conformance.services.sdo.answers import Answer, Refused
from conformance.services.sdo.faults import STATUSES, Fault, Faults
from conformance.services.sdo.flows import Flows
from conformance.services.sdo.gate import Caller, caller_of, entity_of
from conformance.services.sdo.machine import Machine
from conformance.services.sdo.register import Register
from conformance.services.sdo.tokens import AccessTokens

MAX_PAGE = 1000
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_ISSUES = {403: "forbidden", 429: "throttled", 500: "exception", 503: "transient"}


class Desk:
    """Everything that a request may meet. ``entities`` gives the establishments of each legal entity's certificate."""

    def __init__(
        self, *, lane: str, journal: Journal, base: str, key: RSAKey, entities: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.lane = lane
        self.journal = journal
        self.entities = entities
        self.fhir_base = f"{base}/fhir"
        self.token_endpoint = f"{base}/oauth2/token"
        self.tokens = AccessTokens(base, f"esms-{lane}", key)
        self.register = Register()
        self.faults = Faults()
        self.machine = Machine()
        self.page_size = 50

    def write(self, request: Request, kind: str, data: Mapping[str, Any], answer: Answer | None = None) -> None:
        """Append what happened to the journal, before it is answered."""
        blobs = {name: content for name, content in (answer.blobs if answer else {}).items() if content}
        self.journal.append(
            "sdo",
            self.lane,
            kind,
            provenance=Provenance.WIRE,
            session=session_of(request),
            data=data,
            blobs=blobs,
            marks=answer.marks if answer else (),
        )


def application(desk: Desk) -> Starlette:
    """The ASGI application of one lane's SI-SDO."""
    flows = Flows(desk)
    return Starlette(
        routes=[
            Route("/oauth2/token", _token(desk), methods=["POST"]),
            Route("/fhir/{resource}", _call(desk, flows.typed), methods=METHODS),
            Route("/fhir/{resource}/{id}", _call(desk, flows.instance), methods=METHODS),
            Route("/{path:path}", _call(desk, flows.nowhere), methods=METHODS),
        ]
    )


def _token(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        entity = entity_of(request)
        data: dict[str, Any] = {"entity": entity, "outcome": "refused", "error": None, "token_id": None}
        fault = desk.faults.take("token")
        asked: OAuthRequest | None = None
        try:
            asked = await read_request(request)
            asked.authenticate(desk.tokens.client_id, desk.tokens.client_secret)
            if asked.required("grant_type") != "client_credentials":
                raise OAuthError("unsupported_grant_type", "unsupported-grant")
            if entity not in desk.entities:
                raise OAuthError("invalid_client", "wrong-client", 403)
        except OAuthError as exc:
            data |= {"error": exc.error, "status": exc.status}
            refused: Response | None = exc.response()
        else:
            refused = None
        if fault is not None and fault.name in STATUSES:
            data |= {"error": fault.name, "status": STATUSES[fault.name]}
            refused = JSONResponse({"error": "temporarily_unavailable"}, STATUSES[fault.name], headers=NO_STORE)
        minted: dict[str, Any] = {}
        if refused is None:
            text, access = desk.tokens.mint(entity, desk.entities[entity])
            data |= {"outcome": "ok", "status": 200, "token_id": access.token_id}
            minted = {"access_token": text, "token_type": "Bearer", "expires_in": desk.tokens.life}
        if asked is not None:
            data |= {"grant_type": asked.shown("grant_type"), "client_id": clip(asked.client_id)}
            data |= {"scope": asked.shown("scope"), "basic": asked.basic}
        desk.write(request, "sdo.token", data)
        return refused or JSONResponse(minted, headers=NO_STORE)

    return endpoint


Flow = Callable[[Request, Caller], Awaitable[Answer]]


def _call(desk: Desk, flow: Flow) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        caller = caller_of(request, desk.tokens)
        fault: Fault | None = None
        try:
            if caller.refusal:
                words = say(f"services.sdo.refused.{caller.refusal}", "en")
                raise Refused(caller.status, "login" if caller.status == 401 else "forbidden", words)
            fault = desk.faults.take(_interaction(request))
            if fault is not None and fault.name in STATUSES:
                status = STATUSES[fault.name]
                raise Refused(status, _ISSUES[status], say("services.sdo.refused.fault", "en"))
            answer = await flow(request, caller)
        except Refused as refused:
            answer = refused.answer()
        if fault is not None and fault.name == "slow":
            await asyncio.sleep(fault.delay)
        desk.write(request, "sdo.call", {**_told(request, caller), **_named(fault), **answer.data}, answer)
        return answer.response(request.method, fault)

    return endpoint


def _interaction(request: Request) -> str:
    if request.method == "POST":
        return "create"
    return "read" if "id" in request.path_params else "search"


def _told(request: Request, caller: Caller) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.url.path[:500],
        "query": request.url.query[:2000],
        "token": caller.token,
        "token_id": caller.access.token_id if caller.access else None,
        "structure": caller.structure,
        "entity": caller.entity,
        "refusal": caller.refusal,
    }


def _named(fault: Fault | None) -> dict[str, Any]:
    return {"fault": fault.name} if fault else {}
