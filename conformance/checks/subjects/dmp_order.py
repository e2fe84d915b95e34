"""In which order a product calls the DMP, and what it does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.checks.subjects.dmp import AUTHORISATION, RETRIEVAL, SEARCH, SUBMISSION, TEST, about, accepted, calls
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
class Meanwhile:
    """A message that must leave while the DMP takes its time: when it did, and when the DMP had answered.

    ``taken`` says that the product took the order to write it before the DMP had answered: then a message that leaves later may
    have waited for a batch of the product's, and not for the DMP.
    """

    expectation: dict[str, Any]
    message: Record | None
    answered: Record | None
    taken: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Meanwhile]:
        """Every expectation ``dmp-meanwhile`` once the DMP has fed the document, or everything is settled.

        Both services write from one process: their records are in the order of its clock.
        """
        for expectation in observation.expected("dmp-meanwhile"):
            to = address_of(expectation.get("to"))
            messages = [r for r in sent(observation) if to in recipients_of(r) and is_taken(r)]
            fed = [r for r in calls(observation, SUBMISSION) if about(r, str(expectation["matricule"]))]
            if fed or settled(observation):
                cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in (*messages, *fed)))
                orders = [t.record for t in told(observation, "send_message") if to in _addressed(t.parameters)]
                taken = bool(orders and fed) and orders[0].utc < fed[0].utc
                yield cls(dict(expectation), messages[0] if messages else None, fed[0] if fed else None, taken, cited)


def _addressed(parameters: Any) -> list[str]:
    return [address_of(one) for one in parameters.get("to") or ()]
