"""What a product must ask the DMP, show of it and keep of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.checks.subjects.dmp import AUTHORISATION, REFUSED, RETRIEVAL, SEARCH, about, calls
from conformance.checks.subjects.told import place_of, told
from conformance.checks.subjects.window import settled
from conformance.core.words import Provenance
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# Answers that say nothing of the DMP: the operation is not there, or the product is not.
NOTHING_SAID = ("not_offered", "unreachable")


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
        """Every expectation ``dmp-list`` with the answer that follows it, and the searches about the person.

        Who drives a product by hand gives no list, nor does a product that offers none.
        """
        awaited: dict[str, Any] | None = None
        for record in observation.frame:
            if record.kind == "expectation" and record.data.get("name") == "dmp-list":
                awaited = {**record.data, "evidence": record.id}
            elif record.kind == "answer" and record.data.get("operation") == "consult_dmp" and awaited:
                if record.provenance is Provenance.PERSON or record.data.get("outcome") in NOTHING_SAID:
                    awaited = None
                    continue
                listed = dict(record.data.get("body") or {}).get("documents")
                ids = [str(one.get("unique_id")) for one in listed if isinstance(one, dict)] if listed else []
                searches = [r.id for r in calls(observation, SEARCH) if about(r, str(awaited["matricule"]))]
                cited = (*observation.frame_evidence, str(awaited["evidence"]), record.id, *searches)
                shown = frozenset(ids) if isinstance(listed, list) else None
                yield cls(frozenset(awaited["documents"]), shown, cited)
                awaited = None


@dataclass(frozen=True)
class Integration:
    """A document of the DMP that must come into the record: whether it was read, and what the record then holds of it.

    ``held`` is ``None`` where nobody said what the record holds, as where a person drives the product.
    """

    unique_id: str
    sha256: str
    read: tuple[Record, ...]
    held: tuple[str, ...] | None
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
                records = [t for t in told(observation, "read_record") if t.place < until and t.lists("documents")]
                if read and not records:
                    continue
                rows = records[-1].listed("documents") if records else ()
                held = tuple(str(d.get("sha256")) for d in rows if d.get("unique_id") == unique_id)
                cited = (expectation["evidence"], *(t.record.id for t in records[-1:]), *(r.id for r in read))
                evidence = (*observation.frame_evidence, *cited)
                yield cls(unique_id, str(wanted["sha256"]), read, held if records else None, evidence)


@dataclass(frozen=True)
class ChangedMind:
    """A person who objected and changed mind: the searches before the objection, while it held, and once it was lifted."""

    before: tuple[Record, ...]
    during: tuple[Record, ...]
    after: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ChangedMind]:
        """Every expectation ``dmp-change-of-mind`` whose objection was recorded and lifted, once everything is settled."""
        if not settled(observation):
            return
        choices = list(told(observation, "record_opposition"))
        for expectation in observation.expected("dmp-change-of-mind"):
            mine = [c for c in choices if c.parameters.get("person") == expectation["person"]]
            objected = next((c for c in mine if c.parameters.get("opposed")), None)
            lifted = next(
                (c for c in mine if objected and c.place > objected.place and not c.parameters.get("opposed")), None
            )
            if objected is None or lifted is None:
                continue
            came = [r for r in calls(observation, SEARCH, REFUSED) if _searches(r, str(expectation["matricule"]))]
            cited = (expectation["evidence"], objected.record.id, lifted.record.id, *(r.id for r in came))
            yield cls(
                tuple(r for r in came if r.utc < objected.asked_at),
                tuple(r for r in came if objected.record.utc < r.utc < lifted.asked_at),
                tuple(r for r in came if r.utc > lifted.asked_at),
                (*observation.frame_evidence, *cited),
            )


def _searches(record: Record, matricule: str) -> bool:
    """Whether a call searches the record of a person, whatever the DMP answered."""
    return record.data.get("transaction") == "TD3.1" and about(record, matricule)
