"""The control API: every operation that the bench may ask, behind a bearer token.

Routes are made from :mod:`conformance.drivers.operations`, so that paths and names are the contract's own.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.core.texts import say
from conformance.drivers.operations import OPERATIONS

from . import facts
from .control_actions import ACTIONS
from .faults import Fault
from .members import Members

if TYPE_CHECKING:
    from .application import Dui

PREFIX = "/conformance/v1"
MAX_BODY = 2 * 1024 * 1024
WHO = "conformance"

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(dui: Dui, token: str, *, switchable: bool) -> list[Route]:
    """One route per operation, the switch of defects when it is allowed, and a JSON answer for everything else."""
    made = [
        Route(operation.path, _guarded(_endpoint(dui, operation.name), token), methods=[operation.method])
        for operation in OPERATIONS
    ]
    if switchable:
        made.append(Route("/defects", _guarded(_switch(dui), token), methods=["PUT"]))
    methods = ["GET", "POST", "PUT", "DELETE", "PATCH"]
    return [*made, Route("/{path:path}", _guarded(_not_offered, token), methods=methods)]


def about() -> dict[str, Any]:
    """Who the product is, and what it can be asked."""
    return {
        "name": facts.NAME,
        "version": facts.VERSION,
        "editor": facts.EDITOR,
        "reference": facts.REFERENCE,
        "operations": [operation.name for operation in OPERATIONS],
    }


def _endpoint(dui: Dui, name: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if name == "about":
            return JSONResponse(about())
        if name == "idle":
            return JSONResponse({"idle": await run_in_threadpool(lambda: dui.idle)})
        members = Members({**await _body(request), **request.path_params})
        return await run_in_threadpool(_act, dui, name, members)

    return endpoint


def _act(dui: Dui, name: str, members: Members) -> Response:
    with dui.outbox.busy():
        answer = ACTIONS[name](dui, WHO, members)
    if isinstance(answer, bytes):
        return Response(answer, media_type="application/pdf" if answer.startswith(b"%PDF-") else "text/xml")
    return JSONResponse(answer)


def _switch(dui: Dui) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        names = Members(await _body(request)).texts("defects")
        try:
            dui.sins.switch(names)
        except KeyError as exc:
            raise Fault("refdui.fault.no-defect", defect=str(exc.args[0])) from exc
        return JSONResponse({"defects": list(dui.sins.names)})

    return endpoint


async def _not_offered(_: Request) -> Response:
    return JSONResponse({"error": say("refdui.fault.not-offered", "fr")}, 501)


def _guarded(endpoint: Endpoint, token: str) -> Endpoint:
    async def guarded(request: Request) -> Response:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
            return JSONResponse(
                {"error": say("refdui.fault.no-token", "fr")}, 401, headers={"WWW-Authenticate": "Bearer"}
            )
        try:
            return await endpoint(request)
        except Fault as fault:
            return JSONResponse({"error": str(fault), "code": fault.code}, fault.status)

    return guarded


async def _body(request: Request) -> Mapping[str, Any]:
    """The JSON object of a request, bounded; an empty body is an empty object."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_BODY:
            raise TooLarge("refdui.fault.too-large", what="body", limit=MAX_BODY)
    if not content:
        return {}
    try:
        parsed = json.loads(bytes(content))
    except (ValueError, RecursionError) as exc:
        raise Fault("refdui.fault.not-json") from exc
    if not isinstance(parsed, dict):
        raise Fault("refdui.fault.not-json")
    return parsed


class TooLarge(Fault):
    """A body beyond the bound."""

    status = 413
