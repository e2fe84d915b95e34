"""The DMP as a service of a lane: its ports, what opens it, and what the bench may tell it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from conformance.core.errors import UsageError
from conformance.core.texts import say
from conformance.core.words import Provenance
from conformance.dmp import codes
from conformance.services.certificates import Identity
from conformance.services.dmp.deposit import deposit, withdraw
from conformance.services.dmp.desk import SERVICE, Desk
from conformance.services.dmp.draft.server import DraftServer
from conformance.services.dmp.faults import Faults
from conformance.services.dmp.held import Patient, matricule_of
from conformance.services.dmp.store import Store
from conformance.services.http import HttpServer, session_of
from conformance.services.lane_service import Action, LaneContext, LaneService
from conformance.services.psc.exchange import AuthorizationServer
from conformance.services.psc.personas import DEFAULT_PERSONA, PERSONAS

# ``1`` + a FINESS of no department, with its check digit: the structure of the bench's organisation certificates.
STRUCTURE = "1990000002"
STATES = ("open", "closed", "absent")
# The scope of a bound token: the volet leaves its name to each API, so this one is the bench's (a hypothesis).
SCOPE = "dmp"
WEB = "/AccesDirect"
# The functions of the contextual access (wire.md §2.9), and whether they name a person.
_WEB_PATH = re.compile(r"/AccesDirect/(?P<function>[A-Za-z]{1,40})(?:/(?P<ins>[0-9A-Z]{1,30}))?/?")


class Dmp(LaneService):
    """One lane's DMP: SOAP behind client certificates, and the web access for browsers, which have none."""

    name = SERVICE

    def __init__(self, context: LaneContext) -> None:
        super().__init__(context)
        self.faults = Faults()
        self.store = Store(context.journal.folder.parent / "dmp" / f"{context.lane}.sqlite3", context.journal.store)
        context.journal.prerequisites.append(self.store.sync)
        # The certificate in use and the one that will follow it: either is enrolled at the authorization server.
        self._clients = [context.pki.client(name, STRUCTURE) for name in ("dmp-client", "dmp-client-2")]
        self._exchange = AuthorizationServer(context, SERVICE, SCOPE, tuple(map(_subject, self._clients)))
        self._desk = Desk(context, self.store, self.faults, self._exchange)
        self._server = self._listener(0)
        self.port = self._server.port
        self._web = HttpServer(
            context=context.recorder.context(service="dmp.web", lane=context.lane, names=()),
            settled=context.journal.durable,
        )
        self._listening = False
        self._fhir: DraftServer | None = None

    def _listener(self, port: int) -> HttpServer:
        tls = self.context.recorder.context(service=SERVICE, lane=self.context.lane, names=(), client_auth="required")
        return HttpServer(context=tls, port=port, settled=self.context.journal.durable)

    async def start(self) -> None:
        """Listen on both ports."""
        await self._server.start(self._desk.app())
        self._listening = True
        await self._exchange.start()
        await self._web.start(Starlette(routes=[Route(f"{WEB}/{{rest:path}}", self._visit)]))

    async def stop(self) -> None:
        """Stop listening and close the registry."""
        if self._listening:
            await self._server.stop()
        await self._web.stop()
        await self._exchange.stop()
        if self._fhir:
            await self._fhir.stop()
        self._desk.close()
        self.store.sync()
        self.context.journal.prerequisites.remove(self.store.sync)
        self.store.close()

    def endpoints(self) -> Mapping[str, Any]:
        """Addresses, the certificates of the structure, and the professionals in whose names the bench acts."""
        client, renewed = self._clients
        users = [
            {"identifier": one.subject_name_id, "name": one.family_name, "first_name": one.given_name}
            for one in PERSONAS.values()
        ]
        signer = self.context.pki.signer("dmp-signature", STRUCTURE)
        return {
            "base_url": self._server.url() + codes.PATH,
            "web_url": self._web.url() + WEB,
            "repository_id": codes.REPOSITORY,
            "structure": STRUCTURE,
            "ca_pem": self.context.pki.ca_pem,
            "user": users[0],
            "users": users,
            "client_certificate_pem": client.certificate_pem,
            "client_key_pem": client.key_pem,
            "signing_certificate_pem": signer.certificate_pem,
            "signing_key_pem": signer.key_pem,
            "exchange": self._exchange.endpoints(),
            "renewed": {"client_certificate_pem": renewed.certificate_pem, "client_key_pem": renewed.key_pem},
        }

    def actions(self) -> Mapping[str, Action]:
        """What docs/services/dmp.md describes."""
        return {
            "patient": self._patient,
            "authorise": self._authorise,
            "fault": self._fault,
            "clear": self._clear,
            "listen": self._listen,
            "count": self._count,
            "deposit": self._deposit,
            "withdraw": self._withdraw,
            "tokens": self._tokens,
            "revoke": self._revoke,
            "draft": self._draft,
        }

    async def act(self, action: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """As usual; what it changed is on the disk when this returns."""
        told = await super().act(action, asked)
        await asyncio.to_thread(self.store.sync)
        return told

    async def _patient(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        ins, oid, state = (str(asked.get(name, "")) for name in ("ins", "oid", "state"))
        traits = asked.get("traits", {})
        if state not in STATES or not ins or not isinstance(traits, dict):
            raise UsageError("dmp.wrong-patient", states=", ".join(STATES))
        if state == "absent":
            self.store.forget_patient(ins)
        else:
            self.store.keep_patient(Patient(matricule_of(ins), ins, oid, state, traits))
        return {"state": state}

    async def _authorise(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        ins, state, holder = (str(asked.get(name, "")) for name in ("ins", "state", "holder"))
        if state not in codes.AUTHORISATION_STATES or not ins:
            raise UsageError("dmp.wrong-authorisation", states=", ".join(codes.AUTHORISATION_STATES))
        self.store.authorise(ins, holder or DEFAULT_PERSONA, state, "")
        return {"state": state}

    async def _fault(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.faults.switch(asked)
        return {"active": sorted(self.faults.active)}

    async def _clear(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        self.faults.active.clear()
        self._desk.token_needed = False
        self.context.publication.revoked.pop(self._signing.serial_number, None)
        return {}

    async def _tokens(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Refuse calls without a bound token, or take them again."""
        self._desk.token_needed = bool(asked.get("needed", True))
        return {"needed": self._desk.token_needed}

    async def _draft(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """Open the FHIR route of the draft; answers where it is."""
        if self._fhir is None:
            self._fhir = DraftServer(self.context, self.store)
            await self._fhir.start()
        return {"fhir_base": self._fhir.base, "draft": True}

    async def _revoke(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """Revoke the structure's signing certificate, in the list that the lane publishes too."""
        self.context.publication.revoke(self._signing)
        return {"crl_url": self.context.publication.crl_url(SERVICE)}

    @property
    def _signing(self) -> x509.Certificate:
        signer = self.context.pki.signer("dmp-signature", STRUCTURE)
        return x509.load_pem_x509_certificate(signer.certificate_pem.encode())

    async def _listen(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Close the SOAP port, or open it again: the machine that is down, and its return."""
        wanted = bool(asked.get("active", True))
        if wanted and not self._listening:
            self._server = self._listener(self.port)
            await self._server.start(self._desk.app())
        elif not wanted and self._listening:
            await self._server.stop()
        self._listening = wanted
        return {"listening": wanted}

    async def _count(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"documents": self.store.count()}

    async def _deposit(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return deposit(self.store, asked, datetime.now(UTC).isoformat(timespec="milliseconds"))

    async def _withdraw(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return withdraw(self.store, asked)

    async def _visit(self, request: Request) -> Response:
        """The web access: which function a browser was sent to, and for whom (TD0.9)."""
        match = _WEB_PATH.fullmatch(request.url.path)
        function, ins = (match["function"], match["ins"] or "") if match else ("", "")
        self.context.journal.append(
            "dmp.web",
            self.context.lane,
            "dmp.visit",
            provenance=Provenance.WIRE,
            session=session_of(request),
            data={"path": request.url.path[:500], "function": function, "patient": ins},
            marks=(ins, matricule_of(ins)) if ins else (),
        )
        return HTMLResponse(f"<!doctype html><title>DMP</title><p>{say('dmp.web.simulated', 'fr')}</p>")


def _subject(identity: Identity) -> str:
    return x509.load_pem_x509_certificate(identity.certificate_pem.encode()).subject.rfc4514_string()
