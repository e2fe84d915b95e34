"""Authorization requests and the codes that answer them (OpenID Connect Core 1.0 §3.1.2; RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

from conformance.services.psc.oauth import OAuthError, OAuthRequest, clip
from conformance.services.psc.requested import VERIFIER, fault_of

# A code's life, in seconds (RFC 6749 §4.1.2: ten minutes at most; ours is short so that a slow client shows).
CODE_LIFE = 60
# Codes and pending log-ins kept; older ones are forgotten.
MOST = 1000
# What evidence keeps of a request.
SHOWN = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "acr_values",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "response_mode",
)


Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Code:
    """A code not yet used."""

    asked: Mapping[str, str]
    subject: str
    until: float


@dataclass(eq=False)
class Authorizations:
    """The requests that wait for a person, and the codes that wait for the client. ``redirect_uris`` are registered."""

    client_id: str
    redirect_uris: set[str] = field(default_factory=set)
    malice: str = ""
    persona: str = ""
    _waiting: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _codes: dict[str, Code] = field(default_factory=dict)
    # Codes that served, and the refresh token that each gave.
    _served: dict[str, str] = field(default_factory=dict)

    def check(self, asked: Mapping[str, str]) -> str | None:
        """The error that a request is answered with, ``None`` for a good one.

        A request of an unknown client or for an address that is not registered to the letter is never redirected:
        :class:`OAuthError` (RFC 6749 §4.1.2.1).
        """
        if asked.get("client_id") != self.client_id or asked.get("redirect_uri") not in self.redirect_uris:
            raise OAuthError("invalid_request", "unknown-redirection")
        return fault_of(asked)

    def wait(self, asked: Mapping[str, str]) -> str:
        """Keep a good request until a person logs in; answers its handle."""
        handle = secrets.token_urlsafe(24)
        self._waiting[handle] = asked
        _forget(self._waiting)
        return handle

    def take(self, handle: str) -> Mapping[str, str] | None:
        """A request that waited, once."""
        return self._waiting.pop(handle, None)

    def grant(self, asked: Mapping[str, str], subject: str) -> str:
        """The address that a person who logged in is sent back to."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = Code(asked, subject, time.monotonic() + CODE_LIFE)
        _forget(self._codes)
        state = "un-autre-etat" if self.malice == "wrong-state" else asked["state"]
        return _with(asked["redirect_uri"], {"code": code, "state": state})

    def refuse(self, asked: Mapping[str, str], error: str) -> str:
        """The address that a refused request is sent back to."""
        state = {"state": asked["state"]} if asked.get("state") else {}
        return _with(asked["redirect_uri"], {"error": error, **state})

    def serve(self, code: str, refresh_token: str) -> None:
        """Remember what a code gave."""
        self._served[code] = refresh_token
        _forget(self._served)

    def served(self, code: str) -> str:
        """The refresh token that a code gave, once: a code that comes again was stolen (RFC 6749 §4.1.2)."""
        return self._served.pop(code, "")

    def redeem(self, request: OAuthRequest) -> Code:
        """The code of a token request, once, for the same client and address and with its verifier (RFC 7636 §4.6)."""
        code = self._codes.pop(request.required("code"), None)
        if code is None or time.monotonic() > code.until:
            raise OAuthError("invalid_grant", "dead-code")
        if request.form.get("redirect_uri") != code.asked["redirect_uri"]:
            raise OAuthError("invalid_grant", "dead-code")
        challenge, verifier = code.asked.get("code_challenge", ""), request.form.get("code_verifier", "")
        if verifier and not VERIFIER.fullmatch(verifier):
            raise OAuthError("invalid_request", "wrong-verifier")
        # A verifier without a challenge is told too: somebody took the challenge out of the request (RFC 9700 §2.1.1).
        if bool(challenge) != bool(verifier):
            raise OAuthError("invalid_grant", "wrong-verifier")
        if challenge and not secrets.compare_digest(_challenge(verifier), challenge.encode()):
            raise OAuthError("invalid_grant", "wrong-verifier")
        return code


def shown(asked: Mapping[str, str]) -> dict[str, str | None]:
    """A request as evidence keeps it: bounded, every member present."""
    return {name: clip(asked.get(name)) for name in SHOWN}


def _challenge(verifier: str) -> bytes:
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=")


def _with(address: str, members: Mapping[str, str]) -> str:
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, urlencode(members)) if part)
    return urlunsplit((*parts[:3], query, ""))


def _forget(kept: dict[str, Kept]) -> None:
    while len(kept) > MOST:
        del kept[next(iter(kept))]
