"""A national service that a lane plays when a scenario, or a developer, first asks for it.

Each lives in a package of its own and is named in :data:`LANE_SERVICES`; nothing of it is imported or listens before
it is asked for, so that a lane costs what its scenarios need.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from conformance.core.errors import UsageError
from conformance.evidence.journal import Journal
from conformance.services.mssante.operator import Operator
from conformance.services.pki import Pki
from conformance.services.psc.provider import Provider
from conformance.services.psc.tokens import Tokens
from conformance.services.revocation import Publication
from conformance.services.tls import TlsRecorder

Action = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]

# Service -> ``module:class``.
LANE_SERVICES: dict[str, str] = {
    "ldap": "conformance.services.ldap.service:Ldap",
    "notices": "conformance.services.notices.service:Notices",
    "insi": "conformance.services.insi.service:Insi",
    "psc": "conformance.services.psc.service:PscService",
    "sdo": "conformance.services.sdo.service:Sdo",
    "annuaire": "conformance.services.annuaire.service:Annuaire",
    "tddui": "conformance.services.tddui.service:TdduiService",
    "structures": "conformance.services.structures.service:Structures",
    "impostor": "conformance.services.impostor.service:Impostors",
    "dmp": "conformance.services.dmp.service:Dmp",
}


@dataclass(frozen=True, slots=True)
class LaneContext:
    """What a lane lends to its services."""

    lane: str
    journal: Journal
    pki: Pki
    recorder: TlsRecorder
    publication: Publication
    tokens: Tokens
    provider: Provider
    operator: Operator


class LaneService(ABC):
    """One service of one lane, on ports of its own. Its constructor binds them; :meth:`start` serves."""

    name: ClassVar[str]

    def __init__(self, context: LaneContext) -> None:
        self.context = context

    @abstractmethod
    async def start(self) -> None:
        """Listen."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop listening and end every session."""

    @abstractmethod
    def endpoints(self) -> Mapping[str, Any]:
        """Where it is and what opens it, as JSON values: what a scenario gives to the product."""

    def actions(self) -> Mapping[str, Action]:
        """What the bench may tell it, by name: load a population, put a fault on, change an entry."""
        return {}

    async def act(self, action: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry out one of :meth:`actions`; an unknown one is a :class:`UsageError`."""
        known = self.actions()
        if action not in known:
            raise UsageError("services.unknown-action", service=self.name, action=action, known=", ".join(known) or "∅")
        return await known[action](asked)


def make(name: str, context: LaneContext) -> LaneService:
    """A service of a lane, by its name."""
    if name not in LANE_SERVICES:
        raise UsageError("services.unknown-service", service=name, known=", ".join(sorted(LANE_SERVICES)) or "∅")
    module, _, kind = LANE_SERVICES[name].partition(":")
    service: LaneService = getattr(importlib.import_module(module), kind)(context)
    return service
