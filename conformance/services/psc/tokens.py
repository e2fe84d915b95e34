"""Tokens: minted, verified, expired for real.

Lifetimes are those of Pro Santé Connect: access 2 minutes, refresh 30 minutes of idleness, session 4 hours at
most. Tests shorten them; no clock is faked, since the product has its own.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from conformance.services.psc.malice import spoiled
from conformance.services.psc.personas import PERSONAS, Persona

ACCESS_LIFE = 120
REFRESH_LIFE = 30 * 60
SESSION_LIFE = 4 * 60 * 60
MAX_TOKEN = 8192
ALGORITHM = "RS256"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """In seconds."""

    access: int = ACCESS_LIFE
    refresh: int = REFRESH_LIFE
    session: int = SESSION_LIFE


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What is known of an access token presented to a service.

    ``subject`` is the SubjectNameID (``8`` + RPPS). ``reason`` says why an inactive token is so: ``malformed``,
    ``bad-signature``, ``unknown`` (signed here, for another lane or an earlier life of the bench), ``expired``,
    ``login-ended``.
    """

    token_id: str | None = None
    subject: str | None = None
    client_id: str | None = None
    expires_at: int = 0
    active: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token just minted: its text, its ``jti`` and its life in seconds."""

    text: str
    token_id: str
    expires_in: int


@dataclass(slots=True)
class Login:
    """A person's authentication at one client, on which tokens are minted; times are seconds since the epoch."""

    persona: Persona
    scope: str
    auth_time: int
    refresh_until: int
    nonce: str = ""
    session: str = field(default_factory=lambda: secrets.token_hex(16))
    # The access tokens minted on it, by ``jti``.
    minted: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Tokens:
    """The tokens of one client (one lane) of one issuer. ``key`` must carry a ``kid``."""

    issuer: str
    client_id: str
    key: RSAKey
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    _logins: dict[str, Login] = field(default_factory=dict)
    # Session -> refresh token; access token -> its end, in the order of their ends.
    _sessions: dict[str, str] = field(default_factory=dict)
    _minted: dict[str, int] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)
    # How many log-ins there may be before the dead ones are looked for.
    _crowd: int = 1000

    def mint_refresh_token(self, subject: str, scope: str = "openid scope_all", nonce: str = "") -> str:
        """Log a persona in and return a refresh token; an unknown SubjectNameID raises :class:`KeyError`."""
        now = int(time.time())
        persona = PERSONAS[subject]
        self._forget_dead(now)
        token = secrets.token_urlsafe(32)
        login = self._logins[token] = Login(persona, scope, now, now + self.lifetimes.refresh, nonce)
        self._sessions[login.session] = token
        return token

    def login(self, refresh_token: str) -> Login | None:
        """The login of a refresh token while it lives; using it starts its idle time again, within the session."""
        login = self._logins.get(refresh_token)
        now = int(time.time())
        if login is None or now >= login.refresh_until:
            return None
        login.refresh_until = min(now + self.lifetimes.refresh, login.auth_time + self.lifetimes.session)
        return login

    def end(self, refresh_token: str) -> None:
        """Forget a login; its access tokens are no longer active, whatever their date."""
        login = self._logins.pop(refresh_token, None)
        if login is not None:
            self._sessions.pop(login.session, None)
            self._ended.update(login.minted)

    def mint_access_token(self, login: Login, scope: str = "") -> AccessToken:
        """A signed access token for a login, of its scope or of a part of it."""
        now = int(time.time())
        expires = now + self.lifetimes.access
        while self._minted and (oldest := next(iter(self._minted.items())))[1] <= now - self.lifetimes.session:
            del self._minted[oldest[0]]
            self._ended.discard(oldest[0])
        token_id = secrets.token_hex(16)
        self._minted[token_id] = expires
        login.minted.append(token_id)
        claims = {**self._claims(login, now), "jti": token_id, "exp": expires, "typ": "Bearer"}
        claims["scope"] = scope or login.scope
        return AccessToken(self._sign(claims), token_id, self.lifetimes.access)

    def mint_id_token(self, login: Login, malice: str = "") -> str:
        """A signed id token for a login; its audience is the client. ``malice`` is a fault of :mod:`malice`."""
        now = int(time.time())
        claims = {**self._claims(login, now), "aud": self.client_id, "exp": now + self.lifetimes.access, "typ": "ID"}
        claims |= {"sid": login.session, **({"nonce": login.nonce} if login.nonce else {})}
        return spoiled(malice, claims, self.key)

    def end_session(self, id_token: str) -> tuple[str | None, int]:
        """End the logins of the session that an id token of ours names, expired or not; whose it was, and how many."""
        claims = signed_claims(id_token, self.key)
        if claims is None:
            return None, 0
        named = self._sessions.get(str(claims.get("sid")), "")
        self.end(named)
        return str(claims.get("SubjectNameID") or "") or None, int(bool(named))

    def introspect_refresh(self, refresh_token: str) -> Mapping[str, Any]:
        """What introspection says of a live refresh token (no ``SubjectNameID``); nothing of anything else."""
        login = self._logins.get(refresh_token)
        if login is None or time.time() >= login.refresh_until:
            return {}
        told = {"iss": self.issuer, "azp": self.client_id, "sub": login.persona.subject, "scope": login.scope}
        return {**told, "typ": "Refresh", "auth_time": login.auth_time, "exp": login.refresh_until}

    def verify(self, access_token: str) -> TokenFacts:
        """Whether a service may accept this token now; never raises on what a product sends."""
        return self.introspect(access_token)[0]

    def introspect(self, access_token: str) -> tuple[TokenFacts, Mapping[str, Any]]:
        """:meth:`verify`, with the claims of the token (empty when they cannot be trusted)."""
        if access_token.count(".") != 2 or len(access_token) > MAX_TOKEN:
            return TokenFacts(reason="malformed"), {}
        claims = signed_claims(access_token, self.key)
        if claims is None:
            return TokenFacts(reason="bad-signature"), {}
        token_id = str(claims.get("jti", ""))
        reason = None
        if claims.get("iss") != self.issuer or claims.get("azp") != self.client_id or token_id not in self._minted:
            reason = "unknown"
        elif time.time() >= self._minted[token_id]:
            reason = "expired"
        elif token_id in self._ended:
            reason = "login-ended"
        facts = TokenFacts(
            token_id=token_id or None,
            subject=claims.get("SubjectNameID"),
            client_id=claims.get("azp"),
            expires_at=self._minted.get(token_id, 0),
            active=reason is None,
            reason=reason,
        )
        return facts, claims

    def _forget_dead(self, now: int) -> None:
        """Drop the log-ins that ended; all are gone through once they have doubled, not at each log-in."""
        if len(self._logins) < self._crowd:
            return
        self._logins = {token: login for token, login in self._logins.items() if login.refresh_until > now}
        self._sessions = {login.session: token for token, login in self._logins.items()}
        self._crowd = max(1000, 2 * len(self._logins))

    def _claims(self, login: Login, now: int) -> dict[str, Any]:
        return {
            **login.persona.claims(),
            "iss": self.issuer,
            "azp": self.client_id,
            "iat": now,
            "auth_time": login.auth_time,
            "acr": "eidas1",
        }

    def _sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": ALGORITHM, "kid": self.key.kid, "typ": "JWT"}, claims, self.key)


def signed_claims(text: str, key: RSAKey) -> dict[str, Any] | None:
    """The claims of a token that this key signed; ``None`` for anything else, whatever it is made of.

    The header is read before the signature is known to hold: it may be any JSON, of any depth.
    """
    if len(text) > MAX_TOKEN:
        return None
    try:
        return jwt.decode(text, key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def new_signing_key() -> RSAKey:
    """A key for one life of the services: tokens never outlive them."""
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(8), "use": "sig", "alg": ALGORITHM})
