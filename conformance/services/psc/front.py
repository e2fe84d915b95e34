"""The browser's part of Pro Santé Connect: authorization, log-in page, userinfo, end of session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from conformance.core.texts import say
from conformance.core.words import Provenance
from conformance.services.contract import PSC
from conformance.services.http import bounded_body, session_of
from conformance.services.psc.authorization import Authorizations, shown
from conformance.services.psc.oauth import NO_STORE, OAuthError, form_of, once
from conformance.services.psc.personas import PERSONAS

if TYPE_CHECKING:
    from conformance.services.psc.provider import Provider

MAX_FORM = 16 * 1024
Endpoint = Callable[[Request], Awaitable[Response]]
# No script, no frame; the form may lead to the client, which the redirection after it needs.
HEADERS = {
    **NO_STORE,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
_PAGE = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:1rem system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem}}button{{display:block;width:100%;padding:.8rem;
margin:.4rem 0;font:inherit;text-align:left}}</style></head>
<body><h1>{title}</h1><p>{intro}</p><form method="post" action="{action}">
<input type="hidden" name="handle" value="{handle}">{choices}</form></body></html>"""


class Front:
    """The pages and endpoints that a browser meets, for one provider."""

    def __init__(self, provider: Provider, authorizations: Authorizations) -> None:
        self._provider = provider
        self._authorizations = authorizations

    def routes(self, protocol: str) -> list[Route]:
        """The routes under the protocol's path."""
        return [
            Route(f"{protocol}/auth", self._authorize, methods=["GET", "POST"]),
            Route(f"{protocol}/login", _told(self._log_in), methods=["POST"]),
            Route(f"{protocol}/userinfo", self._userinfo, methods=["GET", "POST"]),
            Route(f"{protocol}/logout", _told(self._log_out), methods=["GET", "POST"]),
        ]

    async def _authorize(self, request: Request) -> Response:
        told: dict[str, Any] = {**shown({}), "outcome": "refused", "error": None}
        try:
            asked = await _parameters(request)
            told |= shown(asked)
            error = self._authorizations.check(asked)
        except OAuthError as exc:
            told["error"] = exc.error
            self._record(request, "psc.authorization", told)
            return exc.response()
        if error is not None:
            told["error"] = error
            self._record(request, "psc.authorization", told)
            return _to(self._authorizations.refuse(asked, error))
        told["outcome"] = "ok"
        self._record(request, "psc.authorization", told)
        if self._authorizations.persona:
            return _to(self._authorizations.grant(asked, self._authorizations.persona))
        return HTMLResponse(self._page(self._authorizations.wait(asked)), headers=HEADERS)

    async def _log_in(self, request: Request) -> Response:
        form = form_of(await bounded_body(request, MAX_FORM))
        asked = self._authorizations.take(form.get("handle", ""))
        subject = form.get("persona", "")
        if asked is None or subject not in PERSONAS:
            return OAuthError("invalid_request", "unknown-login").response()
        return _to(self._authorizations.grant(asked, subject))

    async def _userinfo(self, request: Request) -> Response:
        """OpenID Connect Core 1.0 §5.3."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        facts, claims = self._provider.tokens.introspect(token.strip()) if scheme.lower() == "bearer" else (None, {})
        active = facts is not None and facts.active
        subject = str(claims.get("SubjectNameID", "")) if active else ""
        self._record(
            request,
            "psc.userinfo",
            {"subject": subject or None, "active": active, "token_id": facts and facts.token_id},
        )
        if not active:
            challenge = 'Bearer error="invalid_token"' if token else "Bearer"
            return JSONResponse({"error": "invalid_token"}, 401, {**NO_STORE, "WWW-Authenticate": challenge})
        return JSONResponse(PERSONAS[subject].userinfo(), headers=NO_STORE)

    async def _log_out(self, request: Request) -> Response:
        """OpenID Connect RP-Initiated Logout 1.0 §2: the hint names the session, the address must be registered."""
        asked = await _parameters(request)
        subject, ended = self._provider.tokens.end_session(asked.get("id_token_hint", ""))
        address = asked.get("post_logout_redirect_uri", "")
        known = address in self._authorizations.redirect_uris
        told = {"subject": subject, "ended": ended, "redirect": known if address else None}
        self._record(request, "psc.logout", told)
        if known and subject:
            state = f"?{urlencode({'state': asked['state']})}" if asked.get("state") else ""
            return _to(address + state)
        return HTMLResponse(
            f"<!DOCTYPE html><html lang=fr><title>PSC</title><p>{escape(say('services.psc.logged-out', 'fr'))}</p>"
        )

    def _page(self, handle: str) -> str:
        choices = "".join(
            f'<button name="persona" value="{p.subject_name_id}">{escape(p.given_name)} {escape(p.family_name)}<br>'
            f"<small>{p.subject_name_id}</small></button>"
            for p in PERSONAS.values()
        )
        return _PAGE.format(
            title=escape(say("services.psc.login-title", "fr")),
            intro=escape(say("services.psc.login-intro", "fr")),
            action=self._provider.url("login"),
            handle=handle,
            choices=choices,
        )

    def _record(self, request: Request, kind: str, data: Mapping[str, Any]) -> None:
        provider = self._provider
        provider.journal.append(
            PSC, provider.lane, kind, provenance=Provenance.WIRE, data=dict(data), session=session_of(request)
        )


def _told(endpoint: Endpoint) -> Endpoint:
    """A request that cannot be read gets its error, not a failure of the server."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except OAuthError as exc:
            return exc.response()

    return answer


async def _parameters(request: Request) -> dict[str, str]:
    """The parameters of a request by GET or by POST (OpenID Connect Core 1.0 §3.1.2.1)."""
    if request.method == "GET":
        return once(request.query_params.multi_items())
    return form_of(await bounded_body(request, MAX_FORM))


def _to(address: str) -> Response:
    return RedirectResponse(address, 302, headers=NO_STORE)
