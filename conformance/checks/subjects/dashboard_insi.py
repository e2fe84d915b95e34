"""What a product's dashboard says of its calls to INSi and of the identities it admitted, beside what INSi received."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.checks.subjects.dashboard import grown, month_of, readings
from conformance.checks.subjects.told import Told, told
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class InsiChange:
    """Two readings of the dashboard, and the calls to INSi and the admissions between them.

    ``found`` are the calls that INSi answered with a person, ``answered`` those that it carried out, ``calls`` all of them;
    ``retried`` are those that failed and that the product made again of itself, which it may count as one with the next.
    """

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    found: int
    answered: int
    calls: int
    retried: int
    admitted: int
    qualified: int
    evidence: tuple[str, ...]

    def counted(self, group: str, name: str) -> int | None:
        """By how much a count grew; ``None`` when the dashboard does not give it."""
        return grown(self.before, self.after, group, name)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[InsiChange]:
        """The change of a scenario that expects admissions and reads the dashboard twice."""
        read, expected = readings(observation), list(observation.expected("tbb-admission"))
        if len(read) < 2 or not expected:
            return
        calls = observation.of_kind("insi.call")
        periods = [month_of(r) for r in read]
        ids = (*observation.frame_evidence, read[0].id, read[-1].id, *(r.id for r in calls))
        yield cls(
            periods[0],
            periods[-1],
            found=sum(r.data.get("code") == "00" for r in calls),
            answered=sum(not r.data.get("fault") for r in calls),
            calls=len(calls),
            retried=len(_retried(calls)),
            admitted=len(expected),
            qualified=sum(bool(e["qualified"]) for e in expected),
            evidence=tuple(dict.fromkeys(ids)),
        )


@dataclass(frozen=True)
class InsiDetail:
    """The calls to INSi as the product lists them, those of the first reading left out, and as INSi received them.

    ``retried`` are those received that failed and that the product made again of itself: they may have no line of their own.
    """

    listed: tuple[str, ...]
    received: tuple[str, ...]
    retried: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[InsiDetail]:
        """The detail of a scenario that reads it twice."""
        read = [one for one in told(observation, "read_insi_calls") if one.lists("calls")]
        if len(read) < 2 or not settled(observation):
            return
        first, last = (_ids(one) for one in (read[0], read[-1]))
        calls = observation.of_kind("insi.call")
        cited = (*observation.frame_evidence, read[0].record.id, read[-1].record.id, *(r.id for r in calls))
        yield cls(
            tuple(id for id in last if id not in first),
            tuple(_bare(r.data.get("message_id")) for r in calls),
            tuple(_bare(r.data.get("message_id")) for r in _retried(calls)),
            tuple(dict.fromkeys(cited)),
        )


def _retried(calls: Sequence[Record]) -> list[Record]:
    """The calls that failed and that the same request followed."""
    return [
        one
        for place, one in enumerate(calls)
        if one.data.get("fault") and any(_asked(one) == _asked(later) for later in calls[place + 1 :])
    ]


def _asked(call: Record) -> tuple[object, ...]:
    return tuple(call.data.get(name) for name in ("operation", "traits", "first_names"))


def _ids(reading: Told) -> list[str]:
    return [_bare(row.get("message_id")) for row in reading.listed("calls")]


def _bare(message_id: object) -> str:
    return str(message_id or "").strip().lower().removeprefix("urn:uuid:").removeprefix("uuid:")
