"""Who speaks to the SI-SDO: certificate, token, establishment."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.sdo import SdoCall, SdoConnection, SdoImpostor, SdoTokenRequest
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Basis

SECURITY = "IG ans.fhir.fr.sdo 4.0.5, page « Sécurité » (SI-SDO - Authentification v1.2)"


@check("sdo.mutual-tls", source=SECURITY, basis=Basis.GUIDE, alone=False)
def a_certificate_is_shown(connection: SdoConnection) -> Iterator[Finding]:
    """Every connection to the SI-SDO shows the certificate made for the legal entity of the structure.

    Pass: the handshake ends well with a client certificate.
    Fail: it fails because no certificate is shown, or because the one shown is not of the authority. A handshake that the
    product itself ends, or leaves half-way, concludes nothing.
    """
    if connection.outcome == "ok" or connection.ended_by == "client" or connection.reason == "cut":
        return
    if connection.certificate is None:
        yield error("sdo.tls.no-certificate", got="∅", basis=Basis.GUIDE)
    else:
        yield error("sdo.tls.refused", got=connection.certificate, reason=connection.reason, basis=Basis.GUIDE)


@check("sdo.refuses-impostor", source=SECURITY + "; RFC 9325 §6.1", basis=Basis.GUIDE, alone=False)
def an_impostor_is_told_nothing(impostor: SdoImpostor) -> Iterator[Finding]:
    """Authentication is mutual: a server that the authority did not certify is told nothing.

    Pass: the product ends the handshake with it.
    Fail: the handshake succeeds, or anything is asked of it.
    """
    if impostor.completed or impostor.told:
        got = ", ".join(impostor.told) or "TLS"
        yield error("sdo.impostor.accepted", expected="∅", got=got, basis=Basis.GUIDE)


@check("sdo.token-request", source=SECURITY + "; RFC 6749 §4.4", basis=Basis.GUIDE, alone=False)
def tokens_are_asked_by_client_credentials(request: SdoTokenRequest) -> Iterator[Finding]:
    """Access tokens are asked with the client credentials grant, by the client that was declared.

    Pass: ``client_credentials``, the declared ``client_id``, and a token (or a failure that the bench put on).
    Fail: another grant, another client, or a refusal that the request brought on itself.
    """
    if request.grant_type != "client_credentials":
        yield error("sdo.token.grant", expected="client_credentials", got=request.grant_type or "∅", basis=Basis.GUIDE)
    elif request.declared and request.client_id not in request.declared:
        expected = ", ".join(sorted(request.declared))
        yield error("sdo.token.client", expected=expected, got=request.client_id or "∅", basis=Basis.GUIDE)
    elif request.outcome != "ok" and request.error.startswith(("invalid_", "unsupported_")):
        yield error("sdo.token.refused", expected="200", got=request.error, basis=Basis.GUIDE)


@check("sdo.bearer", source=SECURITY + "; RFC 6750 §2.1", basis=Basis.GUIDE, alone=False)
def every_call_bears_a_token(call: SdoCall) -> Iterator[Finding]:
    """Every call bears, as Bearer, an access token that the SI-SDO issued; one that it refused is not shown again.

    Pass: a token of this SI-SDO; that it expired meanwhile is met once, and a new one is asked.
    Fail: no token, a token issued elsewhere, or an expired one shown again after it was refused.
    """
    if call.token in ("missing", "unknown"):
        yield error(f"sdo.bearer.{call.token}", expected="Bearer", got=call.path, basis=Basis.GUIDE)
    elif call.worn:
        yield error("sdo.bearer.worn", got=call.path, basis=Basis.GUIDE)


@check("sdo.structure", source=SECURITY, basis=Basis.GUIDE, alone=False)
def every_call_names_its_establishment(call: SdoCall) -> Iterator[Finding]:
    """Every call names in ``struct_idnat`` the establishment it acts for: ``1`` followed by its FINESS EG.

    Pass: the declared establishment, which the token opens.
    Fail: the header is missing, names another structure (the legal entity for one), or lacks its prefix.
    """
    wrong = call.declared and call.structure not in call.declared
    if wrong or call.refusal in ("structure", "no-structure"):
        expected = ", ".join(sorted(call.declared)) or "1 + FINESS EG"
        yield error("sdo.structure.other", expected=expected, got=call.structure or "∅", basis=Basis.GUIDE)
