"""Bad servers beside the good one: each front is a mail domain of the lane with one fault, on ports of its own.

The product meets a front by setting up a box of its domain, from the front's own autoconfiguration document; the
lane's good server, met in the same window, is the positive control. A front is asked for by a scenario
(:meth:`Fronts.open`), or by anybody who asks ``autoconfig.<fault>.<lane>.mssante.test`` for its document.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from starlette.types import ASGIApp

from conformance.core.errors import UsageError
from conformance.core.words import Provenance
from conformance.services import contract
from conformance.services.http import HttpServer
from conformance.services.mssante import autoconfig, leaf
from conformance.services.mssante.desk import Desk
from conformance.services.mssante.doors import Doors
from conformance.services.mssante.faults import FAULTS, Certificate, Fault, Temper
from conformance.services.revocation import Publication

SERVICE = "mssante.faults"
# A front holds two ports; a scenario needs a handful.
MAX_FRONTS = 200


class Front:
    """One bad server."""

    def __init__(
        self,
        fault: Fault,
        domain: str,
        desk: Desk,
        publication: Publication,
        host: str,
        authentications: Sequence[str],
    ) -> None:
        self.fault = fault
        self.domain = domain
        self.temper: Temper = desk.temper
        self._desk = desk
        self._host = host
        self._authentications = authentications
        self.doors = Doors(desk)
        # A web server of its own: a product that is given an address of the bench names no domain in its request.
        self.web = self._server(contract.AUTOCONFIG, fault.web, publication)
        # Pro Santé Connect under a bad certificate; its owner serves it, see :meth:`Front.open`.
        self.provider = self._server(contract.PSC, fault.provider, publication) if fault.provider != "good" else None

    def _server(self, service: str, kind: Certificate, publication: Publication) -> HttpServer:
        """A host of the web; its TLS says which bad server it is, since a refused connection leaves no other record."""
        certificate = leaf.web(kind, publication, self._desk.recorder.pki, self.domain)
        about = {"fault": self.fault.name, "domain": self.domain}
        context = self._desk.recorder.context(
            service=service, lane=self._desk.lane, names=(), certificate=certificate, about=about
        )
        return HttpServer(context=context)

    async def open(self, provider: ASGIApp | None) -> None:
        """Listen; ``provider`` is the lane's Pro Santé Connect, for a front that shows it badly certified."""
        await self.doors.open()
        await self.web.start(autoconfig.app(lane=self._desk.lane, journal=self._desk.journal, choose=self._choose))
        if self.provider and provider:
            await self.provider.start(provider)

    async def close(self) -> None:
        """Stop listening and end every session."""
        webs = [server.stop() for server in (self.web, self.provider) if server]
        await asyncio.gather(self.doors.close(), *webs)

    async def _choose(self, _host: str) -> autoconfig.Published:
        return self.published

    @property
    def published(self) -> autoconfig.Published:
        """The front's autoconfiguration document, good, malformed or missing."""
        smtp, imap = (self._host, self.doors.smtp[1]), (self._host, self.doors.imap[1])
        content = autoconfig.document(self.domain, smtp, imap, self._authentications)
        if self.temper.active and self.fault.document == "missing":
            content = b""
        if self.temper.active and self.fault.document == "malformed":
            # All is there but the end: only a reader that takes what is not XML finds the servers in it.
            content = content[: content.rindex(b"</clientConfig>")]
        return autoconfig.Published(self.domain, content, self.fault.name)


class Fronts:
    """The fronts of one lane."""

    def __init__(self, desk: Desk, publication: Publication | None, host: str, authentications: Sequence[str]) -> None:
        # The lane's Pro Santé Connect, where there is one (:mod:`conformance.services.lane`).
        self.provider: ASGIApp | None = None
        self._desk = desk
        self._publication = publication
        self._host = host
        self._authentications = authentications
        self._fronts: dict[str, Front] = {}
        self._making = asyncio.Lock()

    async def open(self, name: str, label: str = "", *, active: bool = True) -> Front:
        """The front of a fault, made when it is new; ``label`` sets one apart from others of the same fault.

        Its domain is ``<label>.<fault>.<domain of the lane>``. ``active`` false leaves a fault of session,
        autoconfiguration or publication off until :meth:`switch`.
        """
        if name not in FAULTS:
            raise UsageError("mssante.unknown-fault", fault=name, known=", ".join(FAULTS))
        domain = f"{label}.{name}.{self._desk.boxes.domain}".lstrip(".").lower()
        async with self._making:
            if domain not in self._fronts:
                if self._publication is None or len(self._fronts) >= MAX_FRONTS:
                    raise UsageError("mssante.no-front", fault=name, limit=MAX_FRONTS)
                front = self._make(self._publication, FAULTS[name], domain)
                await front.open(self.provider)
                self._fronts[domain] = front
                self._desk.boxes.domains.add(domain)
        self.switch(domain, active=active)
        return self._fronts[domain]

    async def named(self, host: str) -> Front | None:
        """The front of ``autoconfig.<domain>``; the one of a bare fault's name is made when it is asked for."""
        domain = host.lower().removeprefix("autoconfig.")
        if domain in self._fronts:
            return self._fronts[domain]
        fault = domain.removesuffix(f".{self._desk.boxes.domain}")
        return await self.open(fault) if fault in FAULTS and fault != domain else None

    def switch(self, domain: str, *, active: bool) -> None:
        """Put a front's fault on or off; recorded before it takes effect. An unknown domain is a usage error."""
        front = self._fronts.get(domain.lower())
        if front is None:
            raise UsageError("mssante.unknown-front", domain=domain, known=", ".join(self._fronts) or "-")
        self._desk.journal.append(
            SERVICE,
            self._desk.lane,
            "fault.switched",
            provenance=Provenance.HARNESS,
            data={"fault": front.fault.name, "domain": front.domain, "active": active},
            marks=(front.domain,),
        )
        front.temper.active = active
        if front.fault.name == "crl-unavailable" and self._publication:
            (self._publication.silent.add if active else self._publication.silent.discard)(front.domain)

    async def close(self) -> None:
        """Close every front."""
        await asyncio.gather(*(front.close() for front in self._fronts.values()))

    def _make(self, publication: Publication, fault: Fault, domain: str) -> Front:
        certificate = leaf.make(fault.certificate, publication, self._desk.recorder.pki, domain)
        desk = replace(
            self._desk, names=(f"mail.{domain}",), certificate=certificate, temper=Temper(fault, domain, active=False)
        )
        return Front(fault, domain, desk, publication, self._host, self._authentications)
