"""Who may ask: the guides leave security to PGSSI-S, so that what a server asks of its clients is a setting of the bench.

Neither the token nor the certificate is written: the record holds the subject and the id of the token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from conformance.services.fhir.outcome import FhirFault
from conformance.services.http import tls_of
from conformance.services.psc.tokens import Tokens


def certificate_facts(request: Request, *, needed: bool) -> Mapping[str, Any]:
    """``client_certificate``: the subject presented, or null; 401 without one when it is needed."""
    handshake = tls_of(request)
    subject = handshake.client_subject if handshake else None
    if needed and subject is None:
        raise FhirFault(401, "login", "fhirserver.certificate")
    return {"client_certificate": subject}


def token_facts(request: Request, tokens: Tokens, *, needed: bool) -> Mapping[str, Any]:
    """``token_id``, ``token_subject`` and ``token_outcome`` (``ok``, ``none`` or why not); 401 when it is needed."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    facts = tokens.verify(given.strip()) if scheme.lower() == "bearer" else None
    outcome = "none" if facts is None else "ok" if facts.active else str(facts.reason)
    if needed and outcome != "ok":
        raise FhirFault(401, "login", "fhirserver.token")
    return {
        "token_outcome": outcome,
        "token_id": facts.token_id if facts else None,
        "token_subject": facts.subject if facts else None,
    }
