"""The entrance of structures: TLS that asks for a certificate, then revocation, then the account."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..faults import Fault
from ..revocation import Revocations
from ..tls import NO_CHECK_TIME

if TYPE_CHECKING:
    from ..application import Dui

SERVICE = "structures"
PATH = "/structures/etat"


class ShowsCertificate(H11Protocol):
    """Tells the application which certificate a connection came with: uvicorn itself keeps it from it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        self.app_state = {**self.app_state, "certificate": tls.getpeercert(binary_form=True) if tls else None}


class EntranceContexts:
    """The TLS context of a new connection: the certificate of the door, the authority that the administrator set."""

    def __init__(self, dui: Dui, certificate: Path) -> None:
        self._dui = dui
        self._certificate = certificate

    def now(self) -> ssl.SSLContext:
        """The context of this instant; without an authority, nobody enters."""
        sins = self._dui.sins
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._certificate)
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(cadata=self._dui.connections.of(SERVICE)["ca_pem"])
        except Fault:
            return context
        if sins.has("lets-structures-in-without-a-certificate"):
            context.verify_mode = ssl.CERT_OPTIONAL
        if sins.has("ignores-dates-of-structures"):
            context.verify_flags |= NO_CHECK_TIME
        return context


def application(dui: Dui) -> Starlette:
    """What a structure may read."""
    revocations = Revocations(dui.sins)

    async def state(request: Request) -> Response:
        shown: Any = getattr(request.state, "certificate", None)
        identifier = await run_in_threadpool(_admitted, dui, revocations, shown)
        return JSONResponse({"structure": identifier}, 200 if identifier else 403)

    return Starlette(routes=[Route(PATH, state, methods=["GET"])])


def _admitted(dui: Dui, revocations: Revocations, shown: bytes | None) -> str:
    """The national id of a structure that may enter; empty for any other."""
    if not shown:
        return "-" if dui.sins.has("lets-structures-in-without-a-certificate") else ""
    if not dui.sins.has("never-asks-whether-structures-are-revoked"):
        try:
            revocations.check(shown, dui.connections.of(SERVICE)["ca_pem"])
        except Fault:
            return ""
    units = x509.load_der_x509_certificate(shown).subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    identifier = str(units[0].value) if units else ""
    return identifier if dui.structures.admit(identifier) else ""
