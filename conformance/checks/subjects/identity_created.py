"""Persons whom a scenario asked to be created, with more or fewer traits, and what was then seen of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.identity import Identity, of_person
from conformance.checks.subjects.told import Told, place_of, told
from conformance.checks.subjects.vigilance import documents_to, first_documents_to
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# What the control API then says of an operation (``docs/evidence.md``).
DONE, REFUSED = "done", "refused"


@dataclass(frozen=True)
class CreatedIdentity:
    """A person created from the mandatory traits alone: whether the product refused, and the documents that name it."""

    wanted: Mapping[str, Any]
    refused: bool
    documents: tuple[CdaDocument, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[CreatedIdentity]:
        """Every such person; one of whom nothing was seen only in a settled window."""
        for wanted in observation.expected("ins-created"):
            answer = _answer(observation, str(wanted["person"]))
            refused = answer is not None and answer.data.get("outcome") == REFUSED
            documents, seen = documents_to(observation, str(wanted["to"]))
            if refused or documents or settled(observation):
                cited = (str(wanted["evidence"]), *((answer.id,) if answer else ()), *seen)
                yield cls(wanted, refused, documents, cited)


@dataclass(frozen=True)
class IncompleteIdentity:
    """A person who lacks a mandatory trait: what the product answered, and whether INSi was asked about it afterwards."""

    missing: str
    done: bool
    calls: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[IncompleteIdentity]:
        """Every such person whom the product was asked to create and of whom it said something."""
        for wanted in observation.expected("ins-incomplete"):
            answer = _answer(observation, str(wanted["person"]))
            if answer is None or answer.data.get("outcome") not in (DONE, REFUSED):
                continue
            calls = tuple(r for r in observation.of_kind("insi.call") if _about(r, wanted))
            cited = (*observation.frame_evidence, str(wanted["evidence"]), answer.id, *(r.id for r in calls))
            yield cls(str(wanted["missing"]), answer.data.get("outcome") == DONE, calls, cited)


@dataclass(frozen=True)
class TracedIdentity:
    """A person whose identity was created, read and changed: how many acts were done, and the traces that name it."""

    person: str
    acts: tuple[str, ...]
    traces: tuple[Mapping[str, Any], ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[TracedIdentity]:
        """Every such person, once the traces were read."""
        read = list(told(observation, "read_traces"))
        for wanted in observation.expected("ins-traced") if read else ():
            person = str(wanted["person"])
            acts = tuple(
                one.operation
                for one in told(observation, "create_person", "read_person", "correct_identity", "mark_identity")
                if one.parameters.get("person") == person and one.place < read[-1].place
            )
            named = tuple(row for row in read[-1].listed("traces") if person.lower() in str(dict(row)).lower())
            yield cls(person, acts, named, (str(wanted["evidence"]), read[-1].record.id))


@dataclass(frozen=True)
class LockedIdentity:
    """A qualified identity that a user without any special right tried to change, and the documents that came afterwards.

    Where that user may not even change a complementary trait, nothing that is refused is proof of a lock: no subject.
    """

    expected: Identity
    documents: tuple[CdaDocument, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[LockedIdentity]:
        """Every such identity of which a document came."""
        for wanted in observation.expected("ins-locked"):
            documents, seen = first_documents_to(observation, str(wanted["to"]))
            if wanted["complementary"] and documents:
                yield cls(of_person(wanted["identity"]), documents, (str(wanted["evidence"]), *seen))


@dataclass(frozen=True)
class ToldStatuses:
    """The changes of a status that a product told, beside those that the acts of the scenario caused."""

    expected: tuple[tuple[str, str], ...]
    told: tuple[Mapping[str, Any], ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ToldStatuses]:
        """Every history of statuses that a product told after it was expected."""
        for wanted in observation.expected("ins-statuses"):
            mine = _told_of(observation, wanted, "read_status_history")
            if mine is not None:
                expected = tuple((str(before), str(after)) for before, after in wanted["changes"])
                yield cls(expected, mine.listed("changes"), (str(wanted["evidence"]), mine.record.id))


@dataclass(frozen=True)
class ToldHistory:
    """The former INS that a product told of a person, beside those that INSi gave or that the person had."""

    former: tuple[str, ...]
    told: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ToldHistory]:
        """Every history that a product told after it was expected: the first answer after each expectation."""
        for wanted in observation.expected("ins-history"):
            mine = _told_of(observation, wanted, "read_ins_history")
            if mine is not None:
                rows = mine.listed("history")
                numbers = frozenset(f"{row.get('matricule', '')}{row.get('cle', '')}" for row in rows)
                former = tuple(map(str, wanted["former"]))
                yield cls(former, numbers, (str(wanted["evidence"]), mine.record.id))


def _told_of(observation: Observation, wanted: Mapping[str, Any], operation: str) -> Told | None:
    """The first answer about the person of an expectation that came after it."""
    place = place_of(observation, wanted["evidence"])
    answers = (one for one in told(observation, operation, after=place))
    return next((one for one in answers if one.parameters.get("person") == wanted["person"]), None)


def _answer(observation: Observation, person: str) -> Record | None:
    """What the product answered when it was asked to create a person."""
    asked = False
    for record in observation.frame:
        if record.kind == "stimulus":
            parameters = record.data.get("parameters") or {}
            asked = record.data.get("operation") == "create_person" and parameters.get("person") == person
        elif record.kind == "answer" and asked:
            return record
    return None


def _about(record: Record, wanted: Mapping[str, Any]) -> bool:
    """Whether a call is about a person who lacks a trait: by the two that it has of name and birth date, or by the other alone."""
    traits = record.data.get("traits") or {}
    said = {
        "birth_name": str(traits.get("NomNaissance") or "").casefold(),
        "birth_date": str(traits.get("DateNaissance") or ""),
    }
    due = {name: str(wanted[name]).casefold() for name in said}
    return all(said[name] == ("" if name == wanted["missing"] else due[name]) for name in said)
