"""The directory as a service of a lane."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.core.errors import UsageError
from conformance.core.words import Provenance
from conformance.services.annuaire.api import BASE, KEY_HEADER, NAME, Api
from conformance.services.annuaire.extraction import archive
from conformance.services.annuaire.faults import Faults
from conformance.services.annuaire.professional import Professional
from conformance.services.annuaire.register import Register
from conformance.services.http import HttpServer, session_of
from conformance.services.lane_service import Action, LaneContext, LaneService

EXTRACTION = "/extractions/PS_LibreAcces_Personne_activite.zip"
# The background population of a bench; a benchmark or a desk asks for more.
BACKGROUND, MOST_BACKGROUND = 500, 200_000
SEED = 1
MAX_ADDED = 10_000


@cache
def background(count: int) -> Register:
    """The population that every lane of this process sees, made once."""
    made = importlib.import_module("conformance._bundled.fixtures.directory")
    return Register(made.professionals(SEED, count, "annuaire.test"))


class Annuaire(LaneService):
    """The read API and the extraction file, on one port."""

    name: ClassVar[str] = NAME

    def __init__(self, context: LaneContext) -> None:
        super().__init__(context)
        tls = context.recorder.context(service=NAME, lane=context.lane, names=())
        self._server = HttpServer(context=tls, settled=context.journal.durable)
        self._faults = Faults()
        self._published = datetime(2026, 1, 1, 4, 0, tzinfo=UTC)
        register = Register(over=background(BACKGROUND))
        self.api = Api(self._server.url(), register, context.journal, context.lane, self._faults)
        context.journal.redactor.declare(self.api.key)

    async def start(self) -> None:
        """Listen."""
        await self._server.start(Starlette(routes=[Route(EXTRACTION, self._extraction), *self.api.routes()]))

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    def endpoints(self) -> Mapping[str, Any]:
        """``url`` of the FHIR API, ``api_key`` and the header that carries it, ``extraction_url``."""
        base = self._server.url()
        return {
            "url": base + BASE,
            "api_key": self.api.key,
            "api_key_header": KEY_HEADER,
            "extraction_url": base + EXTRACTION,
            "ca_pem": self.context.pki.ca_pem,
        }

    def actions(self) -> Mapping[str, Action]:
        """``add`` entries, ``remove`` one, put a ``fault`` on, ``clear`` them, ``expire`` the pages, ``populate`` the background."""
        return {
            "add": self._add,
            "remove": self._remove,
            "fault": self._fault,
            "clear": self._clear,
            "expire": self._expire,
            "populate": self._populate,
        }

    async def _extraction(self, request: Request) -> Response:
        fault, refused = await self._faults.meet()
        stamp = f"{self._published:%Y%m%d%H%M}"
        response = refused or Response(
            archive(self.api.register.all(), stamp),
            media_type="application/zip",
            headers={"Last-Modified": f"{self._published:%a, %d %b %Y %H:%M:%S} GMT"},
        )
        self.context.journal.append(
            NAME,
            self.context.lane,
            "annuaire.extraction",
            provenance=Provenance.WIRE,
            data={"method": request.method, "version": stamp, "fault": fault, "status": response.status_code},
            session=session_of(request),
        )
        return response

    async def _add(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add ``professionals`` or change them; the extraction is then another version, a day later."""
        raw = asked.get("professionals")
        if not isinstance(raw, list) or len(raw) > MAX_ADDED or not all(isinstance(one, dict) for one in raw):
            raise UsageError("services.control.bad-request", name="professionals")
        self.api.register.add(Professional.of(one) for one in raw)
        return self._newer()

    async def _remove(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.api.register.remove(str(asked.get("rpps", "")))
        return self._newer()

    async def _fault(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self._faults.ask(asked)
        return {}

    async def _clear(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self._faults.clear()
        return {}

    async def _expire(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"pages": self.api.expire()}

    async def _populate(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        count = asked.get("count")
        if not isinstance(count, int) or not 0 <= count <= MOST_BACKGROUND:
            raise UsageError("services.control.bad-request", name="count")
        self.api.register = Register(over=background(count))
        return {"count": count}

    def _newer(self) -> Mapping[str, Any]:
        self._published += timedelta(days=1)
        return {"version": f"{self._published:%Y%m%d%H%M}"}
