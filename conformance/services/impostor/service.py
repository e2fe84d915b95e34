"""The impostors of a lane: one for each fault asked for; they record whatever is told to them and answer nothing of use."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar, get_args

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.core.errors import UsageError
from conformance.core.words import Provenance
from conformance.services.http import HttpServer, bounded_body, session_of
from conformance.services.lane_service import Action, LaneContext, LaneService
from conformance.services.mssante import leaf
from conformance.services.mssante.faults import WEB_CERTIFICATES, Certificate

NAME = "impostor"
CLEAR = "clear"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
# What is kept of a request: enough to see whom it speaks of.
MAX_BODY = 256 * 1024


class Impostors(LaneService):
    """Each listens on a port of its own until the lane ends."""

    name: ClassVar[str] = NAME

    def __init__(self, context: LaneContext) -> None:
        super().__init__(context)
        self._servers: list[HttpServer] = []

    async def start(self) -> None:
        """Nothing listens before it is asked for."""

    async def stop(self) -> None:
        """Stop listening."""
        for server in self._servers:
            await server.stop()

    def endpoints(self) -> Mapping[str, Any]:
        """The faults that can be asked for."""
        return {"faults": [*WEB_CERTIFICATES, CLEAR]}

    def actions(self) -> Mapping[str, Action]:
        """``open`` an impostor with a ``fault``."""
        return {"open": self._open}

    async def _open(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answers ``origin`` (scheme, host and port) and ``domain``, which names this impostor in the records."""
        fault = str(asked.get("fault"))
        if fault not in (*WEB_CERTIFICATES, CLEAR):
            raise UsageError("services.unknown-action", service=NAME, action=fault, known=", ".join(WEB_CERTIFICATES))
        domain = f"impostor-{secrets.token_hex(4)}.test"
        server = HttpServer(settled=self.context.journal.durable) if fault == CLEAR else self._behind(fault, domain)
        self._servers.append(server)

        async def answer(request: Request) -> Response:
            return await self._answer(request, fault, domain)

        await server.start(Starlette(routes=[Route("/{path:path}", answer, methods=METHODS)]))
        return {"origin": server.url(), "domain": domain}

    def _behind(self, fault: str, domain: str) -> HttpServer:
        kind: Certificate = next(known for known in get_args(Certificate) if known == fault)
        pki = self.context.pki
        certificate = leaf.web(kind, self.context.publication, pki, domain)
        about = {"fault": fault, "domain": domain}
        tls = self.context.recorder.context(
            service=NAME,
            lane=self.context.lane,
            names=(),
            certificate=certificate,
            client_auth="optional",
            about=about,
        )
        return HttpServer(context=tls, settled=self.context.journal.durable)

    async def _answer(self, request: Request, fault: str, domain: str) -> Response:
        content = await bounded_body(request, MAX_BODY)
        told = {
            "method": request.method,
            "path": request.url.path[:500],
            "query": request.url.query[:2000],
            "fault": fault,
            "domain": domain,
        }
        self.context.journal.append(
            NAME,
            self.context.lane,
            "impostor.request",
            provenance=Provenance.WIRE,
            session=session_of(request),
            data=told,
            marks=(domain,),
            blobs={"body": content} if content else None,
        )
        return JSONResponse({}, 404)
