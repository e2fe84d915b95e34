"""What generic accounts may ask of the product: an address for processes, by HTTP Basic (RFC 7617), without a screen."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .entry import Refused

if TYPE_CHECKING:
    from ..application import Dui

MACHINE = "/services/etat"


def routes(dui: Dui) -> list[Route]:
    """The address of processes."""

    async def state(request: Request) -> Response:
        login, password = _credentials(request.headers.get("Authorization", ""))
        try:
            role = await run_in_threadpool(dui.life.entry.recognise, login, password)
        except Refused:
            role = ""
        if role != "service":
            return JSONResponse({}, 401, headers={"WWW-Authenticate": 'Basic realm="services", charset="UTF-8"'})
        return JSONResponse({"idle": await run_in_threadpool(lambda: dui.idle)})

    return [Route(MACHINE, state, methods=["GET"])]


def _credentials(header: str) -> tuple[str, str]:
    scheme, _, given = header.partition(" ")
    try:
        login, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (login, password) if scheme.lower() == "basic" else ("", "")
