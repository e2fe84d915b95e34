"""What third-party structures met at the entrance of the product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.subjects.told import Told, told
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

GOOD = "good-"
# One of these two is enough (SSI/IE.42).
EITHER = frozenset({"siren", "siret"})
STRANGER = "stranger"


@dataclass(frozen=True)
class Visit:
    """One knock: ``let_in`` (2xx), or refused by an answer or by an alert; ``None`` when nothing was seen of it."""

    case: str
    kind: str
    number: str
    let_in: bool | None
    how: str
    record: str

    @classmethod
    def every(cls, observation: Observation) -> dict[str, Visit]:
        """Every knock of the window, by case."""
        records = {str(r.data["case"]): r for r in observation.of_kind("probe.entrance")}
        found = {}
        for expected in observation.expected("structure"):
            record = records.get(str(expected["case"]))
            if record is not None:
                case, kind, number = str(expected["case"]), str(expected["kind"]), str(expected["number"])
                found[case] = cls(case, kind, number, _let_in(record), _how(record), record.id)
        return found


@dataclass(frozen=True)
class GoodStructure:
    """A structure with an account and a good certificate."""

    visit: Visit
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[GoodStructure]:
        """The one named by FINESS, which is preferred (SSI/IE.42)."""
        visit = Visit.every(observation).get(f"{GOOD}finess")
        if visit is not None and visit.let_in is not None:
            yield cls(visit, (*observation.frame_evidence, visit.record))


@dataclass(frozen=True)
class IdentifiedStructures:
    """The structures of each kind with a good certificate, and one of the first kind without an account.

    Of SIREN and SIRET a product may know one only: where one was let in, the other is left out.
    """

    good: tuple[Visit, ...]
    stranger: Visit
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[IdentifiedStructures]:
        """All of them, once each knock was answered and one at least was let in."""
        visits = Visit.every(observation)
        good = tuple(v for case, v in visits.items() if case.startswith(GOOD))
        stranger = visits.get(STRANGER)
        if any(v.let_in for v in good if v.kind in EITHER):
            good = tuple(v for v in good if v.let_in or v.kind not in EITHER)
        either = any(v.kind in EITHER for v in good)
        if stranger is None or stranger.let_in is None or not either or any(v.let_in is None for v in good):
            return
        if any(v.let_in for v in good):
            cited = (*observation.frame_evidence, *(v.record for v in (*good, stranger)))
            yield cls(good, stranger, cited)


@dataclass(frozen=True)
class RefusedStructure:
    """A bad certificate, or none, of a structure whose good one is let in before and after."""

    visit: Visit
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[RefusedStructure]:
        """Every one that was answered."""
        visits = Visit.every(observation)
        controls = [visits.get(f"{GOOD}finess"), visits.get(f"{GOOD}again")]
        if not all(control is not None and control.let_in for control in controls):
            return
        cited = tuple(control.record for control in controls if control is not None)
        for case, visit in visits.items():
            if not case.startswith(GOOD) and case != STRANGER and visit.let_in is not None:
                yield cls(visit, (*observation.frame_evidence, visit.record, *cited))


@dataclass(frozen=True)
class TracedStructure:
    """A structure that was let in, and whether the product's traces name it more often after than before."""

    number: str
    traced: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[TracedStructure]:
        """Every one, between the readings of the traces before and after: the making of its account was traced too."""
        answers = list(told(observation, "read_traces"))
        if len(answers) < 2:
            return
        before, after = answers[0], answers[-1]
        for visit in Visit.every(observation).values():
            if visit.case.startswith(GOOD) and visit.let_in:
                cited = (*observation.frame_evidence, visit.record, before.record.id, after.record.id)
                yield cls(visit.number, _named(after, visit.number) > _named(before, visit.number), cited)


def _named(answer: Told, number: str) -> int:
    return sum(number in " ".join(map(str, row.values())) for row in answer.listed("traces"))


def _let_in(record: Record) -> bool | None:
    if record.data["outcome"] == "answered":
        status = int(record.data["status"])
        return None if status >= 500 else 200 <= status < 300
    # A connection that is closed without a word may be a refusal: beside its controls, it was not let in.
    return False if record.data["outcome"] in ("refused", "closed") else None


def _how(record: Record) -> str:
    return str(record.data["status"] or record.data["reason"] or record.data["outcome"])
