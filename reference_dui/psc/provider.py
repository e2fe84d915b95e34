"""The provider as it was set up: its discovery document, its keys, its tokens."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ..connections import Connections
from ..faults import MailFault
from ..sins import Sins
from ..web_client import call

SERVICE = "psc"
# What the issuers of Pro Santé Connect have in common, for the defect that knows no other (wire.md §4.1).
PSC_REALM = "/realms/esante-wallet"


class LoginFault(MailFault):
    """The provider refused, or its answer is not to be trusted."""

    status = 403


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token request gave; ``id_token`` is empty where it was not asked for, ``expires_in`` is in seconds."""

    access_token: str
    refresh_token: str
    id_token: str
    expires_in: float


class OpenIdProvider:
    """What the product asks of the provider."""

    def __init__(self, connections: Connections, sins: Sins) -> None:
        self._connections = connections
        self._sins = sins

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the administrator."""
        return self._connections.of(SERVICE)

    def document(self) -> Mapping[str, Any]:
        """The discovery document; one of another issuer than the one set up is refused (OIDC Discovery 1.0 §4.3)."""
        settings = self.settings
        document = self._get(settings["discovery_url"])
        foreign = PSC_REALM not in settings["issuer"] and self._sins.has("knows-one-provider-only")
        if document.get("issuer") != settings["issuer"] or foreign:
            raise LoginFault("refdui.fault.login-answer", transient=False)
        return document

    def authorization_url(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent (OIDC Core 1.0 §3.1.2.1; RFC 7636; PSC.08 for ``acr_values``)."""
        settings = self.settings
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": settings["client_id"],
            "redirect_uri": redirect_uri,
            "scope": "openid" if self._sins.has("asks-for-a-shorter-scope") else settings["scope"],
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if not self._sins.has("asks-for-no-level"):
            asked["acr_values"] = settings["acr_values"]
        return f"{self.document()['authorization_endpoint']}?{urlencode(asked)}"

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Granted:
        """The tokens that a code gives."""
        return self._granted(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            },
            "id_token",
        )

    def renew(self, refresh_token: str) -> Granted:
        """The tokens that a refresh token gives."""
        return self._granted({"grant_type": "refresh_token", "refresh_token": refresh_token}, "access_token")

    def _granted(self, form: Mapping[str, str], needed: str) -> Granted:
        settings = self.settings
        status, content = call(
            "POST",
            self.document()["token_endpoint"],
            settings["ca_pem"],
            data=form,
            auth=(settings["client_id"], settings["client_secret"]),
        )
        answer = _object(content)
        if status != 200 or not isinstance(answer.get(needed), str):
            raise LoginFault("refdui.fault.login-answer", transient=False)
        life = answer.get("expires_in")
        access, refresh, identity = (
            str(answer.get(name) or "") for name in ("access_token", "refresh_token", "id_token")
        )
        return Granted(access, refresh, identity, float(life) if isinstance(life, int | float) else 0.0)

    def keys(self) -> Mapping[str, Any]:
        """The published keys."""
        return self._get(self.document()["jwks_uri"])

    def end_session_url(self, id_token: str, back: str) -> str:
        """Where the browser is sent to end the provider's session too."""
        asked = {"id_token_hint": id_token, "post_logout_redirect_uri": back}
        return f"{self.document()['end_session_endpoint']}?{urlencode(asked)}"

    def _get(self, url: str) -> Mapping[str, Any]:
        status, content = call("GET", url, self.settings["ca_pem"])
        if status != 200:
            raise LoginFault("refdui.fault.login-answer", transient=False)
        return _object(content)


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
