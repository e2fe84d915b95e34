"""What an authorization request may hold (OpenID Connect Core 1.0 §3.1.2.1 and §3.1.2.6; RFC 7636 §4.2 and §4.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

# What is not offered, and the code that says so (OpenID Connect Core 1.0 §3.1.2.6).
NOT_OFFERED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
# RFC 7636 §4.1 and §4.2: a verifier; the digest that S256 makes of it.
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS = re.compile(r"[0-9]{1,9}")


def fault_of(asked: Mapping[str, str]) -> str | None:
    """The error that a request is answered with, ``None`` for a good one; what is empty counts as left out."""
    found = (
        next((code for name, code in NOT_OFFERED.items() if asked.get(name)), None),
        "invalid_request" if not asked.get("response_type") else None,
        "unsupported_response_type" if asked.get("response_type") != "code" else None,
        "invalid_request" if (asked.get("response_mode") or "query") != "query" else None,
        "invalid_scope" if "openid" not in asked.get("scope", "").split() else None,
        # Pro Santé Connect wants both (wire.md §4.2).
        "invalid_request" if not (asked.get("state") and asked.get("nonce")) else None,
        "invalid_request" if asked.get("max_age") and not _SECONDS.fullmatch(asked["max_age"]) else None,
        _challenge_fault(asked),
        _prompt_fault(asked),
    )
    return next(filter(None, found), None)


def _challenge_fault(asked: Mapping[str, str]) -> str | None:
    challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method")
    if not challenge and not method:
        return None
    return None if method == "S256" and challenge and _CHALLENGE.fullmatch(challenge) else "invalid_request"


def _prompt_fault(asked: Mapping[str, str]) -> str | None:
    """Nobody is logged in here beforehand, so that a request to show nothing has one answer."""
    wanted = asked.get("prompt", "").split()
    if set(wanted) - PROMPTS or ("none" in wanted and len(wanted) > 1):
        return "invalid_request"
    return "login_required" if wanted == ["none"] else None
