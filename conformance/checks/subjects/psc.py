"""Token requests to the simulated Pro Santé Connect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.evidence.observation import Observation

# Answers of a token endpoint that a client meets while it waits for the user (CIBA Core 1.0 §11).
WAITING = frozenset({"authorization_pending", "slow_down"})


@dataclass(frozen=True)
class TokenRequest:
    """One request to the token endpoint; ``declared`` are the client ids that the bench gave to the product."""

    client_id: str
    grant_type: str
    outcome: str
    error: str
    declared: frozenset[str]
    evidence: tuple[str, ...]

    @property
    def granted(self) -> bool:
        """Whether a token was issued."""
        return self.outcome == "ok"

    @property
    def waiting(self) -> bool:
        """Whether the client was told to come back, as polling goes."""
        return self.error in WAITING

    @classmethod
    def of(cls, observation: Observation) -> Iterator[TokenRequest]:
        """Every token request of the window."""
        declared = frozenset(_declared(observation))
        for record in observation.of_kind("psc.token"):
            data = record.data
            yield cls(
                client_id=str(data.get("client_id") or ""),
                grant_type=str(data.get("grant_type") or ""),
                outcome=str(data.get("outcome") or ""),
                error=str(data.get("error") or ""),
                declared=declared,
                evidence=(*observation.frame_evidence, record.id),
            )


def _declared(observation: Observation) -> Iterator[str]:
    """The client ids that the bench handed over when it asked for a mailbox (operation ``configure_mailbox``)."""
    for record in observation.frame:
        if record.kind == "stimulus":
            settings = _member(record.data.get("parameters"), "settings")
            if client_id := _member(_member(settings, "psc"), "client_id"):
                yield str(client_id)


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None
