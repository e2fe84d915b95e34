"""What a product must not ask the DMP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.checks.subjects.dmp import AUTHORISATION, REFUSED, RETRIEVAL, SEARCH, SUBMISSION, about, calls
from conformance.dmp import codes
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


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
            breaches = tuple(r for r in calls(observation, *cls.kinds, REFUSED) if cls._breaks(r, matricule))
            cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in breaches))
            yield cls(dict(expectation), breaches, cited)

    @classmethod
    def _breaks(cls, record: Record, matricule: str) -> bool:
        # A call that the DMP faulted was made all the same.
        asked = codes.KINDS.get(str(record.data.get("transaction"))) if record.kind == REFUSED else record.kind
        return asked in cls.kinds and about(record, matricule)


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
