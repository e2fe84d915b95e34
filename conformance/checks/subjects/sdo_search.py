"""What the product looks for at the SI-SDO, and the decisions that it had to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from conformance.checks.subjects.sdo import calls
from conformance.checks.subjects.window import Expectation, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# Faults of the bench that leave the client without the answer (``docs/services/sdo.md``).
LOST = frozenset({"cut"})
DECISION, EVALUATION = "57830-2", "51848-0"
PAGE = "_sdoPage"


@dataclass(frozen=True)
class SdoSearch:
    """One search: its parameters in order, when it came; ``later`` says that one like it was answered before."""

    parameters: tuple[tuple[str, str], ...]
    at: datetime
    later: bool
    consented: bool
    evidence: tuple[str, ...]

    def values(self, name: str) -> list[str]:
        """Every value of a parameter."""
        return [value for key, value in self.parameters if key == name]

    @classmethod
    def _of(cls, observation: Observation, resource: str) -> Iterator[Self]:
        seen = False
        agreed: set[str] = set()
        cited: dict[str, str] = {}
        for record in calls(observation):
            data = record.data
            if data.get("resource") == "Consent" and data.get("status") == 201:
                agreed.add(str(data.get("decision")))
                cited[str(data.get("decision"))] = record.id
            if data.get("interaction") != "search" or data.get("resource") != resource:
                continue
            pairs = tuple((str(p[0]), str(p[1])) for p in data.get("parameters") or ())
            if any(name == PAGE for name, _ in pairs):
                continue  # an address that the service handed out
            wanted = next((value.rpartition("|")[2] for name, value in pairs if name == "identifier"), "")
            consent = (cited[wanted],) if wanted in cited else ()
            yield cls(
                parameters=pairs,
                at=datetime.fromisoformat(record.utc),
                later=seen,
                consented=wanted in agreed,
                evidence=(*observation.frame_evidence, record.id, *consent),
            )
            seen = seen or data.get("status") == 200


class SdoDecisionSearch(SdoSearch):
    """A search for decisions (flux 1.1): any search of documents that is not for an evaluation."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such search."""
        return (s for s in cls._of(observation, "DocumentReference") if not _for_evaluation(s))


class SdoEvaluationSearch(SdoSearch):
    """A search for an evaluation (flux 3.1): one that names a decision, or the type of evaluations."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such search."""
        return (s for s in cls._of(observation, "DocumentReference") if _for_evaluation(s))


class SdoStatusSearch(SdoSearch):
    """A search for statuses (flux 5.1)."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such search."""
        return cls._of(observation, "Task")

    @property
    def reach(self) -> timedelta | None:
        """How far back it asks; ``None`` when its instant cannot be read."""
        values = self.values("_lastUpdated")
        try:
            since = datetime.fromisoformat(values[0].removeprefix("gt")) if values else None
        except ValueError:
            return None
        return self.at - since if since is not None and since.tzinfo is not None else None


def _for_evaluation(search: SdoSearch) -> bool:
    kinds = [value.rpartition("|")[2] for value in search.values("type")]
    return bool(search.values("identifier")) or EVALUATION in kinds


@dataclass(frozen=True)
class ExpectedDecision:
    """A decision that had to be read, in one version, and the reads that answer it."""

    expectation: Expectation
    read: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every expectation ``sdo-decision`` that was answered, and in a settled window those that were not."""
        for expectation in observation.expected("sdo-decision"):
            read = tuple(r for r in calls(observation) if _answers(r, expectation))
            if read or settled(observation):
                cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in read))
                yield cls(expectation, read, cited)


def _answers(record: Record, expectation: Expectation) -> bool:
    data = record.data
    return (
        data.get("interaction") == "read"
        and data.get("id") == expectation.get("document")
        and data.get("version") == expectation.get("version")
        and data.get("status") == 200
        and data.get("fault") not in LOST
    )
