"""Access tokens of the SI-SDO: client credentials over mutual TLS.

Source: IG ans.fhir.fr.sdo, page « Sécurité » (since 4.0.4), which cites « SI-SDO - Authentification » v1.2: a client
certificate made for the legal entity (FINESS EJ), the OAuth2 client credentials grant with one client for everybody,
and a token that lists the establishments (FINESS EG) of that entity. Hypotheses of the bench: the address of the
endpoint, the claim names, the life of a token, both client authentications of RFC 6749 §2.3.1.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from joserfc import jwt
from joserfc.jwk import RSAKey

LIFE = 300
MAX_KEPT = 1000


@dataclass(slots=True)
class Access:
    """A token issued: its ``jti``, the legal entity and the establishments it opens, its end in epoch seconds."""

    token_id: str
    entity: str
    establishments: tuple[str, ...]
    until: float


class AccessTokens:
    """The tokens of one lane."""

    def __init__(self, issuer: str, client_id: str, key: RSAKey, life: int = LIFE) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self.client_secret = secrets.token_urlsafe(24)
        self.life = life
        self._key = key
        self._issued: dict[str, Access] = {}

    def mint(self, entity: str, establishments: tuple[str, ...]) -> tuple[str, Access]:
        """A signed token for a legal entity, with what is known of it."""
        now = int(time.time())
        access = Access(secrets.token_hex(16), entity, establishments, now + self.life)
        claims = {
            "iss": self.issuer,
            "client_id": self.client_id,
            "jti": access.token_id,
            "iat": now,
            "exp": now + self.life,
            "finess_ej": entity,
            "finess_eg": list(establishments),
        }
        text = jwt.encode({"alg": "RS256", "kid": self._key.kid, "typ": "JWT"}, claims, self._key)
        self._issued[text] = access
        while len(self._issued) > MAX_KEPT:
            del self._issued[next(iter(self._issued))]
        return text, access

    def read(self, text: str) -> tuple[str, Access | None]:
        """What a presented token is: ``ok``, ``missing``, ``unknown`` or ``expired``, and the token where it is known."""
        if not text:
            return "missing", None
        access = self._issued.get(text)
        if access is None:
            return "unknown", None
        return ("ok" if time.time() < access.until else "expired"), access

    def expire(self) -> int:
        """End every token issued so far; answers how many were alive."""
        now = time.time()
        alive = [access for access in self._issued.values() if access.until > now]
        for access in alive:
            access.until = now
        return len(alive)
