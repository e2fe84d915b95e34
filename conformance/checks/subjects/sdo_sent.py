"""What the product tells the SI-SDO, and what it had to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from conformance.checks.fhir.json_reader import read_json
from conformance.checks.subjects.sdo import calls
from conformance.checks.subjects.window import Expectation, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class SdoSent:
    """A resource that the product sent: its content, whether it was taken, and the statuses on either side of it."""

    resource: Mapping[str, Any]
    status: int
    before: str
    after: str
    structure: str
    dossiers: tuple[Expectation, ...]
    asked: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def _of(cls, observation: Observation, resource: str, expected: str) -> Iterator[Self]:
        dossiers = tuple(observation.expected("sdo-decision"))
        asked = frozenset(str(e.get("national")) for e in observation.expected(expected))
        for record in calls(observation):
            data = record.data
            if data.get("interaction") != "create" or data.get("resource") != resource or "body" not in record.blobs:
                continue
            value, fault = read_json(observation.blob(record, "body"))
            yield cls(
                resource=value if fault is None and isinstance(value, dict) else {},
                status=int(data.get("status", 0)),
                before=str(data.get("before") or ""),
                after=str(data.get("after") or ""),
                structure=str(data.get("structure") or ""),
                dossiers=dossiers,
                asked=asked,
                evidence=(*observation.frame_evidence, record.id),
            )


class SdoConsent(SdoSent):
    """A Consent (flux 2)."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every Consent sent."""
        return cls._of(observation, "Consent", "sdo-consent")


class SdoTask(SdoSent):
    """A Task (flux 4)."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every Task sent."""
        return cls._of(observation, "Task", "sdo-status")


@dataclass(frozen=True)
class ExpectedTelling:
    """A consent or a status that had to reach the SI-SDO, and the accepted calls that tell it."""

    expectation: Expectation
    taken: tuple[Record, ...]
    refused: tuple[Record, ...]
    evidence: tuple[str, ...]

    @property
    def what(self) -> str:
        """``Consent``, or the code of the status."""
        return str(self.expectation.get("status") or "Consent")

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such expectation that was answered, and in a settled window those that were not."""
        for name, resource in (("sdo-consent", "Consent"), ("sdo-status", "Task")):
            for expectation in observation.expected(name):
                about = [r for r in calls(observation) if _tells(r, resource, expectation)]
                taken = tuple(r for r in about if r.data.get("status") == 201)
                refused = tuple(r for r in about if r.data.get("status") != 201)
                if taken or settled(observation):
                    cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in about))
                    yield cls(expectation, taken, refused, cited)


class TakenTelling(ExpectedTelling):
    """The same, for those that the SI-SDO took."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every expectation that an accepted call answers."""
        return (telling for telling in super().of(observation) if telling.taken)


def _tells(record: Record, resource: str, expectation: Expectation) -> bool:
    data = record.data
    return (
        data.get("interaction") == "create"
        and data.get("resource") == resource
        and data.get("decision") == expectation.get("national")
        and (resource == "Consent" or data.get("after") == expectation.get("status"))
    )
