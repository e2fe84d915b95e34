"""Exchanging a person's token for one that an API takes, bound to the product's certificate (RFC 8693, RFC 8705)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .. import facts
from ..dmp.link import Link
from ..faults import MailFault
from ..sins import Sins
from ..web_client import call
from . import actor
from .sessions import MARGIN, Sessions

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN, JWT = (f"urn:ietf:params:oauth:token-type:{name}" for name in ("access_token", "jwt"))


class Exchanges:
    """The bound tokens of the product, in memory: one for each account, authorization server and certificate."""

    def __init__(self, sessions: Sessions, sins: Sins) -> None:
        self.sessions = sessions
        self._sins = sins
        self._bound: dict[tuple[str, str, str], tuple[str, float]] = {}

    def bearer(self, login: str, link: Link) -> str:
        """What to present to the API in the name of an account, under the certificate of the link."""
        session = self.sessions.of(login)
        if self._sins.has("presents-the-login-token-to-the-api"):
            return session.access_token
        digest = hashlib.sha256(link.client_certificate_pem.encode()).hexdigest()
        # A token is worth nothing under another certificate than its own.
        under = "" if self._sins.has("keeps-a-token-past-its-certificate") else digest
        key = (login, link.exchange["token_endpoint"], under)
        token, until = self._bound.get(key, ("", 0.0))
        if not token or time.monotonic() >= until - MARGIN:
            answer = self._exchanged(session.access_token, link)
            token = str(answer["access_token"])
            self._bound[key] = (token, time.monotonic() + float(answer.get("expires_in") or 0))
        return token

    def _exchanged(self, access_token: str, link: Link) -> Mapping[str, Any]:
        if self._sins.has("exchanges-without-its-certificate-first"):
            with suppress(MailFault):
                return self._asked(access_token, link, ("", ""))
        return self._asked(access_token, link, (link.client_certificate_pem, link.client_key_pem))

    def _asked(self, access_token: str, link: Link, certificate: tuple[str, str]) -> Mapping[str, Any]:
        form = {
            "grant_type": GRANT,
            "client_id": link.exchange["client_id"],
            "subject_token": access_token,
            "subject_token_type": ACCESS_TOKEN,
            "actor_token": actor.token(link, facts.NAME, facts.VERSION, self._sins),
            "actor_token_type": JWT,
            "scope": link.exchange["scope"],
        }
        status, content = call("POST", link.exchange["token_endpoint"], link.ca_pem, certificate=certificate, data=form)
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            answer = None
        if status != 200 or not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            raise MailFault("refdui.fault.exchange-refused", transient=False, status=status)
        return answer
