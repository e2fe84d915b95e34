"""What a product's dashboard counts during a scenario, beside what the services saw leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.subjects.dmp import expected_feedings, fed_documents
from conformance.checks.subjects.window import accepted, answers, sent, settled
from conformance.core.words import Provenance
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

PERIOD = "current_month"
CHANNELS = ("dmp", "mss_professional", "mss_citizen")
_AUDIENCES = {"professional": "mss_professional", "citizen": "mss_citizen"}


@dataclass(frozen=True, slots=True)
class Left:
    """One document that left: by which channel, about whom, whether their INS is qualified."""

    channel: str
    person: str
    qualified: bool


@dataclass(frozen=True)
class DashboardChange:
    """Two readings of the dashboard, the first and the last of a scenario, and what left between them."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    left: tuple[Left, ...]
    evidence: tuple[str, ...]

    def counted(self, group: str, name: str) -> int | None:
        """By how much a count grew; ``None`` when the dashboard does not give it."""
        return grown(self.before, self.after, group, name)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[DashboardChange]:
        """The change of a scenario that reads the dashboard twice, once everything is settled."""
        read = readings(observation)
        left = list(_left(observation))
        if len(read) < 2 or not left:
            return
        periods = [month_of(r) for r in read]
        cited = (*observation.frame_evidence, read[0].id, read[-1].id, *(record.id for _, record in left))
        yield cls(periods[0], periods[-1], tuple(one for one, _ in left), tuple(dict.fromkeys(cited)))


@dataclass(frozen=True)
class DashboardReading:
    """One reading of the dashboard: its periods."""

    periods: Mapping[str, Any]
    evidence: tuple[str, ...]

    def count(self, period: str, channel: str) -> int | None:
        """The documents of a channel in a period; ``None`` when it is not given."""
        counts = self.periods.get(period)
        group = counts.get(channel) if isinstance(counts, Mapping) else None
        total = group.get("total") if isinstance(group, Mapping) else None
        return total if isinstance(total, int) else None

    @classmethod
    def of(cls, observation: Observation) -> Iterator[DashboardReading]:
        """Every reading."""
        for record in readings(observation):
            yield cls(periods_of(record), (record.id,))


def readings(observation: Observation) -> list[Record]:
    """The readings of the dashboard, once everything is settled."""
    if not settled(observation):
        return []
    # A person who reads it on a screen gives no counts.
    return [
        r
        for r in observation.frame
        if r.kind == "answer" and r.data.get("operation") == "read_dashboard" and r.provenance is not Provenance.PERSON
    ]


def periods_of(reading: Record) -> Mapping[str, Any]:
    """The periods of a reading."""
    return _member(reading.data.get("body"), "periods")


def month_of(reading: Record) -> Mapping[str, Any]:
    """The counts of the current month in a reading."""
    return _member(periods_of(reading), PERIOD)


def grown(before: Mapping[str, Any], after: Mapping[str, Any], group: str, name: str) -> int | None:
    """By how much a count grew between two readings; ``None`` when they do not give it."""
    first, last = (_member(reading, group).get(name) for reading in (before, after))
    return last - first if isinstance(first, int) and isinstance(last, int) else None


def _member(of: object, name: str) -> Mapping[str, Any]:
    """An object inside another; empty where there is none."""
    found = of.get(name) if isinstance(of, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _left(observation: Observation) -> Iterator[tuple[Left, Record]]:
    answering = answers(observation)
    for record in sent(observation):
        if not accepted(record):
            continue
        for expectation in answering[record.id]:
            channel = _AUDIENCES.get(str(expectation.get("audience")))
            if channel and expectation.get("document"):
                qualified = expectation.get("status") == "qualifiee"
                yield Left(channel, str(expectation["person"]), qualified), record
    for matricule, wanted in expected_feedings(observation).items():
        for fed in fed_documents(observation, matricule):
            # The DMP takes documents about a qualified INS only.
            yield Left("dmp", str(wanted[0]["person"]), qualified=True), fed.record
