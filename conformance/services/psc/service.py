"""The browser's side of Pro Santé Connect as a service of a lane: registrations, personas, malice, another issuer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from conformance.core.errors import UsageError
from conformance.services.contract import PSC
from conformance.services.http import HttpServer
from conformance.services.lane_service import Action, LaneContext, LaneService
from conformance.services.psc.malice import MALICE
from conformance.services.psc.personas import PERSONAS
from conformance.services.psc.provider import Provider
from conformance.services.psc.tokens import Tokens

MAX_URIS = 20
# The provider that a structure chose for itself.
OTHER_REALM = "/auth/realms/etablissement"


class PscService(LaneService):
    """Pro Santé Connect of the lane, and beside it another OpenID provider that a structure might choose."""

    name: ClassVar[str] = PSC

    def __init__(self, context: LaneContext) -> None:
        super().__init__(context)
        tls = context.recorder.context(service=PSC, lane=context.lane, names=())
        self._server = HttpServer(context=tls, settled=context.journal.durable)
        tokens = Tokens(
            self._server.url() + OTHER_REALM, context.tokens.client_id, context.tokens.key, context.tokens.lifetimes
        )
        self._other = Provider(
            self._server.url(), secrets.token_urlsafe(24), tokens, context.journal, context.lane, OTHER_REALM
        )

    async def start(self) -> None:
        """Listen for the other provider; Pro Santé Connect itself listens with its lane."""
        await self._server.start(self._other.app())

    async def stop(self) -> None:
        """Stop the other provider."""
        await self._server.stop()

    def endpoints(self) -> Mapping[str, Any]:
        """What a client is set up with, for Pro Santé Connect and, under ``other``, for the other provider."""
        return {**self._settings(self.context.provider), "other": self._settings(self._other)}

    def actions(self) -> Mapping[str, Action]:
        """``register`` return addresses, choose the ``persona`` who logs in, be ``malicious``."""
        return {"register": self._register, "persona": self._persona, "malicious": self._malicious}

    def _settings(self, provider: Provider) -> dict[str, Any]:
        return {
            "issuer": provider.tokens.issuer,
            "discovery_url": provider.base + f"{provider.realm}/.well-known/wallet-openid-configuration",
            "client_id": provider.tokens.client_id,
            "client_secret": provider.client_secret,
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "ca_pem": self.context.pki.ca_pem,
        }

    async def _register(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        uris = asked.get("redirect_uris")
        if not isinstance(uris, list) or len(uris) > MAX_URIS or not all(isinstance(uri, str) for uri in uris):
            raise UsageError("services.control.bad-request", name="redirect_uris")
        for provider in (self.context.provider, self._other):
            provider.authorizations.redirect_uris = set(uris)
        return {}

    async def _persona(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """The persona who logs in at once; empty: the page asks."""
        subject = asked.get("subject", "")
        if subject and subject not in PERSONAS:
            raise UsageError("services.unknown-persona", owner=subject, known=", ".join(PERSONAS))
        for provider in (self.context.provider, self._other):
            provider.authorizations.persona = str(subject)
        return {}

    async def _malicious(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fault of the next identity tokens; empty: none."""
        name = asked.get("malice", "")
        if name and name not in MALICE:
            raise UsageError("services.control.bad-request", name="malice")
        self.context.provider.authorizations.malice = str(name)
        return {}
