"""Access tokens bound to a client's certificate (RFC 8705 §3), as an authorization server of the national APIs mints them."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from joserfc import jwt

from conformance.services.psc.tokens import ALGORITHM, Tokens, signed_claims

# The life of the published example, in seconds (volet de transport PSC v1.2.0, flow 11).
LIFE = 60
MOST = 1000


@lru_cache(maxsize=64)
def thumbprint(certificate: x509.Certificate | None) -> str:
    """``x5t#S256`` of a certificate (RFC 8705 §3.1): the digest of its DER form; empty without one."""
    if certificate is None:
        return ""
    return base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Presented:
    """What a token presented to an API is.

    ``outcome``: ``ok``, ``missing``, ``login`` (a token of Pro Santé Connect that was not exchanged), ``unknown``, ``expired`` or
    ``other-certificate``. ``bound_to`` is the certificate that it was minted for.
    """

    outcome: str
    token_id: str | None = None
    subject: str | None = None
    bound_to: str | None = None


@dataclass(eq=False)
class BoundTokens:
    """The tokens of one authorization server. ``login`` are those of Pro Santé Connect, whose key signs here too."""

    issuer: str
    login: Tokens
    life: int = LIFE
    _minted: dict[str, int] = field(default_factory=dict)

    def mint(self, subject: str, scope: str, client_id: str, bound_to: str) -> tuple[str, str]:
        """A token for a person, bound to a certificate; answers its text and its ``jti``."""
        now = int(time.time())
        token_id = secrets.token_hex(16)
        self._minted[token_id] = now + self.life
        while len(self._minted) > MOST:
            del self._minted[next(iter(self._minted))]
        claims = {
            "iss": self.issuer,
            "client_id": client_id,
            "SubjectNameID": subject,
            "scope": scope,
            "iat": now,
            "exp": now + self.life,
            "jti": token_id,
            "cnf": {"x5t#S256": bound_to},
        }
        return jwt.encode(
            {"alg": ALGORITHM, "kid": self.login.key.kid, "typ": "at+jwt"}, claims, self.login.key
        ), token_id

    def read(self, text: str, certificate: str) -> tuple[Presented, dict[str, Any]]:
        """What a token is when presented under a certificate (its thumbprint), and its claims where they are ours."""
        if not text:
            return Presented("missing"), {}
        claims = signed_claims(text, self.login.key)
        if claims is None:
            return Presented("unknown"), {}
        told = {"token_id": str(claims.get("jti", "")), "subject": str(claims.get("SubjectNameID", ""))}
        if claims.get("iss") == self.login.issuer:
            return Presented("login", **told), {}
        if claims.get("iss") != self.issuer or told["token_id"] not in self._minted:
            return Presented("unknown", **told), {}
        bound_to = str(claims["cnf"]["x5t#S256"])
        outcome = "ok" if time.time() < self._minted[told["token_id"]] else "expired"
        if outcome == "ok" and not secrets.compare_digest(bound_to, certificate):
            outcome = "other-certificate"
        return Presented(outcome, bound_to=bound_to, **told), claims
