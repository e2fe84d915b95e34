"""The TDDUI consumer of a lane: flux 1.1 and 1.2 of the guide.

``POST [base]`` takes a Bundle of type transaction, every entry a creation; 200 and a transaction-response where each entry
says 201, or a refusal of the whole with an OperationOutcome. Reading back what was sent is ours: the guide names no read.
The guide leaves security to PGSSI-S: a client certificate of the structure is a hypothesis, and a setting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from conformance.core.errors import UsageError
from conformance.services.fhir.admission import certificate_facts, token_facts
from conformance.services.fhir.capability import Offer
from conformance.services.fhir.exchange import Exchange
from conformance.services.fhir.search import Searches, SearchParam
from conformance.services.fhir.server import FhirApi
from conformance.services.http import HttpServer
from conformance.services.lane_service import Action, LaneContext, LaneService

NAME = "tddui"
PREFIX = "/fhir"
GUIDE = "https://interop.esante.gouv.fr/ig/fhir/tddui"
# The types of the slices of tddui-bundle, and Basic for rights and decisions (IG TDDUI 2.3.0-ballot).
TYPES = (
    *(
        "Basic",
        "CarePlan",
        "Consent",
        "DocumentReference",
        "Encounter",
        "Goal",
        "Observation",
        "Organization",
        "Patient",
    ),
    *(
        "Practitioner",
        "PractitionerRole",
        "QuestionnaireResponse",
        "RelatedPerson",
        "Schedule",
        "ServiceRequest",
        "Slot",
    ),
    "Task",
)
READING = ("read", "search-type")
# ``certificate`` is the hypothesis by default; ``token`` asks for a Pro Santé Connect token, ``none`` for nothing.
AUTHENTICATIONS = ("certificate", "token", "none")
# ``1`` and a FINESS of no department, with its check digit: the fictitious structure of the client certificates.
STRUCTURE = "1990000002"


class TdduiService(LaneService):
    """The FHIR server that receives records."""

    name = NAME

    def __init__(self, context: LaneContext) -> None:
        super().__init__(context)
        tls = context.recorder.context(service=NAME, lane=context.lane, names=(), client_auth="optional")
        self._server = HttpServer(context=tls, settled=context.journal.durable)
        self._authentication = "certificate"
        self._last: dict[str, Any] = {}
        identifier = SearchParam("identifier", "token", "identifier")
        self.api = FhirApi(
            name="TDDUI",
            base=self._server.url() + PREFIX,
            prefix=PREFIX,
            offer=Offer(
                dict.fromkeys(TYPES, READING),
                ("transaction",),
                profiles={"Bundle": (f"{GUIDE}/StructureDefinition/tddui-bundle",)},
                guides=(GUIDE,),
            ),
            searches=Searches(dict.fromkeys(TYPES, (identifier,))),
            record=self._record,
            admit=self._admit,
            interactions=frozenset({"POST"}),
        )

    async def start(self) -> None:
        await self._server.start(self.api.app())

    async def stop(self) -> None:
        await self._server.stop()

    def endpoints(self) -> Mapping[str, Any]:
        """``base``, how it authenticates, and the certificate of the structure."""
        certificate, key = self.context.pki.client(f"dui-{self.context.lane}"[:64], STRUCTURE)
        return {
            "base": self.api.base,
            "authentication": self._authentication,
            "client_certificate_pem": certificate,
            "client_key_pem": key,
        }

    def actions(self) -> Mapping[str, Action]:
        """``fault`` (conformance.services.fhir.faults), ``clear``, ``authentication``, ``received``."""
        return {
            "fault": self._fault,
            "clear": self._clear,
            "authentication": self._authenticate,
            "received": self._received,
        }

    def _admit(self, request: Request) -> Mapping[str, Any]:
        certificate = certificate_facts(request, needed=self._authentication == "certificate")
        token = token_facts(request, self.context.tokens, needed=self._authentication == "token")
        return {**certificate, **token}

    def _record(self, exchange: Exchange) -> None:
        exchange.record(self.context.journal, NAME, self.context.lane)
        if exchange.status == 200 and exchange.method == "POST":
            for mark in exchange.marks():
                self._last[mark] = exchange.body

    async def _fault(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.api.faults.put(asked)
        return {}

    async def _clear(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.api.faults.clear()
        return {}

    async def _authenticate(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        kind = str(asked.get("kind"))
        if kind not in AUTHENTICATIONS:
            raise UsageError("services.control.bad-request", name="kind")
        self._authentication = kind
        return {"authentication": kind}

    async def _received(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """The last transaction accepted that bears an identifier (``mark``), or null."""
        body = self._last.get(str(asked.get("mark", "")).lower())
        return {"bundle": json.loads(body) if body else None}
