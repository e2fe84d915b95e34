"""A server that says it is the SI-SDO and that an authority nobody trusts has certified."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.core.words import Provenance
from conformance.services.certificates import SERVER_USAGE, server_subject
from conformance.services.http import HttpServer, session_of
from conformance.services.lane_service import LaneContext
from conformance.services.pki import LOOPBACK

NAME = "sdo.impostor"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class Impostor:
    """It records whatever is told to it, and answers nothing of use."""

    def __init__(self, context: LaneContext) -> None:
        self._context = context
        subject = server_subject(LOOPBACK[0])
        identity = context.pki.unknown_authority.sign(subject, usage=SERVER_USAGE, names=LOOPBACK)
        certificate = context.pki.keep_for_now(f"sdo-impostor-{context.lane}", identity)
        tls = context.recorder.context(service=NAME, lane=context.lane, names=(), certificate=certificate)
        self._server = HttpServer(context=tls, settled=context.journal.durable)

    async def start(self) -> None:
        """Listen."""
        await self._server.start(Starlette(routes=[Route("/{path:path}", self._answer, methods=METHODS)]))

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    def endpoints(self) -> dict[str, str]:
        """The addresses that take the place of the good ones."""
        base = self._server.url()
        return {"fhir_base": f"{base}/fhir", "token_endpoint": f"{base}/oauth2/token"}

    async def _answer(self, request: Request) -> Response:
        # What was told is not kept: only that something was, and whether credentials came with it.
        data = {
            "method": request.method,
            "path": request.url.path[:500],
            "credentials": "authorization" in request.headers,
        }
        self._context.journal.append(
            NAME,
            self._context.lane,
            "sdo.impostor",
            provenance=Provenance.WIRE,
            session=session_of(request),
            data=data,
        )
        return JSONResponse({}, 404)
