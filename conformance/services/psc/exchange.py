"""The authorization server of a national API: a token of Pro Santé Connect against one bound to the client's certificate.

CI-SIS, « Sécurisation de la couche transport API REST Pro Santé Connectée » v1.2.0, flows 9 to 12: the client authenticates by
mutual TLS with the certificate of its structure (RFC 8705 §2.1), exchanges the person's access token (RFC 8693), and presents
what it gets to the API. It is the target's own server that exchanges, and asks Pro Santé Connect about the person's token.
Hypotheses of the bench: the address, the scope's name, and that a request without ``client_id`` (as the published example is
written) is known by its certificate.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.core.words import Provenance
from conformance.services.http import HttpServer, session_of, tls_of
from conformance.services.lane_service import LaneContext
from conformance.services.psc.bound import BoundTokens, Presented, thumbprint
from conformance.services.psc.oauth import NO_STORE, OAuthError, OAuthRequest, clip, read_request

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN, JWT = (f"urn:ietf:params:oauth:token-type:{name}" for name in ("access_token", "jwt"))
PATH = "/as"
# What evidence keeps of an actor token, in bytes.
MAX_ACTOR = 8192
Facts = dict[str, Any]
_MEMBERS = {
    "exchange.token": (
        *("client_id", "certificate", "thumbprint", "grant_type", "subject_token_type", "scope"),
        *("subject_token", "outcome", "error", "subject", "token_id", "expires_in"),
    ),
    "exchange.introspection": ("certificate", "thumbprint", "active", "token_id", "outcome", "error"),
}


class AuthorizationServer:
    """The authorization server of one API of a lane; ``subjects`` are those of the certificates enrolled (RFC 4514)."""

    def __init__(self, context: LaneContext, service: str, scope: str, subjects: tuple[str, ...]) -> None:
        self._context = context
        self.service = f"{service}.as"
        self.scope = scope
        self.client_id = f"{context.tokens.client_id}-{service}"
        self._subjects = subjects
        # Optional, so that a client without certificate is heard, recorded and refused.
        tls = context.recorder.context(service=self.service, lane=context.lane, names=(), client_auth="optional")
        self._server = HttpServer(context=tls, settled=context.journal.durable)
        self.tokens = BoundTokens(self._server.url() + PATH, context.tokens)

    async def start(self) -> None:
        """Listen."""
        routes = [
            Route(f"{PATH}/token", self._post("exchange.token", self._exchange), methods=["POST"]),
            Route(f"{PATH}/introspect", self._post("exchange.introspection", self._introspect), methods=["POST"]),
        ]
        await self._server.start(Starlette(routes=routes))

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    def endpoints(self) -> dict[str, str]:
        """What a client is set up with; its certificate is that of the API."""
        base = self._server.url() + PATH
        return {
            "token_endpoint": f"{base}/token",
            "introspection_endpoint": f"{base}/introspect",
            "client_id": self.client_id,
            "scope": self.scope,
        }

    def presented(self, request: Request) -> tuple[Presented, str]:
        """The bearer token of a request to the API, judged under its client certificate, and that certificate's thumbprint."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        handshake = tls_of(request)
        under = thumbprint(handshake.client_certificate if handshake else None)
        return self.tokens.read(given.strip() if scheme.lower() == "bearer" else "", under)[0], under

    def _post(
        self, kind: str, endpoint: Callable[[OAuthRequest, Facts], Mapping[str, Any]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Wrap an endpoint: read, authenticate by the certificate, answer, and record whatever came of it."""

        async def answer(request: Request) -> Response:
            facts: Facts = {**dict.fromkeys(_MEMBERS[kind]), "outcome": "refused", **_certificate(request)}
            actor = b""
            try:
                asked = await read_request(request)
                facts |= {name: asked.shown(name) for name in ("client_id", "grant_type", "scope") if name in facts}
                actor = asked.form.get("actor_token", "").encode()[:MAX_ACTOR]
                self._authenticate(asked, facts)
                response: Response = JSONResponse(dict(endpoint(asked, facts)), headers=NO_STORE)
                facts["outcome"] = "ok"
            except OAuthError as exc:
                facts["error"] = exc.error
                response = exc.response()
            self._context.journal.append(
                self.service,
                self._context.lane,
                kind,
                provenance=Provenance.WIRE,
                session=session_of(request),
                data=facts,
                blobs={"actor": actor} if actor else {},
            )
            return response

        return answer

    def _authenticate(self, asked: OAuthRequest, facts: Facts) -> None:
        """The certificate is the proof, and leads to the client; a ``client_id`` that is told must be that one."""
        if not facts["certificate"]:
            raise OAuthError("invalid_client", "no-certificate", 401)
        if facts["certificate"] not in self._subjects or asked.client_id not in ("", self.client_id):
            raise OAuthError("invalid_client", "wrong-certificate", 401)

    def _exchange(self, asked: OAuthRequest, facts: Facts) -> Mapping[str, Any]:
        """RFC 8693 §2.1 and §2.2: whatever is wrong with the person's token is an ``invalid_request``."""
        if asked.required("grant_type") != GRANT:
            raise OAuthError("unsupported_grant_type", "unsupported-grant")
        facts["subject_token_type"] = clip(asked.required("subject_token_type"))
        if asked.form["subject_token_type"] not in (ACCESS_TOKEN, JWT):
            raise OAuthError("invalid_request", "wrong-token-type")
        if bool(asked.form.get("actor_token")) != bool(asked.form.get("actor_token_type")):
            raise OAuthError("invalid_request", "actor-without-type")
        found = self._context.tokens.verify(asked.required("subject_token"))
        facts["subject_token"] = "active" if found.active else found.reason
        if not found.active or not found.subject:
            raise OAuthError("invalid_request", "dead-subject-token")
        if asked.form.get("scope", "") != self.scope:
            raise OAuthError("invalid_scope", "wrong-scope")
        text, token_id = self.tokens.mint(found.subject, self.scope, self.client_id, facts["thumbprint"])
        facts |= {"subject": found.subject, "token_id": token_id, "expires_in": self.tokens.life}
        return {
            "access_token": text,
            "issued_token_type": ACCESS_TOKEN,
            "token_type": "Bearer",
            "expires_in": self.tokens.life,
            "scope": self.scope,
        }

    def _introspect(self, asked: OAuthRequest, facts: Facts) -> Mapping[str, Any]:
        """RFC 7662 §2.2 and RFC 8705 §3.2: the binding is told, for the one who serves to compare."""
        text = asked.required("token")
        found, claims = self.tokens.read(text, facts["thumbprint"])
        facts |= {"token_id": found.token_id, "active": found.outcome in ("ok", "other-certificate")}
        return {"active": True, **claims} if facts["active"] else {"active": False}


def _certificate(request: Request) -> Facts:
    handshake = tls_of(request)
    certificate = handshake.client_certificate if handshake else None
    return {
        "certificate": handshake.client_subject if handshake else None,
        "thumbprint": thumbprint(certificate) or None,
    }
