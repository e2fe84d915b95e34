"""Backchannel authentication in poll mode (OpenID CIBA Core 1.0): the person approves by herself, at once or later."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

from conformance.services.psc.oauth import OAuthError, OAuthRequest
from conformance.services.psc.personas import PERSONAS

GRANT = "urn:openid:params:grant-type:ciba"
# What Pro Santé Connect answers to a backchannel request, in seconds.
EXPIRES_IN = 120
INTERVAL = 5
MAX_PENDING = 1000


@dataclass(slots=True)
class Pending:
    """A request that waits for its client; times are of the monotonic clock."""

    subject: str
    scope: str
    approved_at: float
    expires_at: float
    polled_at: float | None = None


@dataclass(eq=False)
class Backchannel:
    """The pending requests of one client. ``delay`` is how long a person takes to approve, in seconds."""

    delay: float = 0.0
    expires_in: int = EXPIRES_IN
    interval: int = INTERVAL
    _pending: dict[str, Pending] = field(default_factory=dict)

    def open(self, asked: OAuthRequest) -> str:
        """Start an authentication and return its ``auth_req_id`` (§7.1, §13)."""
        scope = asked.required("scope")
        if "openid" not in scope.split():
            raise OAuthError("invalid_scope", "scope-openid")
        subject = asked.required("login_hint")
        if subject not in PERSONAS:
            raise OAuthError("unknown_user_id", "unknown-user")
        now = time.monotonic()
        self._pending = {name: one for name, one in self._pending.items() if one.expires_at > now - self.expires_in}
        if len(self._pending) >= MAX_PENDING:
            raise OAuthError("invalid_request", "too-many-requests")
        name = secrets.token_urlsafe(24)
        self._pending[name] = Pending(subject, scope, now + self.delay, now + self.expires_in)
        return name

    def collect(self, auth_req_id: str) -> Pending:
        """The approved request, once; otherwise the refusal that tells the client what to do (§11)."""
        now = time.monotonic()
        pending = self._pending.get(auth_req_id)
        if pending is None:
            raise OAuthError("invalid_grant", "unknown-request")
        if now >= pending.expires_at:
            raise OAuthError("expired_token", "expired-request")
        hurried = pending.polled_at is not None and now - pending.polled_at < self.interval
        pending.polled_at = now
        if hurried:
            raise OAuthError("slow_down", "slow-down")
        if now < pending.approved_at:
            raise OAuthError("authorization_pending", "authorization-pending")
        return self._pending.pop(auth_req_id)
