"""The desk of the DMP: takes a call apart, verifies who calls, hands it to its transaction, writes the journal, answers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.core.words import Provenance
from conformance.dmp import codes, vihf
from conformance.dmp.digests import LARGE, Digests
from conformance.evidence.pack import Filed
from conformance.services.dmp import habilitations, patients, query, retrieve, submit, update
from conformance.services.dmp.exchange import Call, Reply, SoapFault
from conformance.services.dmp.faults import Faults
from conformance.services.dmp.store import Store
from conformance.services.http import Cut, bounded_body, session_of, tls_of
from conformance.services.lane_service import LaneContext
from conformance.services.psc.exchange import AuthorizationServer
from conformance.soap import envelope, mtom
from conformance.soap.guarded import Unreadable
from conformance.soap.signatures import Refused

SERVICE = "dmp"
MAX_REQUEST = 64 * 1024 * 1024
# Threads that hash documents while their submission is read.
HASHERS = 2
FAULT_ACTION = "http://www.w3.org/2005/08/addressing/soap/fault"
_PLAYED: Mapping[str, Callable[[Call], Reply | Awaitable[Reply]]] = {
    "TD0.2": patients.test_of_existence,
    "TD0.3": habilitations.set_authorisation,
    "TD0.4": patients.authorised_records,
    "TD2.1": submit.provide_and_register,
    "TD3.1": query.stored_query,
    "TD3.2": retrieve.retrieve,
    "TD3.3": update.update,
}


@dataclass(frozen=True)
class _Heard:
    """What is known of a call before it is answered: filled as it is understood."""

    facts: dict[str, Any]
    marks: list[str]
    relates_to: list[str]
    filed: asyncio.Future[Filed] | None


class Desk:
    """The SOAP side of one lane's DMP."""

    def __init__(self, context: LaneContext, store: Store, faults: Faults, exchange: AuthorizationServer) -> None:
        self._context = context
        self._store = store
        self._faults = faults
        self._exchange = exchange
        # Whether a call must bear a token of the authorization server; one that is there must be good in any case.
        self.token_needed = False
        self._anchor = context.pki.authority.certificate
        self._anchor_der = self._anchor.public_bytes(Encoding.DER)
        self._hashers = ThreadPoolExecutor(HASHERS, f"dmp {context.lane}")

    def app(self) -> Starlette:
        """The ASGI application."""
        places = sorted(set(codes.PLACES.values()))
        return Starlette(routes=[Route(f"{codes.PATH}/{place}", self._serve, methods=["POST"]) for place in places])

    def close(self) -> None:
        """End what works beside the loop."""
        self._hashers.shutdown()

    async def _serve(self, request: Request) -> Response:
        body = await bounded_body(request, MAX_REQUEST)
        # A large message is written down while it is read: what comes of the call is told in its record.
        filed = asyncio.wrap_future(self._context.journal.soon(body)) if len(body) >= LARGE else None
        heard = _Heard({"path": request.url.path.rpartition("/")[2]}, [], [], filed)
        heard.facts["content_type"] = request.headers.get("content-type", "")[:1000]
        handshake = tls_of(request)
        heard.facts["client"] = handshake.client_subject if handshake else None
        heard.facts.update(self._token(request))
        if delay := self._faults.delay():
            heard.facts["delayed"] = delay
            await asyncio.sleep(delay)
        if self._faults.strike("unavailable") is not None:
            heard.facts.update(outcome="unavailable", status=503)
            await self._record("dmp.refused", request, heard, body)
            return Response("", 503)
        return await self._answered(request, heard, body)

    async def _answered(self, request: Request, heard: _Heard, body: bytes) -> Response:
        kind = "dmp.refused"
        try:
            call = self._understood(heard, body)
            self._admit(heard)
            kind = codes.KINDS[call.transaction]
            played = _PLAYED[call.transaction](call)
            reply = await played if isinstance(played, Awaitable) else played
        except SoapFault as exc:
            heard.facts.update({**exc.data}, outcome="fault", code=exc.code, reason=exc.reason, detail=exc.detail)
            made = envelope.fault(exc.code, exc.sentence)
            reply, status = Reply(made, FAULT_ACTION, "fault", exc.code), exc.status
        except Unreadable as exc:
            heard.facts.update(outcome="fault", code="Sender", reason="unreadable", detail=str(exc))
            fault = SoapFault("Sender", "unreadable", str(exc))
            reply, status = Reply(envelope.fault("Sender", fault.sentence), FAULT_ACTION, "fault", "Sender"), 500
        else:
            heard.facts.update({**reply.data, "outcome": reply.outcome, "code": reply.code})
            heard.marks.extend(reply.marks)
            status = 200
        heard.facts["status"] = status
        content = envelope.answer(reply.body, action=reply.action, relates_to="".join(heard.relates_to))
        if lost := self._faults.strike("lost-answer", str(heard.facts.get("transaction", ""))) is not None:
            heard.facts["lost"] = True
        await self._record(kind, request, heard, body, content)
        if lost:
            return Cut(content, status)
        return _response(reply, content, status)

    def _understood(self, heard: _Heard, body: bytes) -> Call:
        """Read and authenticate a call; whatever is understood of it is kept for the record."""
        package = mtom.unpack(heard.facts["content_type"], body)
        heard.facts["multipart"] = package.multipart
        digests = Digests(self._hashers)
        for part in package.parts.values():
            digests.begin(part)
        read = envelope.read(package.root)
        heard.relates_to.append(read.message_id)
        transaction = codes.TRANSACTIONS.get(str(read.body.tag), "")
        heard.facts.update(transaction=transaction, action=read.action[:500], addressing=list(read.addressing))
        if not transaction or codes.PLACES[transaction] != heard.facts["path"]:
            raise SoapFault("Sender", "unknown-request", str(etree.QName(read.body).localname)[:100])
        at = datetime.now(UTC)
        found = self._authenticated(heard, read, at)
        revoked = self._context.publication.revoked
        return Call(
            read,
            package,
            found,
            transaction,
            self._store,
            self._faults,
            self._anchor,
            at,
            digests,
            heard.filed,
            revoked,
        )

    def _authenticated(self, heard: _Heard, read: envelope.Envelope, at: datetime) -> vihf.Vihf:
        if read.assertion is None:
            raise SoapFault("Sender", "no-assertion")
        try:
            found = vihf.open_assertion(read.assertion)
        except Refused as exc:
            raise SoapFault("DMPInvalidCertificate", "signature", str(exc)) from exc
        patient = found.patient
        heard.facts.update(
            assertion=found.id,
            user=found.name_id,
            structure=found.structure,
            mode=found.mode,
            patient=patient[0] if patient else "",
            sha1=found.sha1,
        )
        heard.marks.extend([patient[0], patient[0][:13]] if patient else [])
        wrong = list(vihf.faults(found, self._anchor, at))
        if found.certificate.serial_number in self._context.publication.revoked:
            wrong.insert(0, "certificate:revoked")
        heard.facts["assertion_faults"] = wrong
        if wrong:
            code = "DMPInvalidCertificate" if wrong[0].startswith("certificate:") else "Sender"
            raise SoapFault(code, "assertion", ", ".join(wrong))
        return found

    def _token(self, request: Request) -> dict[str, Any]:
        """What is known of the bearer token of a request, and of the certificate that it is presented under."""
        found, under = self._exchange.presented(request)
        return {
            "token": found.outcome,
            "token_id": found.token_id,
            "token_subject": found.subject,
            "token_thumbprint": found.bound_to,
            "thumbprint": under or None,
        }

    def _admit(self, heard: _Heard) -> None:
        """Refuse a bad token, and a missing one where it is needed (RFC 6750 §3.1; RFC 8705 §3: 401)."""
        outcome = heard.facts["token"]
        if outcome != "ok" and (outcome != "missing" or self.token_needed):
            raise SoapFault("Sender", "token", outcome, 401)

    async def _record(self, kind: str, request: Request, heard: _Heard, body: bytes, answer: bytes = b"") -> None:
        held = await heard.filed if heard.filed else body
        blobs = {"request": held, "answer": answer, "anchor": self._anchor_der}
        self._context.journal.append(
            SERVICE,
            self._context.lane,
            kind,
            provenance=Provenance.WIRE,
            session=session_of(request),
            data=heard.facts,
            blobs={role: content for role, content in blobs.items() if content},
            marks=heard.marks,
        )


def _response(reply: Reply, content: bytes, status: int) -> Response:
    """Faults and documents come in a package, as the DMP sends them (wire.md §2.1); the rest as an envelope alone."""
    if reply.parts or reply.outcome == "fault":
        # Long enough at random to occur in no document.
        kind, packed = mtom.pack(content, reply.parts, boundary=f"dmp-{secrets.token_hex(24)}")
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'} if status == 401 else None
        return Response(packed, status, challenge, media_type=kind)
    return Response(content, status, media_type="application/soap+xml; charset=utf-8")
