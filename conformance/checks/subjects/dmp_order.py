"""In which order a product calls the DMP, and what it does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.checks.subjects.dmp import (
    AUTHORISATION,
    LIST,
    RETRIEVAL,
    SEARCH,
    SUBMISSION,
    TEST,
    about,
    accepted,
    calls,
    lists,
)
from conformance.checks.subjects.told import told
from conformance.checks.subjects.window import accepted as is_taken
from conformance.checks.subjects.window import address_of, recipients_of, sent, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


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

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such call in a window without gap: in another, what came before it may be what is missing."""
        if observation.gaps:
            return
        ordered = calls(observation, TEST, LIST, AUTHORISATION, SUBMISSION, SEARCH, RETRIEVAL)
        for position, record in enumerate(ordered):
            matricule = str(record.data.get("patient") or "")
            if record.kind not in cls.kinds or not matricule:
                continue
            before = tuple(r for r in ordered[:position] if about(r, matricule) or lists(r, matricule))
            cited = (*observation.frame_evidence, record.id, *(r.id for r in before))
            yield cls(record, before, cited)


class PrecededFeeding(Preceded):
    """A submission (TD2.1)."""

    kinds = (SUBMISSION,)


class PrecededConsultation(Preceded):
    """A search or a retrieval (TD3.1, TD3.2) that is not the product looking for what it fed itself."""

    kinds = (SEARCH, RETRIEVAL)

    @property
    def tested(self) -> Record | None:
        """The last TD0.2 about the person before it, or TD0.4 that names the person (DMP/UX.08: either)."""
        found = [r for r in self.before if r.kind in (TEST, LIST) and accepted(r)]
        return found[-1] if found else None

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every call of a scenario that consults."""
        wanted = [str(e["matricule"]) for e in observation.expected("dmp-consultation")]
        for preceded in super().of(observation):
            if any(about(preceded.record, matricule) for matricule in wanted):
                yield preceded


@dataclass(frozen=True)
class Meanwhile:
    """A message that must leave while the DMP takes its time: when it did, and when the DMP had answered.

    ``taken`` says that the product took the order to write it before the DMP had answered: then a message that leaves later may
    have waited for a batch of the product's, and not for the DMP.
    """

    expectation: dict[str, Any]
    message: Record | None
    answered: Record
    taken: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Meanwhile]:
        """Every expectation ``dmp-meanwhile`` whose document came, and whose message left once the DMP was being waited for.

        Both services write from one process: their records are in the order of its clock. A message that left before the first
        slow call began tells nothing; one that did not leave is missing only once everything is settled.
        """
        for expectation in observation.expected("dmp-meanwhile"):
            to, matricule = address_of(expectation.get("to")), str(expectation["matricule"])
            messages = [r for r in sent(observation) if to in recipients_of(r) and is_taken(r)]
            fed = [r for r in calls(observation, SUBMISSION) if about(r, matricule)]
            began = [_began(r) for r in calls(observation, TEST, SUBMISSION) if about(r, matricule)]
            awaited = bool(fed) and bool(messages) and messages[0].monotonic >= min(began)
            if awaited or (fed and not messages and settled(observation)):
                cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in (*messages, *fed)))
                orders = [t.record for t in told(observation, "send_message") if to in _addressed(t.parameters)]
                taken = bool(orders) and orders[0].utc < fed[0].utc
                yield cls(dict(expectation), messages[0] if messages else None, fed[0], taken, cited)


def _began(record: Record) -> float:
    """When a call came, as far as is known: its record is written once it is answered, after the time that the bench added."""
    return record.monotonic - float(record.data.get("delayed") or 0)


def _addressed(parameters: Any) -> list[str]:
    return [address_of(one) for one in parameters.get("to") or ()]
