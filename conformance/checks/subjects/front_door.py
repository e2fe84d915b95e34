"""What the probes saw of the product's own front door: TLS, certificate, pages, cookies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class DoorTls:
    """The handshakes tried: ``outcomes`` by offer (a version, or a family of weak suites), ``agreed`` suites by offer."""

    outcomes: Mapping[str, str]
    agreed: Mapping[str, str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[DoorTls]:
        """One where at least one handshake came to its end: the others were then refused by a door that works."""
        for record in observation.of_kind("probe.tls"):
            attempts = record.data["attempts"]
            agreed = {a["offer"]: str(a["suite"]) for a in attempts if a["outcome"] == "agreed"}
            if agreed:
                outcomes = {str(a["offer"]): str(a["outcome"]) for a in attempts}
                yield cls(outcomes, agreed, (*observation.frame_evidence, record.id))


@dataclass(frozen=True)
class DoorCertificate:
    """The certificate shown, when it can be read; ``seen`` is when it was."""

    host: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    key: str
    bits: int
    hash: str
    trusted: bool | None
    reason: str
    seen: datetime
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[DoorCertificate]:
        """The certificate, where one was shown."""
        for record in observation.of_kind("probe.certificate"):
            told = record.data
            if not told.get("readable"):
                continue
            yield cls(
                host=str(told["host"]),
                names=tuple(told["names"]),
                not_before=datetime.fromisoformat(told["not_before"]),
                not_after=datetime.fromisoformat(told["not_after"]),
                key=str(told["key"]),
                bits=int(told["bits"]),
                hash=str(told["hash"]),
                trusted=told["trusted"],
                reason=str(told["reason"]),
                seen=datetime.fromisoformat(record.utc),
                evidence=(*observation.frame_evidence, record.id),
            )


@dataclass(frozen=True)
class DoorWalk:
    """The addresses that a browser goes through from the front door, and where each leads."""

    steps: tuple[Mapping[str, Any], ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[DoorWalk]:
        """One walk, where something answered."""
        records = _answers(observation)
        if records:
            yield cls(tuple(r.data for r in records), (*observation.frame_evidence, *(r.id for r in records)))


@dataclass(frozen=True)
class DoorPage:
    """The page that the walk ends on: its headers in lower case, each with its values."""

    url: str
    encrypted: bool
    headers: Mapping[str, list[str]]
    evidence: tuple[str, ...]

    def value(self, name: str) -> str:
        """The values of a header, joined; empty where it is not there."""
        return ", ".join(self.headers.get(name, ()))

    @classmethod
    def of(cls, observation: Observation) -> Iterator[DoorPage]:
        """The page, where one was given."""
        for record in _answers(observation)[-1:]:
            if 200 <= record.data["status"] < 300:
                told = record.data
                cited = (*observation.frame_evidence, record.id)
                yield cls(str(told["url"]), bool(told["encrypted"]), told["headers"], cited)


@dataclass(frozen=True)
class EncryptedPage(DoorPage):
    """The same, over https."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[EncryptedPage]:
        """The page, where it was given over https."""
        for page in DoorPage.of(observation):
            if page.encrypted:
                yield cls(page.url, page.encrypted, page.headers, page.evidence)


@dataclass(frozen=True)
class DoorCookie:
    """A cookie that the front door sets."""

    name: str
    secure: bool
    http_only: bool
    same_site: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[DoorCookie]:
        """Every cookie, once."""
        seen: set[str] = set()
        for record in observation.of_kind("probe.cookies"):
            for told in record.data["cookies"]:
                if told["name"] in seen:
                    continue
                seen.add(told["name"])
                cited = (*observation.frame_evidence, record.id)
                yield cls(told["name"], told["secure"], told["http_only"], told["same_site"], cited)


@dataclass(frozen=True)
class DoorMethod:
    """What the front door did with a TRACE."""

    status: int
    echoed: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[DoorMethod]:
        """The TRACE, where it was answered."""
        for record in observation.of_kind("probe.method"):
            if record.data["status"]:
                told = record.data
                yield cls(told["status"], told["echoed"], (*observation.frame_evidence, record.id))


def _answers(observation: Observation) -> list[Record]:
    return [r for r in observation.of_kind("probe.headers") if r.data["status"]]
