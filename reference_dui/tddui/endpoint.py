"""The product's own FHIR endpoint, where another DUI sends a record: ``POST /fhir`` and its CapabilityStatement."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .. import facts
from .reception import receive

if TYPE_CHECKING:
    from ..application import Dui

PATH = "/fhir"
MEDIA_TYPE = "application/fhir+json"
MAX_BODY = 64 * 1024 * 1024
WHO = "tddui"


def routes(dui: Dui, token: str) -> list[Route]:
    """The endpoint; who comes without the token is refused."""

    async def metadata(_: Request) -> Response:
        return _written(200, statement())

    async def transaction(request: Request) -> Response:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
            return _written(401, _refusal("login"))
        content = bytearray()
        async for piece in request.stream():
            content += piece
            if len(content) > MAX_BODY:
                return _written(413, _refusal("too-long"))
        try:
            bundle = json.loads(bytes(content))
        except (ValueError, RecursionError):
            return _written(400, _refusal("structure"))
        return _written(*await run_in_threadpool(receive, dui, WHO, bundle))

    return [
        Route(PATH, transaction, methods=["POST"]),
        Route(PATH + "/", transaction, methods=["POST"]),
        Route(PATH + "/metadata", metadata),
    ]


def statement() -> dict[str, Any]:
    """What the endpoint offers."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "software": {"name": facts.NAME, "version": facts.VERSION},
        "implementation": {"description": facts.NAME},
        "fhirVersion": "4.0.1",
        "format": [MEDIA_TYPE],
        "implementationGuide": ["https://interop.esante.gouv.fr/ig/fhir/tddui"],
        "rest": [{"mode": "server", "interaction": [{"code": "transaction"}]}],
    }


def _refusal(code: str) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}


def _written(status: int, resource: dict[str, Any] | None) -> Response:
    content = b"" if resource is None else json.dumps(resource, ensure_ascii=False).encode()
    return Response(content, status, media_type=MEDIA_TYPE if content else None)
