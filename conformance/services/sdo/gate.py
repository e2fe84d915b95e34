"""Who may call: certificate, then token, then the establishment named in the header.

Source: IG ans.fhir.fr.sdo, page « Sécurité » (since 4.0.4): Bearer token, and ``struct_idnat`` = ``1`` + FINESS EG.
The status of each refusal follows RFC 6750 §3.1 (401) and FHIR R4 §3.1.0.1.5 (403); the guide gives none.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.x509.oid import NameOID
from starlette.requests import Request

from conformance.services.http import tls_of
from conformance.services.sdo.tokens import Access, AccessTokens

HEADER = "struct_idnat"
MAX_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a call: the legal entity of its certificate, its token, the establishment it names.

    ``entity`` is the OU of the certificate (idNat_Struct of the FINESS EJ), ``token`` one of ``ok``, ``missing``,
    ``unknown``, ``expired``; ``refusal`` says why it is refused, empty when it is not.
    """

    entity: str
    token: str
    access: Access | None
    structure: str
    refusal: str

    @property
    def status(self) -> int:
        """The HTTP status of the refusal."""
        return 401 if self.refusal.startswith("token") else 403


def caller_of(request: Request, tokens: AccessTokens) -> Caller:
    """Look at a call; nothing is refused here."""
    entity = entity_of(request)
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    state, access = tokens.read(text.strip() if scheme.lower() == "bearer" else "")
    structure = request.headers.get(HEADER, "")[:MAX_SHOWN]
    return Caller(entity, state, access, structure, _refusal(entity, state, access, structure))


def entity_of(request: Request) -> str:
    """The OU of the client certificate of the connection; nothing without one."""
    tls = tls_of(request)
    if tls is None or tls.client_certificate is None:
        return ""
    found = tls.client_certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return str(found[0].value) if found else ""


def _refusal(entity: str, state: str, access: Access | None, structure: str) -> str:
    if state != "ok" or access is None:
        return f"token-{state}"
    if access.entity != entity:
        return "certificate"
    if structure.removeprefix("1") not in access.establishments or not structure.startswith("1"):
        return "structure" if structure else "no-structure"
    return ""
