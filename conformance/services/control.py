"""The control interface: how the bench tells the running services what to do. Loopback, bearer token, JSON.

=======  ================================  =====================================================================
GET      ``/health``                       is it there
PUT      ``/lanes/{lane}``                 the lane's endpoints; makes it (``expires_in``: life of access tokens)
GET      ``/lanes/{lane}/sequences``       last sequence number of each service
PUT      ``/lanes/{lane}/mailboxes``       ``address``, ``kind``, ``owner``: opens a box, answers what opens it
POST     ``/lanes/{lane}/deliveries``      ``?mailbox=&what=``, the message as body: the record of the delivery
PUT      ``/lanes/{lane}/faults``          ``fault``, ``label``, ``active``: opens a bad server, answers its ``domain`` …
POST     ``/lanes/{lane}/faults``          ``domain``, ``active``: puts the fault of an open one on or off
DELETE   ``/lanes/{lane}/logins``          ``mailbox``: ends the login that opens a box
POST     ``/lanes/{lane}/wait``            ``kind``, ``mark``, ``after``, ``timeout``: ``{"record": … or null}``
PUT      ``/lanes/{lane}/services/{name}`` a national service's endpoints; starts it when it is first asked for
POST     ``/lanes/{lane}/services/{name}`` ``?action=``, its members as body: what the service answers
POST     ``/shutdown``                     stop
=======  ================================  =====================================================================

A refusal is ``{"code", "values", "exit_code"}``, a card of the catalogue that the client raises again.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.core.errors import ConformanceError, UsageError
from conformance.core.product import LANE_CHARACTERS
from conformance.evidence.record import Record
from conformance.services.http import bounded_body
from conformance.services.psc.tokens import ACCESS_LIFE, Lifetimes
from conformance.services.recordlog import Wanted

if TYPE_CHECKING:
    from conformance.services.host import Host
    from conformance.services.lane import ServiceLane

MAX_JSON = 64 * 1024
# A service may be told a population or a document.
MAX_ACTION = 64 * 1024 * 1024
# Above the 25 MB of MSSanté, in base64, so that an oversized message can be delivered too.
MAX_MESSAGE = 64 * 1024 * 1024
# Seconds; a client that wants longer asks again.
MAX_WAIT = 300.0
MAX_TOKEN_LIFE = 3600
# With the fault's name and the lane's, well within the 253 octets of a domain (RFC 1035 §2.3.4).
MAX_LABEL = 63


def control_app(host: Host, token: str) -> Starlette:
    """The ASGI application for one host."""
    control = _Control(host)
    return Starlette(
        routes=[
            Route("/health", control.health),
            Route("/lanes/{lane}", control.lane, methods=["PUT"]),
            Route("/lanes/{lane}/sequences", control.sequences),
            Route("/lanes/{lane}/mailboxes", control.mailbox, methods=["PUT"]),
            Route("/lanes/{lane}/deliveries", control.deliver, methods=["POST"]),
            Route("/lanes/{lane}/faults", control.fault, methods=["PUT"]),
            Route("/lanes/{lane}/faults", control.switch, methods=["POST"]),
            Route("/lanes/{lane}/logins", control.end_login, methods=["DELETE"]),
            Route("/lanes/{lane}/wait", control.wait, methods=["POST"]),
            Route("/lanes/{lane}/services/{service}", control.service, methods=["PUT"]),
            Route("/lanes/{lane}/services/{service}", control.act, methods=["POST"]),
            Route("/shutdown", control.shutdown, methods=["POST"]),
        ],
        middleware=[Middleware(_Bearer, token=token)],
        exception_handlers={ConformanceError: _card},
    )


def record_json(record: Record) -> dict[str, Any]:
    """A record as the journal holds it, with its id."""
    return {**json.loads(record.to_line()), "id": record.id}


class _Bearer:
    """Lets nobody in without the token, whatever the path."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] == "http" and not secrets.compare_digest(given, self._expected):
            await _card_response(UsageError("services.control.token"), 401)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class _Control:
    def __init__(self, host: Host) -> None:
        self._host = host

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"lanes": list(self._host.lanes)})

    async def lane(self, request: Request) -> Response:
        asked = await _json(request)
        life = _number(asked, "expires_in", ACCESS_LIFE, 1, MAX_TOKEN_LIFE)
        endpoints = await self._host.lane(request.path_params["lane"], Lifetimes(access=int(life)))
        return JSONResponse({name: getattr(endpoints, name) for name in endpoints.__slots__})

    async def sequences(self, request: Request) -> Response:
        return JSONResponse(self._host.sequences(self._lane(request).name))

    async def mailbox(self, request: Request) -> Response:
        lane = self._lane(request)
        asked = await _json(request)
        address, kind, owner = (_text(asked, name) for name in ("address", "kind", "owner"))
        return JSONResponse(lane.open_mailbox(address, kind, owner))

    async def deliver(self, request: Request) -> Response:
        lane = self._lane(request)
        raw = await bounded_body(request, MAX_MESSAGE)
        query = request.query_params
        return JSONResponse(
            record_json(await asyncio.to_thread(lane.deliver, query.get("mailbox", ""), raw, query.get("what", "")))
        )

    async def fault(self, request: Request) -> Response:
        lane = self._lane(request)
        asked = await _json(request)
        label = _text(asked, "label")
        if not set(label) <= LANE_CHARACTERS or len(label) > MAX_LABEL:
            raise UsageError("services.control.bad-request", name="label")
        return JSONResponse(await lane.fault(_text(asked, "fault"), label, active=_flag(asked, "active")))

    async def switch(self, request: Request) -> Response:
        asked = await _json(request)
        self._lane(request).operator.fronts.switch(_text(asked, "domain"), active=_flag(asked, "active"))
        return JSONResponse({})

    async def end_login(self, request: Request) -> Response:
        asked = await _json(request)
        return JSONResponse({"ended": self._lane(request).end_login(_text(asked, "mailbox"))})

    async def wait(self, request: Request) -> Response:
        lane = self._lane(request)
        asked = await _json(request)
        after = asked.get("after", {})
        if not isinstance(after, dict) or not all(type(seq) is int for seq in after.values()):
            raise UsageError("services.control.bad-request", name="after")
        wanted = Wanted(lane.name, _text(asked, "kind"), _text(asked, "mark").lower(), after)
        record = await self._host.log.wait(wanted, _number(asked, "timeout", 0, 0, MAX_WAIT))
        return JSONResponse({"record": record_json(record) if record else None})

    async def service(self, request: Request) -> Response:
        service = await self._lane(request).service(request.path_params["service"])
        return JSONResponse(dict(service.endpoints()))

    async def act(self, request: Request) -> Response:
        service = await self._lane(request).service(request.path_params["service"])
        asked = await _json(request, MAX_ACTION)
        return JSONResponse(dict(await service.act(request.query_params.get("action", ""), asked)))

    async def shutdown(self, _request: Request) -> Response:
        self._host.stopping.set()
        return JSONResponse({})

    def _lane(self, request: Request) -> ServiceLane:
        name = request.path_params["lane"]
        if name not in self._host.lanes:
            raise UsageError("services.unknown-lane", lane=name, known=", ".join(self._host.lanes))
        return self._host.lanes[name]


async def _json(request: Request, limit: int = MAX_JSON) -> Mapping[str, Any]:
    body = await bounded_body(request, limit)
    try:
        asked = json.loads(body or b"{}")
    except (ValueError, RecursionError) as exc:
        raise UsageError("services.control.bad-request", name="body") from exc
    if not isinstance(asked, dict):
        raise UsageError("services.control.bad-request", name="body")
    return asked


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name, "")
    if not isinstance(value, str):
        raise UsageError("services.control.bad-request", name=name)
    return value


def _flag(asked: Mapping[str, Any], name: str) -> bool:
    value = asked.get(name, True)
    if not isinstance(value, bool):
        raise UsageError("services.control.bad-request", name=name)
    return value


def _number(asked: Mapping[str, Any], name: str, default: float, least: float, most: float) -> float:
    value = asked.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise UsageError("services.control.bad-request", name=name)
    return float(value)


async def _card(_request: Request, error: Exception) -> Response:
    return _card_response(error, 400)


def _card_response(error: Exception, status: int) -> JSONResponse:
    if not isinstance(error, ConformanceError):
        raise error
    values = {name: str(value) for name, value in error.values.items()}
    return JSONResponse({"code": error.code, "values": values, "exit_code": error.exit_code}, status)
