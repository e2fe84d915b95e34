"""What a product must ask the DMP, show of it and keep of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.checks.subjects.dmp import AUTHORISATION, RETRIEVAL, SEARCH, about, calls
from conformance.checks.subjects.told import place_of, told
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class Expected:
    """An expectation that a call comes about a person, and the calls of its kind that came."""

    expectation: dict[str, Any]
    came: tuple[Record, ...]
    evidence: tuple[str, ...]

    expected: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]
    # Whether it may take several calls to answer: then nothing is said before everything is settled.
    several: ClassVar[bool] = False

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such expectation that a call answers, and in a settled window those that none does."""
        for expectation in observation.expected(cls.expected):
            came = tuple(r for r in calls(observation, *cls.kinds) if cls._answers(expectation, r))
            if settled(observation) or (came and not cls.several):
                cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in came))
                yield cls(dict(expectation), came, cited)

    @classmethod
    def _answers(cls, expectation: Any, record: Record) -> bool:
        return about(record, str(expectation["matricule"]))


class ExpectedUpdate(Expected):
    """A document of the DMP is to change: ``what`` is ``deleted``, ``archived`` or ``visibility``."""

    expected = "dmp-update"
    kinds = ("dmp.update",)


class ExpectedSearch(Expected):
    """A search with given criteria is to come."""

    expected = "dmp-consultation"
    kinds = (SEARCH,)
    several = True


class ExpectedAuthorisation(Expected):
    """An authorisation is to be asked for by the product itself."""

    expected = "dmp-authorisation"
    kinds = (AUTHORISATION,)
    several = True


class ExpectedVisit(Expected):
    """A function of the web access is to be opened."""

    expected = "dmp-web"
    kinds = ("dmp.visit",)
    several = True

    @classmethod
    def _answers(cls, expectation: Any, record: Record) -> bool:
        return str(record.data.get("function")) == str(expectation["function"])


@dataclass(frozen=True)
class ShownList:
    """A list of the DMP that the product was asked for: what others fed, and what it showed."""

    wanted: frozenset[str]
    shown: frozenset[str] | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ShownList]:
        """Every expectation ``dmp-list`` with the answer that follows it, and the searches about the person."""
        awaited: dict[str, Any] | None = None
        for record in observation.frame:
            if record.kind == "expectation" and record.data.get("name") == "dmp-list":
                awaited = {**record.data, "evidence": record.id}
            elif record.kind == "answer" and record.data.get("operation") == "consult_dmp" and awaited:
                listed = dict(record.data.get("body") or {}).get("documents")
                ids = [str(one.get("unique_id")) for one in listed if isinstance(one, dict)] if listed else []
                searches = [r.id for r in calls(observation, SEARCH) if about(r, str(awaited["matricule"]))]
                cited = (*observation.frame_evidence, str(awaited["evidence"]), record.id, *searches)
                shown = frozenset(ids) if isinstance(listed, list) else None
                yield cls(frozenset(awaited["documents"]), shown, cited)
                awaited = None


@dataclass(frozen=True)
class Integration:
    """A document of the DMP that must come into the record: whether it was read, and what the record then holds of it."""

    unique_id: str
    sha256: str
    read: tuple[Record, ...]
    held: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Integration]:
        """Every document of an expectation ``dmp-integration``, once everything is settled."""
        if not settled(observation):
            return
        removed = {
            str(e["unique_id"]): place_of(observation, e["evidence"]) for e in observation.expected("dmp-removed")
        }
        for expectation in observation.expected("dmp-integration"):
            for wanted in expectation["documents"]:
                unique_id = str(wanted["unique_id"])
                read = tuple(r for r in calls(observation, RETRIEVAL) if unique_id in r.data.get("given", []))
                # What the user removed afterwards was there until then.
                until = removed.get(unique_id, len(observation.frame))
                answers = [t.record for t in told(observation, "read_record") if t.place < until]
                listed = dict(answers[-1].data.get("body") or {}).get("documents") or [] if answers else []
                held = tuple(str(d.get("sha256")) for d in listed if d.get("unique_id") == unique_id)
                cited = (expectation["evidence"], *(r.id for r in (*answers[-1:], *read)))
                yield cls(unique_id, str(wanted["sha256"]), read, held, (*observation.frame_evidence, *cited))


@dataclass(frozen=True)
class ChangedMind:
    """A person who objected and changed mind: how many searches were asked for while willing, and those that came."""

    wanted: int
    came: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ChangedMind]:
        """Every expectation ``dmp-change-of-mind``, once everything is settled."""
        if not settled(observation):
            return
        for expectation in observation.expected("dmp-change-of-mind"):
            came = tuple(r for r in calls(observation, SEARCH) if about(r, str(expectation["matricule"])))
            cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in came))
            yield cls(int(expectation["searches"]), came, cited)
