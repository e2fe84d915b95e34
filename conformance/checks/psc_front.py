"""Checks on how professionals log in and out of the product."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.psc_front import (
    AuthorizationRequest,
    ChosenProvider,
    ClosedSession,
    ForgedEntrance,
    GoodEntrance,
    IdleSession,
    ProviderLogout,
    StrangerEntrance,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Basis

PSC = "Référentiel Pro Santé Connect v1.8.4"
# What the request of a client must hold, and the values that are fixed (wire.md §4.2).
MANDATORY = ("response_type", "client_id", "redirect_uri", "scope", "state", "nonce")
SCOPE = frozenset({"openid", "scope_all"})
LEVEL = "eidas1"


@check(
    "psc.request", source=f"{PSC}, demande d'authentification (PSC.01); OpenID Connect Core 1.0 §3.1.2.1", alone=False
)
def an_authentication_request_is_complete(request: AuthorizationRequest) -> Iterator[Finding]:
    """The authorization request holds all that Pro Santé Connect asks for, and its state and nonce are new.

    Pass: ``response_type`` ``code``, client, address, ``openid scope_all``, a state and a nonce never used before.
    Fail: one of them is missing, another, or used again.
    """
    if missing := [name for name in MANDATORY if name not in request.members]:
        yield error("psc.request.missing", expected=", ".join(missing), got=request.error or "-")
    if request.members.get("response_type", "code") != "code":
        yield error("psc.request.flow", expected="code", got=request.members["response_type"])
    scope = set(request.members.get("scope", "").split())
    if "scope" in request.members and not scope >= SCOPE:
        yield error("psc.request.scope", expected=" ".join(sorted(SCOPE)), got=request.members["scope"])
    if request.repeated:
        yield error("psc.request.repeated", expected="state, nonce", got="=")


@check("psc.acr", source="PSC.08; Référentiel Pro Santé Connect v1.8.4", alone=False)
def the_level_asked_for_is_eidas1(request: AuthorizationRequest) -> Iterator[Finding]:
    """The authorization request asks for the level ``eidas1``.

    Pass: ``acr_values`` is ``eidas1``.
    Fail: it is missing or another.
    """
    if request.members.get("acr_values") != LEVEL:
        yield error("psc.acr.other", expected=LEVEL, got=request.members.get("acr_values", "-"))


@check("psc.account", source="PSC.02; Référentiel Pro Santé Connect v1.8.4, EX PSC 19", alone=False)
def a_known_professional_meets_the_same_account(good: GoodEntrance) -> Iterator[Finding]:
    """A professional whose national identifier the product knows logs in to the account that bears it.

    Pass: after the log-in, the page that needs a session is given, and shows the name of that account.
    Fail: the page is not given, or it shows another account.
    """
    if not good.entrance.home:
        yield error("psc.account.not-in", expected=good.entrance.displayed, got="-")
    elif not good.entrance.shows:
        yield error("psc.account.other", expected=good.entrance.displayed, got="?")


@check("psc.stranger", source="PSC.02; Référentiel Pro Santé Connect v1.8.4, EX PSC 19", alone=False)
def an_unknown_professional_is_not_let_in(stranger: StrangerEntrance) -> Iterator[Finding]:
    """Somebody whom the product does not know is not given an account by logging in.

    Pass: the page that needs a session is refused, while a known professional is given it.
    Fail: the page is given.
    """
    if stranger.entrance.home:
        yield error("psc.stranger.let-in", expected="-", got=stranger.entrance.label)


@check(
    "psc.controls",
    source="SSI/IAM.80; OpenID Connect Core 1.0 §3.1.3.7 (identity token), §3.1.2.7; RFC 6749 §10.12 (state)",
    alone=False,
)
def a_forged_answer_opens_no_session(forged: ForgedEntrance) -> Iterator[Finding]:
    """An answer that the provider did not make for this request opens no session.

    Each answer has one fault: signature (none, of another key, by the public key), issuer, audience, date, nonce, state.
    Pass: the page that needs a session is refused, while a good answer gives it.
    Fail: the page is given.
    """
    if forged.entrance.home:
        yield error(f"psc.controls.{forged.entrance.malice}", expected="-", got=forged.entrance.malice)


@check("psc.other-provider", source="SSI/IAM.80", alone=False)
def another_provider_can_be_chosen(chosen: ChosenProvider) -> Iterator[Finding]:
    """Set up on another OpenID provider, the product lets its professionals in by that one.

    Pass: after a log-in there, the page that needs a session is given.
    Fail: it is not.
    """
    if not chosen.entered:
        yield error("psc.other-provider.not-in", expected=chosen.issuer, got="-")


@check("session.logout", source="SSI/IE.38", alone=False)
def a_closed_session_gives_nothing(closed: ClosedSession) -> Iterator[Finding]:
    """After log-out, the session that was open gives nothing any more.

    Pass: the page that needs a session, given before, is refused after.
    Fail: it is still given.
    """
    if closed.entrance.after:
        yield error("session.logout.open", expected="-", got=closed.entrance.label)


@check("session.idle", source="SSI/IE.39", alone=False)
def an_idle_session_closes(idle: IdleSession) -> Iterator[Finding]:
    """A session left alone longer than the time set gives nothing any more.

    Pass: the page that needs a session, given before, is refused after that time.
    Fail: it is still given.
    """
    if idle.entrance.after:
        yield error("session.idle.open", expected="-", got=idle.entrance.label)


@check(
    "psc.logout",
    source="Référentiel Pro Santé Connect v1.8.4, déconnexion; OpenID Connect RP-Initiated Logout 1.0 §2",
    basis=Basis.GUIDE,
    alone=False,
)
def logging_out_ends_the_session_at_the_provider(logout: ProviderLogout) -> Iterator[Finding]:
    """Logging out of the product ends the professional's session at Pro Santé Connect too.

    Pass: the provider's end-session endpoint was called with the identity token of the session.
    Fail: it was not called, or no session was named.
    """
    if not logout.told:
        yield error("psc.logout.silent", expected="id_token_hint", got="-")
    elif not logout.named:
        yield error("psc.logout.nameless", expected="id_token_hint", got="-")
