"""The provider of one lane: its endpoints, each exchange recorded before it is answered.

Paths are those of Pro Santé Connect, with both discovery documents (its own, ``wallet-openid-configuration``, and the
usual one). The browser's part is in :mod:`conformance.services.psc.front`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.services.contract import PSC
from conformance.services.http import session_of
from conformance.services.psc import ciba
from conformance.services.psc.authorization import Authorizations
from conformance.services.psc.ciba import Backchannel
from conformance.services.psc.front import Front
from conformance.services.psc.oauth import NO_STORE, OAuthError, OAuthRequest, clip, read_request
from conformance.services.psc.tokens import AccessToken, Login, Tokens

REALM = "/auth/realms/esante-wallet"
REFRESH, CODE = "refresh_token", "authorization_code"
_AUTHENTICATIONS = ["client_secret_basic", "client_secret_post"]

Facts = dict[str, Any]
Endpoint = Callable[[OAuthRequest, Facts], Mapping[str, Any]]


@dataclass(eq=False)
class Provider:
    """Pro Santé Connect for one client. ``base`` is scheme, host and port of where :attr:`app` is served."""

    base: str
    client_secret: str
    tokens: Tokens
    journal: Journal
    lane: str
    realm: str = REALM
    backchannel: Backchannel = field(default_factory=Backchannel)
    authorizations: Authorizations = field(init=False)

    def __post_init__(self) -> None:
        self.authorizations = Authorizations(self.tokens.client_id)

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route(f"{self.realm}/.well-known/wallet-openid-configuration", self._discovery),
                Route(f"{self.realm}/.well-known/openid-configuration", self._discovery),
                Route(f"{self.protocol}/certs", self._keys),
                Route(f"{self.protocol}/token", self._post("psc.token", self._token), methods=["POST"]),
                Route(
                    f"{self.protocol}/token/introspect", self._post("psc.introspection", self._tell), methods=["POST"]
                ),
                Route(f"{self.protocol}/ext/ciba/auth", self._post("psc.ciba", self._ciba), methods=["POST"]),
                *Front(self, self.authorizations).routes(self.protocol),
            ]
        )

    @property
    def protocol(self) -> str:
        """The path of the endpoints."""
        return f"{self.realm}/protocol/openid-connect"

    def url(self, path: str = "") -> str:
        """An endpoint's address: ``auth``, ``token``, ``userinfo``, ``logout``, ``token/introspect`` or ``certs``."""
        return f"{self.base}{self.protocol}/{path}"

    def end(self, refresh_token: str, mailbox: str) -> bool:
        """End the login of a refresh token, as when the person leaves; recorded before it takes effect.

        ``mailbox`` is the box that the token was given for. False when there was no such login.
        """
        login = self.tokens.login(refresh_token)
        self.journal.append(
            PSC,
            self.lane,
            "psc.login-ended",
            provenance=Provenance.HARNESS,
            data={"subject": login.persona.subject_name_id if login else None, "mailbox": mailbox.lower()},
            marks=(mailbox.lower(),),
        )
        self.tokens.end(refresh_token)
        return login is not None

    def discovery(self) -> dict[str, Any]:
        """The discovery document (OpenID Connect Discovery 1.0 §3, CIBA Core §4); only what is offered."""
        return {
            "issuer": self.tokens.issuer,
            "jwks_uri": self.url("certs"),
            "authorization_endpoint": self.url("auth"),
            "token_endpoint": self.url("token"),
            "userinfo_endpoint": self.url("userinfo"),
            "end_session_endpoint": self.url("logout"),
            "introspection_endpoint": self.url("token/introspect"),
            "backchannel_authentication_endpoint": self.url("ext/ciba/auth"),
            "backchannel_token_delivery_modes_supported": ["poll"],
            "grant_types_supported": [CODE, REFRESH, ciba.GRANT],
            "code_challenge_methods_supported": ["S256"],
            "response_modes_supported": ["query"],
            "token_endpoint_auth_methods_supported": _AUTHENTICATIONS,
            "introspection_endpoint_auth_methods_supported": _AUTHENTICATIONS,
            "id_token_signing_alg_values_supported": ["RS256"],
            "subject_types_supported": ["public"],
            "response_types_supported": ["code"],
            "acr_values_supported": ["eidas1"],
            "scopes_supported": ["openid", "scope_all"],
            "request_parameter_supported": False,
            # True where it is left out.
            "request_uri_parameter_supported": False,
        }

    async def _discovery(self, request: Request) -> Response:
        self._record(request, "psc.jwks", {"path": request.url.path})
        return JSONResponse(self.discovery())

    async def _keys(self, request: Request) -> Response:
        self._record(request, "psc.jwks", {"path": request.url.path})
        return JSONResponse({"keys": [self.tokens.key.as_dict(private=False)]})

    def _post(self, kind: str, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Wrap an endpoint: read, authenticate the client, answer, and record whatever came of it."""

        async def answer(request: Request) -> Response:
            facts: Facts = {"client_id": None, "outcome": "refused", "error": None}
            try:
                asked = await read_request(request)
                facts["client_id"] = clip(asked.client_id)
                facts |= {name: asked.shown(name) for name in _SHOWN[kind]}
                asked.authenticate(self.tokens.client_id, self.client_secret)
                response: Response = JSONResponse(dict(endpoint(asked, facts)), headers=NO_STORE)
                facts["outcome"] = "ok"
            except OAuthError as exc:
                facts["error"] = exc.error
                response = exc.response()
            self._record(request, kind, {**dict.fromkeys(_MEMBERS[kind]), **facts})
            return response

        return answer

    def _token(self, asked: OAuthRequest, facts: Facts) -> Mapping[str, Any]:
        """RFC 6749 §4.1.3 (code) and §6 (refresh), CIBA Core §10.1."""
        grant = asked.required("grant_type")
        if grant == REFRESH:
            return self._refreshed(asked.required("refresh_token"), asked.form.get("scope", ""), facts)
        if grant == CODE:
            self.tokens.end(self.authorizations.served(asked.required("code")))
            code = self.authorizations.redeem(asked)
            scope, nonce = code.asked.get("scope", ""), code.asked["nonce"]
            refresh_token = self.tokens.mint_refresh_token(code.subject, scope, nonce)
            self.authorizations.serve(asked.form["code"], refresh_token)
            login = self._login(refresh_token)
            id_token = self.tokens.mint_id_token(login, self.authorizations.malice)
            return {**self._answer(login, refresh_token, facts), "id_token": id_token}
        if grant == ciba.GRANT:
            pending = self.backchannel.collect(asked.required("auth_req_id"))
            refresh_token = self.tokens.mint_refresh_token(pending.subject, pending.scope)
            login = self._login(refresh_token)
            return {**self._answer(login, refresh_token, facts), "id_token": self.tokens.mint_id_token(login)}
        raise OAuthError("unsupported_grant_type", "unsupported-grant")

    def _refreshed(self, refresh_token: str, scope: str, facts: Facts) -> Mapping[str, Any]:
        """RFC 6749 §6: the scope may shrink, never grow."""
        login = self._login(refresh_token)
        if set(scope.split()) - set(login.scope.split()):
            raise OAuthError("invalid_scope", "wider-scope")
        return self._answer(login, refresh_token, facts, scope)

    def _login(self, refresh_token: str) -> Login:
        login = self.tokens.login(refresh_token)
        if login is None:
            raise OAuthError("invalid_grant", "dead-refresh-token")
        return login

    def _answer(self, login: Login, refresh_token: str, facts: Facts, scope: str = "") -> dict[str, Any]:
        access: AccessToken = self.tokens.mint_access_token(login, scope)
        facts |= {
            "subject": login.persona.subject_name_id,
            "token_id": access.token_id,
            "expires_in": access.expires_in,
        }
        return {
            "access_token": access.text,
            "token_type": "Bearer",
            "expires_in": access.expires_in,
            "refresh_token": refresh_token,
            "refresh_expires_in": self.tokens.lifetimes.refresh,
            "scope": scope or login.scope,
        }

    def _tell(self, asked: OAuthRequest, facts: Facts) -> Mapping[str, Any]:
        """RFC 7662 §2.2: an inactive token is told so, and nothing else."""
        found, claims = self.tokens.introspect(asked.required("token"))
        facts |= {"active": found.active, "token_id": found.token_id}
        if found.active:
            return {"active": True, "client_id": found.client_id, **claims}
        renewing = self.tokens.introspect_refresh(asked.form["token"])
        facts["active"] = bool(renewing)
        return {"active": bool(renewing), **renewing}

    def _ciba(self, asked: OAuthRequest, facts: Facts) -> Mapping[str, Any]:
        auth_req_id = self.backchannel.open(asked)
        facts["auth_req_id"] = auth_req_id
        return {
            "auth_req_id": auth_req_id,
            "expires_in": self.backchannel.expires_in,
            "interval": self.backchannel.interval,
        }

    def _record(self, request: Request, kind: str, data: Facts) -> None:
        session = session_of(request)
        self.journal.append(PSC, self.lane, kind, provenance=Provenance.WIRE, data=data, session=session)


# What each kind of record takes from the form, and the members it always has (docs/evidence.md).
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "psc.token": ("grant_type",),
    "psc.introspection": (),
    "psc.ciba": ("login_hint", "acr_values", "scope", "binding_message"),
}
_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "psc.token": ("grant_type", "subject", "token_id", "expires_in"),
    "psc.introspection": ("active", "token_id"),
    "psc.ciba": ("login_hint", "acr_values", "scope", "binding_message", "auth_req_id"),
}
