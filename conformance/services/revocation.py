"""What one lane's authority says of revocation, over plain HTTP: a CRL for each domain, and OCSP.

CRL are RFC 5280 §5, served as its §4.2.1.13 names them; OCSP is RFC 6960, by GET and POST (its appendix A). Each request
is recorded before it is answered. A domain's publication can be silenced: its CRL and its OCSP then answer 503.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.services.certificates import BACKDATED, Authority
from conformance.services.http import bounded_body, session_of

SERVICE = "pki"
# A CRL of the bench outlives any scenario, so that one kept by a product is never out of date in it.
CRL_LIFE = timedelta(days=1)
MAX_REQUEST = 16 * 1024
_CRL_TYPE, _OCSP_TYPE = "application/pkix-crl", "application/ocsp-response"


@dataclass(eq=False)
class Publication:
    """Revocation as one lane sees it. ``base`` is scheme, host and port of where :attr:`app` is served."""

    lane: str
    base: str
    authority: Authority
    journal: Journal
    revoked: dict[int, datetime] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    _domains: dict[int, str] = field(default_factory=dict)

    def crl_url(self, domain: str) -> str:
        """Where the CRL for a domain's certificate is."""
        return f"{self.base}/crl/{domain}.crl"

    @property
    def ocsp_url(self) -> str:
        """Where the responder answers."""
        return f"{self.base}/ocsp"

    def know(self, certificate_pem: str, domain: str) -> x509.Certificate:
        """Remember which domain a certificate serves, so that its publication can be told apart."""
        certificate = x509.load_pem_x509_certificate(certificate_pem.encode("ascii"))
        self._domains[certificate.serial_number] = domain
        return certificate

    def revoke(self, certificate: x509.Certificate) -> None:
        """Revoke a certificate, from now on."""
        self.revoked[certificate.serial_number] = datetime.now(UTC) - BACKDATED

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/crl/{domain}.crl", self._crl),
                Route("/ocsp", self._ocsp, methods=["POST"]),
                Route("/ocsp/{request:path}", self._ocsp),
            ]
        )

    def crl(self) -> bytes:
        """The list of today, DER."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder(
            issuer_name=self.authority.certificate.subject,
            last_update=now - BACKDATED,
            next_update=now + CRL_LIFE,
        ).add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        for serial, since in self.revoked.items():
            entry = x509.RevokedCertificateBuilder(serial_number=serial, revocation_date=since)
            builder = builder.add_revoked_certificate(entry.build())
        signed = builder.sign(self.authority.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.DER)

    async def _crl(self, request: Request) -> Response:
        domain = str(request.path_params["domain"]).lower()[:253]
        status = 503 if domain in self.silent else 200
        self._record(request, "pki.crl", {"domain": domain, "status": status}, domain)
        return Response(self.crl() if status == 200 else b"", status, media_type=_CRL_TYPE)

    async def _ocsp(self, request: Request) -> Response:
        asked = _request(await _der(request))
        domain = self._domains.get(asked.serial_number, "") if asked else ""
        silent = domain in self.silent
        facts = {"domain": domain, "answer": None, "status": 503 if silent else 200}
        content = b""
        if not silent:
            content, facts["answer"] = self._answer(asked)
        self._record(request, "pki.ocsp", facts, domain)
        return Response(content, 503 if silent else 200, media_type=_OCSP_TYPE)

    def _answer(self, asked: ocsp.OCSPRequest | None) -> tuple[bytes, str]:
        """The response (DER) and what it says: ``good``, ``revoked`` or ``malformed``."""
        if asked is None:
            refused = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
            return refused.public_bytes(serialization.Encoding.DER), "malformed"
        since = self.revoked.get(asked.serial_number)
        now = datetime.now(UTC)
        status = ocsp.OCSPCertStatus.REVOKED if since else ocsp.OCSPCertStatus.GOOD
        response = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=asked.issuer_name_hash,
                issuer_key_hash=asked.issuer_key_hash,
                serial_number=asked.serial_number,
                algorithm=asked.hash_algorithm,
                cert_status=status,
                this_update=now - BACKDATED,
                next_update=now + CRL_LIFE,
                revocation_time=since,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.authority.certificate)
        )
        for extension in asked.extensions:
            if isinstance(extension.value, x509.OCSPNonce):  # RFC 9654: a nonce comes back as it came
                response = response.add_extension(extension.value, extension.critical)
        signed = response.sign(self.authority.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.DER), "revoked" if since else "good"

    def _record(self, request: Request, kind: str, data: dict[str, Any], domain: str) -> None:
        self.journal.append(
            SERVICE,
            self.lane,
            kind,
            provenance=Provenance.WIRE,
            data=data,
            session=session_of(request),
            marks=(domain,) if domain else (),
        )


async def _der(request: Request) -> bytes:
    if request.method == "POST":
        return await bounded_body(request, MAX_REQUEST)
    try:
        # The path comes decoded; a base64 text of a request holds no other escape (RFC 6960 A.1).
        return base64.b64decode(unquote_to_bytes(str(request.path_params["request"]))[:MAX_REQUEST], validate=True)
    except binascii.Error:
        return b""


def _request(der: bytes) -> ocsp.OCSPRequest | None:
    try:
        asked = ocsp.load_der_ocsp_request(der)
        _ = asked.serial_number  # more than one certificate in a request is not answered here
    except (ValueError, NotImplementedError):
        return None
    return asked
