"""What a product fetches of the DMP by itself: before a visit, without the right, and from its own copies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from conformance.checks.subjects.dmp import LIST, RETRIEVAL, SEARCH, TEST, about, accepted, calls, lists
from conformance.checks.subjects.dmp_forbidden import Forbidden
from conformance.checks.subjects.told import place_of, told
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


class ForbiddenWithoutRight(Forbidden):
    """Nothing is searched or read of who refused the user the right.

    The product must have been told, by a TD0.2 about the person whose answer is another than « valid », or by a list of the
    records that the user may open (TD0.4) that leaves the person out: without either, what did not come proves nothing, and
    what came is judged all the same.
    """

    expected = "no-dmp-right"
    kinds = (SEARCH, RETRIEVAL)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such expectation whose refusal was observed, or broken."""
        for forbidden in super().of(observation):
            matricule = str(forbidden.expectation["matricule"])
            since = next(r.utc for r in observation.expectations if r.id == forbidden.expectation["evidence"])
            told_so = (r for r in calls(observation, TEST, LIST) if accepted(r))
            refusals = [r for r in told_so if _refuses(r, matricule, since)]
            if refusals or forbidden.breaches:
                cited = (*forbidden.evidence, *(r.id for r in refusals))
                yield cls(forbidden.expectation, forbidden.breaches, cited)


def _refuses(record: Record, matricule: str, since: str) -> bool:
    """Whether the DMP's answer says that the user has no right; a list from before the person was known leaves everybody out."""
    if record.kind == LIST:
        return record.utc >= since and not lists(record, matricule)
    return about(record, matricule) and record.data.get("authorisation") != "valid"


class ForbiddenPreload(ForbiddenWithoutRight):
    """Nothing is preloaded of who refused the user the right."""

    expected = "no-dmp-preload"


@dataclass(frozen=True)
class Preloaded:
    """A planned visit: the documents that had to be read before it, those that had not, and what was read."""

    wanted: frozenset[str]
    others: frozenset[str]
    read: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Preloaded]:
        """Every expectation ``dmp-preload``, once everything is settled."""
        if not settled(observation):
            return
        for expectation in observation.expected("dmp-preload"):
            came = [r for r in calls(observation, RETRIEVAL) if about(r, str(expectation["matricule"]))]
            read = frozenset(str(one) for r in came for one in r.data.get("given", []))
            cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in came))
            yield cls(frozenset(expectation["documents"]), frozenset(expectation["others"]), read, cited)


@dataclass(frozen=True)
class OpenedCopy:
    """A preloaded document that was opened: within the time set, or past it, and whether the DMP was asked for it again.

    ``late`` says that the time was over before the opening, as the DMP's clock has it: then a new read is right.
    """

    unique_id: str
    past: bool
    again: tuple[Record, ...]
    late: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[OpenedCopy]:
        """Every expectation ``dmp-copy``, where each is of a document that was preloaded and that the product then opened.

        One alone would tell half of it: that a copy serves, or that a document is read at each opening.
        """
        expected = list(observation.expected("dmp-copy"))
        found = list(cls._read(observation, expected)) if settled(observation) else []
        yield from found if len(found) == len(expected) else ()

    @classmethod
    def _read(cls, observation: Observation, expected: list[Any]) -> Iterator[OpenedCopy]:
        for expectation in expected:
            unique_id = str(expectation["unique_id"])
            reads = [r for r in calls(observation, RETRIEVAL) if unique_id in r.data.get("given", [])]
            before = [r for r in reads if r.seq <= int(expectation["after"])]
            again = tuple(r for r in reads if r not in before)
            opened = _opened(observation, expectation, unique_id)
            if before and opened is not None:
                late = any(r.monotonic - before[-1].monotonic >= float(expectation["seconds"]) for r in again)
                seen = (*(r.id for r in reads), opened.id)
                cited = (*observation.frame_evidence, str(expectation["evidence"]), *seen)
                yield cls(unique_id, expectation["when"] == "past", again, late, cited)


def _opened(observation: Observation, expectation: Any, unique_id: str) -> Record | None:
    """The product's answer, done, to the opening that an expectation announces."""
    after = place_of(observation, expectation["evidence"])
    for answer in told(observation, "integrate_from_dmp", after=after):
        if answer.parameters.get("unique_id") == unique_id:
            return answer.record
    return None
