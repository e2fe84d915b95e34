"""The indicator of the history beside what the DMP took: closed stays, and documents of former stays that were fed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from conformance.checks.subjects.dmp import fed_documents
from conformance.checks.subjects.told import Told, told
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation


@dataclass(frozen=True)
class HistoryChange:
    """By how much each count of the indicator grew between two readings of a month, and by how much it should have."""

    grown: Mapping[str, int | None]
    wanted: Mapping[str, int]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[HistoryChange]:
        """The change of a scenario that reads the indicator twice, once everything is settled."""
        read, stays = list(told(observation, "read_history_rate")), list(observation.expected("history-stay"))
        if len(read) < 2 or not stays or not settled(observation):
            return
        former = [stay for stay in stays if stay.get("former")]
        fed = {str(stay["matricule"]): _fed(observation, stay) for stay in former}
        cited = [*observation.frame_evidence, read[0].record.id, read[-1].record.id]
        cited += [id for ids in fed.values() for id in ids]
        yield cls(
            {name: _grown(read[0], read[-1], name) for name in ("stays", "fed")},
            {"stays": len(former), "fed": sum(bool(ids) for ids in fed.values())},
            tuple(dict.fromkeys(cited)),
        )


def _fed(observation: Observation, stay: Mapping[str, Any]) -> list[str]:
    """The records of the documents about acts of a former stay that the DMP accepted."""
    start, end = (f"{datetime.fromisoformat(str(one)).astimezone(UTC):%Y%m%d%H%M%S}" for one in stay["former"])
    documents = fed_documents(observation, str(stay["matricule"]))
    return [one.record.id for one in documents if start <= one.entry.slot("serviceStartTime") <= end]


def _grown(first: Told, last: Told, name: str) -> int | None:
    before, after = ((one.record.data.get("body") or {}).get(name) for one in (first, last))
    return after - before if isinstance(before, int) and isinstance(after, int) else None
