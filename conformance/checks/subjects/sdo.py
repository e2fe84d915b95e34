"""How the product reaches the SI-SDO: its connections, token requests and calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from conformance.checks.subjects.national_peers import IMPOSTOR
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

SERVICE = "sdo"
# Seconds within which another call may have left before the answer to the first was read: no reaction to it.
IN_FLIGHT = 1.0


def told(observation: Observation, name: str) -> frozenset[str]:
    """The values of one setting that the bench gave to the product for the SI-SDO (``configure_service``)."""
    found = set()
    for record in observation.frame:
        asked = record.data.get("parameters") if record.kind == "stimulus" else None
        if isinstance(asked, Mapping) and asked.get("service") == SERVICE and isinstance(asked["settings"], Mapping):
            found.add(str(asked["settings"].get(name, "")))
    return frozenset(found - {""})


def calls(observation: Observation) -> tuple[Record, ...]:
    """The calls that the SI-SDO recorded, in order."""
    return observation.of_kind("sdo.call")


@dataclass(frozen=True)
class SdoConnection:
    """One TLS handshake with the SI-SDO."""

    outcome: str
    certificate: str | None
    ended_by: str | None
    reason: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every handshake of the window."""
        for record in observation.of_kind("tls.handshake"):
            if record.service == SERVICE:
                data = record.data
                yield cls(
                    outcome=str(data.get("outcome")),
                    certificate=data.get("client_certificate"),
                    ended_by=data.get("alert_by"),
                    reason=str(data.get("reason") or ""),
                    evidence=(*observation.frame_evidence, record.id),
                )


@dataclass(frozen=True)
class SdoTokenRequest:
    """One request for an access token; ``declared`` are the client ids that the bench gave."""

    grant_type: str
    client_id: str
    outcome: str
    error: str
    declared: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every request to the token endpoint."""
        declared = told(observation, "client_id")
        for record in observation.of_kind("sdo.token"):
            members = {
                name: str(record.data.get(name) or "") for name in ("grant_type", "client_id", "outcome", "error")
            }
            yield cls(**members, declared=declared, evidence=(*observation.frame_evidence, record.id))


@dataclass(frozen=True)
class SdoCall:
    """One call: its token, the establishment it names.

    ``worn``: its token was refused as expired before, to this very call or long enough ago for that to be known.
    """

    path: str
    token: str
    worn: bool
    structure: str
    refusal: str
    declared: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every call of the window."""
        declared = told(observation, "struct_idnat")
        refused: dict[str, list[Record]] = {}
        for record in calls(observation):
            data = record.data
            worn = False
            if data.get("token") == "expired":
                earlier = refused.setdefault(str(data.get("token_id")), [])
                worn = any(_known(one, record) for one in earlier)
                earlier.append(record)
            yield cls(
                path=f"{data.get('method')} {data.get('path')}",
                token=str(data.get("token")),
                worn=worn,
                structure=str(data.get("structure") or ""),
                refusal=str(data.get("refusal") or ""),
                declared=declared,
                evidence=(*observation.frame_evidence, record.id),
            )


@dataclass(frozen=True)
class SdoImpostor:
    """A server of an unknown authority that the product was pointed to: its handshakes, and what it was told."""

    completed: int
    told: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """One for each impostor that the product met: without a handshake nothing can be said of it."""
        for expectation in observation.expected("sdo-impostor"):
            here = [
                r for r in observation.exchanges if r.service == IMPOSTOR and r.data["domain"] == expectation["domain"]
            ]
            shaken = [r for r in here if r.kind == "tls.handshake"]
            asked = [r for r in here if r.kind == "impostor.request"]
            cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in (*shaken, *asked)))
            if shaken:
                yield cls(
                    completed=sum(r.data.get("outcome") == "ok" for r in shaken),
                    told=tuple(f"{r.data.get('method')} {r.data.get('path')}" for r in asked),
                    evidence=cited,
                )


def _known(refused: Record, call: Record) -> bool:
    """Whether the product knew of a refusal when it made another call: two calls side by side may meet it both."""
    same = all(refused.data.get(name) == call.data.get(name) for name in ("method", "path", "query"))
    return same or call.monotonic - refused.monotonic > IN_FLIGHT
