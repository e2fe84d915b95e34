"""Checks on how the product asks Pro Santé Connect for tokens."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.psc import TokenRequest
from conformance.core.check import check
from conformance.core.finding import Finding, error


@check(
    "psc.client",
    source="Référentiel socle MSSanté #2 v1.0, ECO.1.2.1; RFC 6749 §5 and §6 (MSS/CONF.07, PSC.01)",
    alone=False,
)
def tokens_are_asked_by_the_declared_client(request: TokenRequest) -> Iterator[Finding]:
    """Every token request comes from the client that was declared for the product, and is granted.

    A client that polls (CIBA) may be told to wait: that is no failure.
    Pass: the declared ``client_id``, and a token issued or an answer that asks to wait.
    Fail: another ``client_id``, none, or a request that Pro Santé Connect refuses.
    """
    if not request.client_id:
        yield error("psc.client.none", expected=", ".join(sorted(request.declared)) or "client_id", got="-")
    elif request.declared and request.client_id not in request.declared:
        yield error("psc.client.other", expected=", ".join(sorted(request.declared)), got=request.client_id)
    if not request.granted and not request.waiting:
        yield error(
            "psc.client.refused", expected="ok", got=request.error or request.outcome, grant_type=request.grant_type
        )
