"""Checks on how a product calls the national APIs in the name of who is logged in by Pro Santé Connect."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.psc_api import ApiCall, Exchange, NamedCall
from conformance.core.check import check
from conformance.core.finding import Finding, error

VOLET = "CI-SIS, Sécurisation de la couche transport API REST Pro Santé Connectée v1.2.0"


@check("psc.exchange", source=f"PSC.10 ; {VOLET}, flux 9 à 11 ; RFC 8693 §2 ; RFC 8705 §2.1", alone=False)
def tokens_are_exchanged_under_mutual_tls(exchange: Exchange) -> Iterator[Finding]:
    """Every exchange is made under the structure's certificate, with a live token of Pro Santé Connect, and is granted.

    Pass: a client certificate that the server knows, and a token granted; a person's token that had just expired is ordinary.
    Fail: no certificate, one that is not enrolled, or a request that the server refuses.
    """
    if not exchange.certificate:
        yield error("psc.exchange.no-certificate", expected="mTLS", got=exchange.error or "-")
    elif not exchange.ordinary:
        yield error("psc.exchange.refused", expected="access_token", got=exchange.error)


@check("psc.bound-token", source=f"PSC.10 ; {VOLET}, flux 12 ; RFC 8705 §3", alone=False)
def the_api_is_given_a_bound_token(call: ApiCall) -> Iterator[Finding]:
    """The API is called with a token that was exchanged, under the certificate that it is bound to.

    Pass: a call came, and each bears a live token of the authorization server, bound to the certificate of its connection.
    Fail: no call, no token, the token of the log-in itself, one that nobody issued, or one under another certificate.
    """
    if not call.records:
        yield error("psc.bound-token.silent", expected="Authorization: Bearer", got="-")
    for record in call.records:
        told = str(record.data.get("token") or "missing")
        bound = record.data.get("token_thumbprint") == record.data.get("thumbprint")
        if told != "ok" or not bound:
            yield error(f"psc.bound-token.{told if told != 'ok' else 'other-certificate'}", expected="ok", got=told)


@check("psc.api-user", source=f"DMP/PSC.01 ; {VOLET}, services qui gardent le VIHF", alone=False)
def token_and_vihf_name_who_logged_in(call: NamedCall) -> Iterator[Finding]:
    """The token of a call and its VIHF both name the professional who is logged in.

    Pass: both bear the national identifier of that professional.
    Fail: one of them names somebody else.
    """
    if call.token != call.user:
        yield error("psc.api-user.token", expected=call.user, got=call.token or "-")
    if call.vihf != call.user:
        yield error("psc.api-user.vihf", expected=call.user, got=call.vihf or "-")
