"""A catch-up of the history: what was chosen, and what reached the DMP once it was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from conformance.checks.subjects.dmp import SUBMISSION, Fed, about, calls, fed_documents
from conformance.checks.subjects.told import Told, told
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

OPERATION = "catch_up_dmp"
# A type, and the minute of an act in UTC as a DTM.
Chosen = tuple[str, str]


@dataclass(frozen=True)
class LeftOut:
    """A person whom the filters leave out, and what was fed about them all the same, whatever the DMP answered."""

    why: str
    came: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[LeftOut]:
        """Every such person of a catch-up that was asked for."""
        for expectation, asked in _expected(observation):
            if expectation.get("why"):
                came = tuple(r for r in _since(observation, asked) if about(r, str(expectation["matricule"])))
                cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in came))
                yield cls(str(expectation["why"]), came, cited)


@dataclass(frozen=True)
class CaughtUp:
    """A person whose documents were to be fed: those chosen, and those that the DMP accepted."""

    wanted: tuple[Chosen, ...]
    fed: tuple[Chosen, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[CaughtUp]:
        """Every such person of a catch-up that was asked for, once everything is settled."""
        for expectation, asked in _expected(observation):
            if expectation.get("why") or not settled(observation):
                continue
            chosen = [(str(one["type_code"]), _minute(str(one["act_date"]))) for one in _documents(expectation)]
            came = fed_documents(observation, str(expectation["matricule"]))
            # What the product fed of itself before the catch-up was asked for is there already.
            there = Counter(_told(one, chosen) for one in came if one.record.utc <= asked.asked_at)
            documents = [one for one in came if one.record.utc > asked.asked_at]
            cited = (*observation.frame_evidence, str(expectation["evidence"]), *(d.record.id for d in documents))
            yield cls(
                tuple((Counter(chosen) - there).elements()),
                tuple(_told(one, chosen) for one in documents),
                tuple(dict.fromkeys(cited)),
            )


@dataclass(frozen=True)
class Pace:
    """When the documents of a catch-up came, in seconds, and how many a second may at most."""

    cap: int
    times: tuple[float, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Pace]:
        """A catch-up of enough documents for its rate to be seen: more than four seconds hold."""
        for asked in told(observation, OPERATION):
            cap = asked.parameters.get("per_second")
            came = _since(observation, asked)
            if isinstance(cap, int) and len(came) > 4 * cap and settled(observation):
                ids = (*observation.frame_evidence, asked.record.id, *(r.id for r in came))
                yield cls(cap, tuple(r.monotonic for r in came), tuple(dict.fromkeys(ids)))


def _expected(observation: Observation) -> Iterator[tuple[Mapping[str, Any], Told]]:
    asked = next(told(observation, OPERATION), None)
    if asked is not None:
        yield from ((expectation, asked) for expectation in observation.expected("dmp-catch-up"))


def _since(observation: Observation, asked: Told) -> list[Record]:
    return [r for r in calls(observation, SUBMISSION) if r.utc > asked.asked_at]


def _documents(expectation: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = expectation.get("documents")
    return found if isinstance(found, list) else ()


def _told(fed: Fed, chosen: Sequence[Chosen]) -> Chosen:
    """Which document came: the one chosen of its type whose act its date tells, to whatever precision (HL7 DTM)."""
    code, act = fed.entry.code("type_code"), fed.entry.slot("serviceStartTime")[:12]
    return next((one for one in chosen if one[0] == code and act and one[1].startswith(act)), (code, act))


def _minute(iso: str) -> str:
    return f"{datetime.fromisoformat(iso).astimezone(UTC):%Y%m%d%H%M}"
