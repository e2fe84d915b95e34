"""One lane's services: its Pro Santé Connect, its MSSanté operator, its autoconfiguration host."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import RSAKey

from conformance.core.errors import UsageError
from conformance.core.product import LANE_CHARACTERS
from conformance.evidence.journal import Journal
from conformance.evidence.record import Record
from conformance.services import fidelity
from conformance.services.contract import AUTOCONFIG, PSC, LaneEndpoints
from conformance.services.http import HttpServer
from conformance.services.lane_service import LaneContext, LaneService, make
from conformance.services.mssante.doors import LISTEN
from conformance.services.mssante.dovecot.server import Dovecot
from conformance.services.mssante.operator import Operator
from conformance.services.pki import Pki
from conformance.services.psc.personas import DEFAULT_PERSONA, PERSONAS
from conformance.services.psc.provider import REALM, Provider
from conformance.services.psc.tokens import Lifetimes, Tokens
from conformance.services.revocation import Publication
from conformance.services.tls import TlsRecorder

# Where an operator publishes its document: Référentiel socle MSSanté #2 v1.0, ECO.1.1.9.
AUTOCONFIG_PATH = "/mail/config-v1.1.xml"
# ``1`` + a FINESS of no department, with its check digit: the fictitious structure of the client certificates.
STRUCTURE = "1990000002"
# The services of every lane; the others begin when they are first asked for.
PLAYED_FROM_THE_START = ("mssante", "psc")
# A DNS label holds 63 characters (RFC 1035 §2.3.4); a common name, 64 (RFC 5280 A.1).
MAX_NAME = 63


@dataclass(frozen=True, slots=True)
class Bench:
    """What the lanes of one process share."""

    journal: Journal
    pki: Pki
    recorder: TlsRecorder
    signing_key: RSAKey
    dovecot: Dovecot | None = None


class ServiceLane:
    """The services of one product instance, on ports of their own."""

    def __init__(self, name: str, bench: Bench, lifetimes: Lifetimes | None = None) -> None:
        if not name or len(name) > MAX_NAME or set(name) - LANE_CHARACTERS:
            raise UsageError("services.lane-name", lane=name)
        self.name = name
        self._bench = bench
        self._psc_server = HttpServer(context=bench.recorder.context(service=PSC, lane=name, names=()))
        base = self._psc_server.url()
        client_id = f"dui-{name}"
        self.tokens = Tokens(base + REALM, client_id, bench.signing_key, lifetimes or Lifetimes())
        self.provider = Provider(base, secrets.token_urlsafe(24), self.tokens, bench.journal, name)
        # Plain HTTP, as certificates name it: what revokes a certificate is signed (RFC 5280 §8).
        self._pki_server = HttpServer(settled=bench.journal.durable)
        self.publication = Publication(name, self._pki_server.url(LISTEN), bench.pki.authority, bench.journal)
        self.operator = Operator(
            lane=name,
            journal=bench.journal,
            publication=self.publication,
            recorder=bench.recorder,
            verify=self.tokens.verify,
            dovecot=bench.dovecot,
        )
        if bench.dovecot:
            bench.dovecot.know(client_id)
        self._logins: dict[str, str] = {}
        self._services: dict[str, LaneService] = {}
        self._making = asyncio.Lock()
        names = (f"autoconfig.{self.operator.domain}",)
        self._autoconfig_server = HttpServer(context=bench.recorder.context(service=AUTOCONFIG, lane=name, names=names))

    async def start(self) -> None:
        """Listen, everywhere."""
        await self._pki_server.start(self.publication.app())
        self.operator.fronts.provider = self.provider.app()
        await self.operator.start()
        await self._psc_server.start(self.provider.app())
        await self._autoconfig_server.start(self.operator.autoconfig_app)
        for service in PLAYED_FROM_THE_START:
            fidelity.tell(self._bench.journal, self.name, service)

    async def stop(self) -> None:
        """Stop listening and end every session."""
        servers = (self._psc_server, self._autoconfig_server, self._pki_server)
        services = self._services.values()
        await asyncio.gather(self.operator.stop(), *(s.stop() for s in servers), *(s.stop() for s in services))

    def endpoints(self) -> LaneEndpoints:
        """Where everything is; call after :meth:`start`."""
        operator, provider = self.operator, self.provider
        return LaneEndpoints(
            lane=self.name,
            domain=operator.domain,
            correspondents_domain=operator.correspondents_domain,
            patients_domain=operator.patients_domain,
            smtp=operator.smtp,
            imap=operator.imap,
            autoconfig_url=self._autoconfig_server.url() + AUTOCONFIG_PATH,
            psc_issuer=self.tokens.issuer,
            psc_token_endpoint=provider.url("token"),
            psc_introspection_endpoint=provider.url("token/introspect"),
            psc_jwks_uri=provider.url("certs"),
            psc_ciba_endpoint=provider.url("ext/ciba/auth"),
            client_id=self.tokens.client_id,
            client_secret=provider.client_secret,
        )

    async def service(self, name: str) -> LaneService:
        """A national service of this lane, started when it is first asked for."""
        async with self._making:
            if name not in self._services:
                made = make(name, self._context())
                try:
                    await made.start()
                except BaseException:
                    await made.stop()
                    raise
                self._services[name] = made
                if name in set(fidelity.SERVICES) - set(PLAYED_FROM_THE_START):
                    fidelity.tell(self._bench.journal, self.name, name)
            return self._services[name]

    def services(self) -> Mapping[str, LaneService]:
        """The services started so far."""
        return self._services

    def open_mailbox(self, address: str, kind: str, owner: str = "") -> dict[str, Any]:
        """Open a box and return what opens it: a refresh token for PER and ORG, a client certificate for APP.

        ``owner`` is the SubjectNameID of a PER or ORG box's professional (a persona), by default the first one.
        """
        opened: dict[str, Any] = {"refresh_token": None, "client_certificate_pem": None, "client_key_pem": None}
        if kind in ("PER", "ORG"):
            owner = owner or DEFAULT_PERSONA
            if owner not in PERSONAS:
                raise UsageError("services.unknown-persona", owner=owner, known=", ".join(PERSONAS))
            self.operator.add_box(address, "PER" if kind == "PER" else "ORG", owner)
            opened["refresh_token"] = self._logins[address.lower()] = self.tokens.mint_refresh_token(owner)
        elif kind == "APP":
            # An @ keeps the name from being read, and constrained, as a host name.
            name = address.lower()[: MAX_NAME + 1]
            self.operator.add_box(address, "APP", name)
            opened["client_certificate_pem"], opened["client_key_pem"] = self._bench.pki.client(name, STRUCTURE)
        else:
            raise UsageError("services.box-kind", kind=kind)
        return opened

    async def fault(self, name: str, label: str, *, active: bool) -> dict[str, str]:
        """Open the front of a fault; answers its mail ``domain`` and the ``autoconfig_url`` of its document.

        Where the fault is of Pro Santé Connect, also the ``psc_token_endpoint`` that shows it.
        """
        front = await self.operator.fronts.open(name, label, active=active)
        met = {"domain": front.domain, "autoconfig_url": front.web.url() + AUTOCONFIG_PATH}
        if front.provider:
            met["psc_token_endpoint"] = f"{front.provider.url()}{self.provider.protocol}/token"
        return met

    def end_login(self, mailbox: str) -> bool:
        """End the login that opens a box, as when its owner leaves Pro Santé Connect; false when there was none."""
        return self.provider.end(self._logins.pop(mailbox.lower(), ""), mailbox)

    def deliver(self, mailbox: str, raw: bytes, what: str) -> Record:
        """Put an inbound message in a box of the lane."""
        return self.operator.deliver(mailbox, raw, what)

    def _context(self) -> LaneContext:
        return LaneContext(
            lane=self.name,
            journal=self._bench.journal,
            pki=self._bench.pki,
            recorder=self._bench.recorder,
            publication=self.publication,
            tokens=self.tokens,
            provider=self.provider,
            operator=self.operator,
        )
