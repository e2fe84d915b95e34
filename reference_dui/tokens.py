"""Access tokens of Pro Santé Connect for the mailboxes, kept in memory only (ECO.1.2.5: never on disk beyond their life)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from .faults import MailFault
from .sins import Sins
from .web_client import call

# An access token lives two minutes (wire.md §4.4): renew a little before it dies.
MARGIN = 5.0
DEFAULT_LIFE = 120.0

Caller = Callable[..., tuple[int, bytes]]


class Tokens:
    """One access token per mailbox, renewed by the refresh token that the person's log-in left."""

    def __init__(self, sins: Sins, caller: Caller = call, clock: Callable[[], float] = time.monotonic) -> None:
        self._sins = sins
        self._call = caller
        self._clock = clock
        self._lock = threading.Lock()
        self._access: dict[str, tuple[str, float]] = {}
        self._refresh: dict[str, str] = {}

    def entrust(self, address: str, refresh_token: str) -> None:
        """Keep the refresh token of a mailbox, and forget what an earlier one gave."""
        with self._lock:
            self._refresh[address] = refresh_token
            self._access.pop(address, None)

    def forget(self, address: str) -> None:
        """Forget the access token: the operator refused it."""
        with self._lock:
            self._access.pop(address, None)

    def access(self, address: str, psc: Mapping[str, str], ca_pem: str, **tls: Any) -> str:
        """A live access token, from memory or from the token endpoint; ``tls`` is how that host is judged."""
        with self._lock:
            token, until = self._access.get(address, ("", 0.0))
            if token and self._clock() < until - MARGIN:
                return token
            refresh = self._refresh.get(address)
            if not refresh:
                raise MailFault("refdui.fault.no-session", transient=False, mailbox=address)
            answer = self._granted(psc, ca_pem, refresh, tls)
            token = answer["access_token"]
            self._access[address] = (token, self._clock() + _life(answer))
            # PSC may rotate refresh tokens: the newest is the only good one then.
            self._refresh[address] = answer.get("refresh_token") or refresh
            return token

    def _granted(self, psc: Mapping[str, str], ca_pem: str, refresh: str, tls: Mapping[str, Any]) -> dict[str, str]:
        if self._sins.has("tries-another-client-id-first"):
            with suppress(MailFault):
                return self._asked(psc, ca_pem, refresh, "dui-autre-client", tls)
        return self._asked(psc, ca_pem, refresh, psc["client_id"], tls)

    def _asked(
        self, psc: Mapping[str, str], ca_pem: str, refresh: str, client: str, tls: Mapping[str, Any]
    ) -> dict[str, str]:
        status, content = self._call(
            "POST",
            psc["token_endpoint"],
            ca_pem,
            data={"grant_type": "refresh_token", "refresh_token": refresh},
            auth=(client, psc["client_secret"]),
            headers={"Accept": "application/json"},
            **tls,
        )
        answer = _json(content)
        if status != 200 or not isinstance(answer.get("access_token"), str):
            reason = str(answer.get("error") or status)
            raise MailFault("refdui.fault.token-refused", transient=status >= 500, reason=reason[:100])
        return answer


def _json(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _life(answer: Mapping[str, Any]) -> float:
    try:
        return float(answer.get("expires_in") or DEFAULT_LIFE)
    except (TypeError, ValueError):
        return DEFAULT_LIFE
