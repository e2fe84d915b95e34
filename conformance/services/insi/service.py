"""INSi as a service of a lane: one endpoint behind mutual TLS, each call recorded before it is answered."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from cryptography import x509
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from conformance.core.errors import UsageError
from conformance.core.words import Provenance
from conformance.services.http import HttpServer, bounded_body, session_of, tls_of
from conformance.services.insi import message
from conformance.services.insi.batch import MAX_IDENTITIES, Batches
from conformance.services.insi.identity import Known, Register
from conformance.services.insi.message import BY_CARD, COLLECT, DEPOSIT, PREFIX, VERIFY, Request
from conformance.services.lane_service import Action, LaneContext, LaneService
from conformance.soap.guarded import Unreadable

NAME = "insi"
PATH = "/lps"
MAX_REQUEST = 256 * 1024
SOAP_TYPE = "application/soap+xml; charset=utf-8"
# Names that a certificate of an organisation must bear to be let in (wire.md §3.3, desir_560).
LET_IN = ("INSI-AUTO", "INSI-MANU")
# The authorisation number of software of the bench; fictitious.
IDAM = "ESSAI-0001"
# The structure of the client certificate: no department (see the operator's).
STRUCTURE = "1990000002"
# How far a clock may be, in seconds, and how many message ids are remembered.
SKEW, REMEMBERED = 600, 10_000
_UUID = re.compile(r"(urn:)?uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
FAULTS = ("", "unavailable", "siram_100")
# Subcode, code and sentence of each refusal (wire.md §3.3; those of 001 are ours).
LEVEL = ("siram_200", "desir_560", "Niveau d'accès insuffisant")
SOFTWARE = ("siram_100", "desir_550", "Numéro d'autorisation du logiciel inconnu")
OPERATION = ("siram_001", "desir_002", "Opération inconnue")
CONTEXT = ("siram_001", "desir_003", "Contexte refusé")
UNREADABLE = ("siram_001", "desir_001", "Message illisible")


class Insi(LaneService):
    """The teleservice of one lane."""

    name: ClassVar[str] = NAME

    def __init__(self, context: LaneContext) -> None:
        super().__init__(context)
        tls = context.recorder.context(service=NAME, lane=context.lane, names=(), client_auth="optional")
        self._server = HttpServer(context=tls, settled=context.journal.durable)
        self._register = Register()
        self._batches = Batches(self._register)
        self._seen: deque[str] = deque(maxlen=REMEMBERED)
        self._faults: list[str] = []

    async def start(self) -> None:
        """Listen."""
        await self._server.start(Starlette(routes=[Route(PATH, self._call, methods=["POST"])]))

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    def endpoints(self) -> Mapping[str, Any]:
        """``url``, the ``idam``, the client certificate, and the provisional verification (a hypothesis)."""
        certificate, key = self.context.pki.client("INSI-AUTO", STRUCTURE)
        return {
            "url": self._server.url() + PATH,
            "idam": IDAM,
            "issuer": STRUCTURE,
            "client_certificate_pem": certificate,
            "client_key_pem": key,
            "ca_pem": self.context.pki.ca_pem,
            "verification": {
                "operation": VERIFY,
                "deposit": DEPOSIT,
                "collect": COLLECT,
                "namespace": message.VERIFY_NS,
                "hypothesis": True,
            },
        }

    def actions(self) -> Mapping[str, Action]:
        """``know`` identities, ``forget`` one, be at ``fault``, ``clear`` the faults that nobody met."""
        return {"know": self._know, "forget": self._forget, "fault": self._fault, "clear": self._clear}

    async def _call(self, request: HttpRequest) -> Response:
        content = await bounded_body(request, MAX_REQUEST)
        told: dict[str, Any] = {"operation": None, "code": None, "fault": None, "matricule": None}
        told |= self._who(request)
        try:
            asked = message.read(content)
        except Unreadable as exc:
            return self._answered(
                request,
                {**told, "fault": f"unreadable: {exc}"},
                content,
                400,
                message.fault(*UNREADABLE),
            )
        told |= _shown(asked, repeated=asked.message_id in self._seen)
        self._seen.append(asked.message_id)
        if fault := self._refusal(asked, told):
            told["fault"] = fault[1]
            return self._answered(request, told, content, 500, message.fault(*fault))
        if asked.operation in (DEPOSIT, COLLECT):
            code, answer = self._batched(asked)
            return self._answered(request, {**told, "code": code}, content, 200, answer)
        code, found = self._searched(asked)
        answered = None if found is None else found.answered()
        told |= {"code": code, "matricule": found.matricule if found else None}
        return self._answered(request, told, content, 200, message.result(asked, code, answered))

    def _batched(self, asked: Request) -> tuple[str, bytes]:
        if asked.operation == DEPOSIT:
            number = self._batches.deposit(asked.batch)
            code = "00" if number else "01"
            return code, message.result(asked, code, None, number=number)
        code, results = self._batches.collect(asked.fields.get("NumLot", ""))
        return code, message.result(asked, code, None, batch=results)

    def _searched(self, asked: Request) -> tuple[str, Known | None]:
        if asked.operation == VERIFY:
            fields = asked.fields
            held = self._register.holds(
                fields.get("NumIdentifiant", ""),
                fields.get("Cle", ""),
                fields.get("OID", ""),
                fields,
                asked.first_names,
            )
            return ("00" if held else "KO"), None
        if asked.operation == BY_CARD:
            found = self._register.of_card(
                asked.fields.get("NumIdentifiant", ""), asked.fields.get("DateNaissance", "")
            )
        else:
            found = self._register.find(asked.fields, asked.first_names)
        if len(found) == 1:
            return "00", found[0]
        return ("02" if found else "01"), None

    def _refusal(self, asked: Request, told: Mapping[str, Any]) -> tuple[str, str, str] | None:
        """What the teleservice answers a request that it does not carry out: subcode, code, sentence."""
        if self._faults:
            fault = self._faults.pop(0)
            return (
                fault,
                "desir_900" if fault == "unavailable" else "desir_550",
                "Service en défaut, à la demande du banc",
            )
        named, known = told["certificate"], asked.operation and asked.action == PREFIX + asked.operation
        timely = _UUID.fullmatch(asked.message_id) and not told["repeated"] and _timely(asked.bam.get("Temps", ""))
        refused = (
            (named not in LET_IN and not (named is None and asked.assertion), LEVEL),
            (asked.lps.get("IDAM") != IDAM, SOFTWARE),
            (not known, OPERATION),
            (not timely, CONTEXT),
        )
        return next((fault for refuses, fault in refused if refuses), None)

    def _who(self, request: HttpRequest) -> dict[str, Any]:
        handshake = tls_of(request)
        certificate = handshake.client_certificate if handshake else None
        return {
            "certificate": _named(certificate, NameOID.COMMON_NAME),
            "organisation": _named(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME),
        }

    def _answered(
        self, request: HttpRequest, told: Mapping[str, Any], content: bytes, status: int, body: bytes
    ) -> Response:
        asked = [told.get("traits", {}).get("NumIdentifiant"), *told.get("batch", ())]
        self.context.journal.append(
            NAME,
            self.context.lane,
            "insi.call",
            provenance=Provenance.WIRE,
            data={**told, "status": status},
            blobs={"request": content, "answer": body},
            session=session_of(request),
            marks=[mark for mark in (told["matricule"], *asked) if mark],
        )
        return Response(body, status, media_type=SOAP_TYPE)

    async def _know(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        raw = asked.get("identities")
        if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
            raise UsageError("services.control.bad-request", name="identities")
        self._register.add(Known.of(one) for one in raw)
        return {}

    async def _forget(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self._register.forget(str(asked.get("matricule", "")))
        return {}

    async def _fault(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        name, times = asked.get("fault"), asked.get("times", 1)
        if name not in FAULTS or not isinstance(times, int) or not 0 < times <= 100:
            raise UsageError("services.control.bad-request", name="fault")
        self._faults += [str(name)] * times if name else []
        return {}

    async def _clear(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        self._faults.clear()
        return {}


def _shown(asked: Request, *, repeated: bool) -> dict[str, Any]:
    """A request as evidence keeps it."""
    return {
        "operation": asked.operation or None,
        "action": asked.action[:200],
        "message_id": asked.message_id[:100],
        "repeated": repeated,
        "bam": {name: value[:200] for name, value in asked.bam.items()},
        "lps": {name: value[:200] for name, value in asked.lps.items()},
        "assertion": asked.assertion,
        "traits": {name: value[:200] for name, value in asked.fields.items()},
        "first_names": [name[:200] for name in asked.first_names],
        "batch": [one.fields.get("NumIdentifiant", "")[:20] for one in asked.batch[:MAX_IDENTITIES]],
    }


def _timely(written: str) -> bool:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return False
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return abs((datetime.now(UTC) - moment).total_seconds()) <= SKEW


def _named(certificate: x509.Certificate | None, oid: x509.ObjectIdentifier) -> str | None:
    if certificate is None:
        return None
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""
