"""Identity tokens and answers that a careful client refuses, one fault each (OpenID Connect Core 1.0 §3.1.3.7)."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

# Fault -> what is wrong with the answer.
MALICE: Mapping[str, str] = {
    "alg-none": "the token is not signed and says so",
    "bad-signature": "the token is signed by a key that the provider does not publish",
    "public-key-hmac": "the token is authenticated with the public key as a shared secret",
    "wrong-issuer": "the token is another provider's",
    "wrong-audience": "the token was made for another client",
    "expired": "the token expired before it was issued",
    "wrong-nonce": "the token answers another request",
    "wrong-state": "the redirection answers another request",
}
# Seconds before now of an expired token: more than any tolerance of clocks.
LONG_AGO = 86_400
_ALGORITHM = "RS256"


def spoiled(name: str, claims: Mapping[str, Any], key: RSAKey) -> str:
    """An identity token with the fault of that name; ``wrong-state`` and no fault leave it good."""
    told = dict(claims)
    now = int(time.time())
    match name:
        case "wrong-issuer":
            told["iss"] = "https://localhost:1/auth/realms/autre"
        case "wrong-audience":
            told["aud"] = told["azp"] = "un-autre-client"
        case "expired":
            told |= {"iat": now - LONG_AGO, "exp": now - LONG_AGO + 60, "auth_time": now - LONG_AGO}
        case "wrong-nonce":
            told["nonce"] = "une-autre-demande"
        case "alg-none":
            return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(told)}."
        case "bad-signature":
            return _signed(told, RSAKey.generate_key(2048), str(key.kid))
        case "public-key-hmac":
            # By hand: a sound library refuses a public key as a shared secret.
            signed = f"{_part({'alg': 'HS256', 'kid': key.kid, 'typ': 'JWT'})}.{_part(told)}"
            mark = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"
    return _signed(told, key, str(key.kid))


def _signed(claims: dict[str, Any], key: RSAKey, kid: str) -> str:
    return jwt.encode({"alg": _ALGORITHM, "kid": kid, "typ": "JWT"}, claims, key)


def _part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
