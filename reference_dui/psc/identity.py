"""Judging an identity token: signature, issuer, audience, dates, nonce (OIDC Core 1.0 §3.1.3.7)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ..sins import Sins
from .provider import LoginFault

# Clocks may differ by this many seconds.
LEEWAY = 30
ALGORITHMS = ["RS256"]
# What the library raises for a token that is none: of its own, and for headers of any shape or depth, which it reads first.
_BAD = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


def claims_of(
    token: str, keys: Mapping[str, Any], *, issuer: str, audience: str, nonce: str, sins: Sins
) -> Mapping[str, Any]:
    """The claims of a good token; any doubt is a :class:`LoginFault`."""
    claims = _unverified(token) if sins.has("trusts-any-signature") else _verified(token, keys)
    wrong = {
        "iss": claims.get("iss") != issuer and not sins.has("accepts-any-issuer"),
        "aud": audience not in _listed(claims.get("aud")) and not sins.has("accepts-any-audience"),
        "exp": not _future(claims.get("exp")) and not sins.has("accepts-expired-identities"),
        "nonce": not _same(claims.get("nonce"), nonce) and not sins.has("ignores-the-nonce"),
        "SubjectNameID": not claims.get("SubjectNameID"),
    }
    if any(wrong.values()):
        raise LoginFault("refdui.fault.login-answer", transient=False)
    return claims


def _verified(token: str, keys: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(token, KeySet.import_key_set(dict(keys)), algorithms=ALGORITHMS).claims  # type: ignore[arg-type]
    except _BAD as exc:
        raise LoginFault("refdui.fault.login-answer", transient=False) from exc
    return claims


def _unverified(token: str) -> Mapping[str, Any]:
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, RecursionError, binascii.Error) as exc:
        raise LoginFault("refdui.fault.login-answer", transient=False) from exc
    return claims if isinstance(claims, dict) else {}


def _listed(audience: object) -> list[object]:
    return audience if isinstance(audience, list) else [audience]


def _future(moment: object) -> bool:
    return isinstance(moment, int | float) and moment > time.time() - LEEWAY


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())
