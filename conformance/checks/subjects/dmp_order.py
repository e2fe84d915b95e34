"""In which order a product calls the DMP, and what it must not ask at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.checks.subjects.dmp import (
    AUTHORISATION,
    RETRIEVAL,
    SEARCH,
    SUBMISSION,
    TEST,
    accepted,
    calls,
)
from conformance.checks.subjects.window import accepted as taken
from conformance.checks.subjects.window import address_of, recipients_of, sent, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


def about(record: Record, matricule: str) -> bool:
    """Whether an exchange is about a person."""
    return str(record.data.get("patient", ""))[:13] == matricule[:13]


@dataclass(frozen=True)
class Preceded:
    """One call that something must come before: the calls about the same person before it."""

    record: Record
    before: tuple[Record, ...]
    evidence: tuple[str, ...]

    kinds: ClassVar[tuple[str, ...]]

    @property
    def tested(self) -> Record | None:
        """The last TD0.2 about the person before it."""
        found = [r for r in self.before if r.kind == TEST and accepted(r)]
        return found[-1] if found else None

    @property
    def authorised(self) -> bool:
        """Whether what came before says that the user may consult: TD0.2 or TD0.3."""
        granted = False
        for record in self.before:
            if record.kind == TEST and accepted(record):
                granted = record.data.get("authorisation") == "valid"
            elif record.kind == AUTHORISATION and accepted(record):
                granted = record.data.get("after") == "valid"
        return granted

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such call in a window without gap: in another, what came before it may be what is missing."""
        if observation.gaps:
            return
        ordered = calls(observation, TEST, AUTHORISATION, SUBMISSION, SEARCH, RETRIEVAL)
        for position, record in enumerate(ordered):
            matricule = str(record.data.get("patient") or "")
            if record.kind not in cls.kinds or not matricule:
                continue
            before = tuple(r for r in ordered[:position] if about(r, matricule))
            cited = (*observation.frame_evidence, record.id, *(r.id for r in before))
            yield cls(record, before, cited)


class PrecededFeeding(Preceded):
    """A submission (TD2.1)."""

    kinds = (SUBMISSION,)


class PrecededConsultation(Preceded):
    """A search or a retrieval (TD3.1, TD3.2) that is not the product looking for what it fed itself."""

    kinds = (SEARCH, RETRIEVAL)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every call of a scenario that consults."""
        wanted = [str(e["matricule"]) for e in observation.expected("dmp-consultation")]
        for preceded in super().of(observation):
            if any(about(preceded.record, matricule) for matricule in wanted):
                yield preceded


@dataclass(frozen=True)
class Forbidden:
    """An expectation that something is not asked about a person, and what was asked all the same."""

    expectation: dict[str, Any]
    breaches: tuple[Record, ...]
    evidence: tuple[str, ...]

    expected: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such expectation."""
        for expectation in observation.expected(cls.expected):
            matricule = str(expectation["matricule"])
            breaches = tuple(r for r in calls(observation, *cls.kinds) if about(r, matricule))
            cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in breaches))
            yield cls(dict(expectation), breaches, cited)


class ForbiddenFeeding(Forbidden):
    """Nothing is fed about a person."""

    expected = "no-dmp-feeding"
    kinds = (SUBMISSION,)


class ForbiddenAuthorisation(Forbidden):
    """No access authorisation is asked for about a person."""

    expected = "no-dmp-authorisation"
    kinds = (AUTHORISATION,)


class ForbiddenAuthorisationOpposed(Forbidden):
    """No access authorisation is asked for about a person who objects."""

    expected = "no-dmp-authorisation-opposed"
    kinds = (AUTHORISATION,)


class ForbiddenRecordVisit(Forbidden):
    """The web access is not opened on the record of a person."""

    expected = "no-dmp-web"
    kinds = ("dmp.visit",)


class ForbiddenConsultation(Forbidden):
    """Nothing is searched or read about a person."""

    expected = "no-dmp-consultation"
    kinds = (SEARCH, RETRIEVAL)


class ForbiddenRetrieval(Forbidden):
    """A document that the product holds is not read again."""

    expected = "no-dmp-retrieval"
    kinds = (RETRIEVAL,)


@dataclass(frozen=True)
class Expected:
    """An expectation that a call comes about a person, and the calls of its kind that came."""

    expectation: dict[str, Any]
    came: tuple[Record, ...]
    evidence: tuple[str, ...]

    expected: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such expectation that a call answers, and in a settled window those that none does."""
        for expectation in observation.expected(cls.expected):
            came = tuple(r for r in calls(observation, *cls.kinds) if cls._answers(expectation, r))
            if came or settled(observation):
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


class ExpectedAuthorisation(Expected):
    """An authorisation is to be asked for by the product itself."""

    expected = "dmp-authorisation"
    kinds = (AUTHORISATION,)


class ExpectedVisit(Expected):
    """A function of the web access is to be opened."""

    expected = "dmp-web"
    kinds = ("dmp.visit",)

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
        answers = [r for r in observation.frame if r.kind == "answer" and r.data.get("operation") == "read_record"]
        for expectation in observation.expected("dmp-integration"):
            for wanted in expectation["documents"]:
                unique_id = str(wanted["unique_id"])
                read = tuple(r for r in calls(observation, RETRIEVAL) if unique_id in r.data.get("given", []))
                listed = dict(answers[-1].data.get("body") or {}).get("documents") or [] if answers else []
                held = tuple(str(d.get("sha256")) for d in listed if d.get("unique_id") == unique_id)
                told = (expectation["evidence"], *(r.id for r in (*answers[-1:], *read)))
                yield cls(unique_id, str(wanted["sha256"]), read, held, (*observation.frame_evidence, *told))


@dataclass(frozen=True)
class Meanwhile:
    """A message that must leave while the DMP takes its time: when it did, and when the DMP had answered."""

    expectation: dict[str, Any]
    message: Record | None
    answered: Record | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Meanwhile]:
        """Every expectation ``dmp-meanwhile`` once the DMP has fed the document, or everything is settled.

        Both services write from one process: their records are in the order of its clock.
        """
        for expectation in observation.expected("dmp-meanwhile"):
            to = address_of(expectation.get("to"))
            messages = [r for r in sent(observation) if to in recipients_of(r) and taken(r)]
            fed = [r for r in calls(observation, SUBMISSION) if about(r, str(expectation["matricule"]))]
            if fed or settled(observation):
                cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in (*messages, *fed)))
                yield cls(dict(expectation), messages[0] if messages else None, fed[0] if fed else None, cited)
