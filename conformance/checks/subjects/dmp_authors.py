"""Who is named as author of what is fed to the DMP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.checks.subjects.dmp import AnsweredFeeding
from conformance.dmp.objects import structures_of
from conformance.evidence.observation import Observation


@dataclass(frozen=True)
class GoneAuthor:
    """A document fed whose author left the RPPS: for the document and for its set, the identifiers of the authors.

    ``structures`` are the numbers by which the structure of the document is known, without their prefix: how a structure is
    written as an author is in no published example, hence any identifier that holds its number is taken for it.
    """

    person: str
    structures: frozenset[str]
    entry: tuple[str, ...]
    submission: tuple[str, ...]
    evidence: tuple[str, ...]

    def names_person(self, authors: Sequence[str]) -> bool:
        """Whether the person is among the authors."""
        return self.person in authors

    def names_structure(self, authors: Sequence[str]) -> bool:
        """Whether the structure is."""
        return any(number in one for number in self.structures for one in authors)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[GoneAuthor]:
        """Every feeding of such an author that the DMP accepted."""
        for feeding in AnsweredFeeding.of(observation):
            author, fed = str(feeding.expectation.get("author") or ""), feeding.fed
            if not author or fed is None or not fed.submission.sets:
                continue
            held = fed.submission.sets[0]
            known = structures_of(fed.entry.institutions) | structures_of(held.institutions)
            yield cls(
                author,
                frozenset(number[1:] for number in known if number[1:]),
                _identifiers(fed.entry.persons),
                _identifiers(held.persons),
                feeding.evidence,
            )


def _identifiers(persons: Sequence[str]) -> tuple[str, ...]:
    """The first component of each HL7 XCN."""
    return tuple(person.partition("^")[0] for person in persons)
