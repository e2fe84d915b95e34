"""A CDA document beside what its scenario asked for: what only a run can judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.window import Expectation, address_of, answers, sent
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.evidence.observation import Observation


@dataclass(frozen=True)
class AddressedDocument:
    """A document that reached professionals.

    ``addresses`` are those it reached and must name; ``allowed`` all those that the scenario asked to send documents of
    this person to.
    """

    document: CdaDocument
    addresses: tuple[str, ...]
    allowed: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[AddressedDocument]:
        """Every document, once by its id, of the messages that answer a professional's expectation."""
        by_id: dict[str, list[_Sent]] = {}
        for one in _sent(observation):
            key = one.document.unique_id or one.document.evidence[0]
            by_id.setdefault(key, []).append(one)
        for copies in by_id.values():
            answered = [e for one in copies for e in one.expectations if e.get("audience") == "professional"]
            if answered:
                persons = {e.get("person") for e in answered}
                wanted = [e for e in observation.expected("message") if e.get("person") in persons]
                cited = [i for one in copies for i in one.document.evidence] + [str(e["evidence"]) for e in answered]
                yield cls(
                    document=copies[0].document,
                    addresses=tuple(dict.fromkeys(address_of(e.get("to")) for e in answered)),
                    allowed=frozenset(address_of(e.get("to")) for e in wanted),
                    evidence=tuple(dict.fromkeys(cited)),
                )


@dataclass(frozen=True)
class ReplacingDocument:
    """A document that answers an expectation with ``replaces``, and the version before it where it was seen.

    ``replaced`` is the id that the expectation gives: the product's own, which may be the document's unique id.
    """

    document: CdaDocument
    replaced: str
    earlier: CdaDocument | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ReplacingDocument]:
        """Every document of a message that answers such an expectation, in journal order."""
        seen = _sent(observation)
        for position, one in enumerate(seen):
            for expected in one.expectations:
                if not expected.get("replaces"):
                    continue
                earlier = _earlier(seen[:position], expected)
                cited = () if earlier is None else earlier.evidence
                evidence = (*one.document.evidence, *cited, str(expected["evidence"]))
                yield cls(one.document, str(expected["replaces"]), earlier, evidence)


@dataclass(frozen=True)
class _Sent:
    document: CdaDocument
    expectations: tuple[Expectation, ...]


def _sent(observation: Observation) -> list[_Sent]:
    """Every document of every message, with the expectations that its message answers, in journal order."""
    answering = answers(observation)
    found = []
    for record in sent(observation):
        for name, content in attached(observation.blob(record, "message")):
            if is_archive(name, content):
                archive = XdmArchive.from_bytes(content, evidence=(record.id,))
                found += [_Sent(document, answering[record.id]) for document in archive.documents]
    return found


def _earlier(before: Sequence[_Sent], expected: Expectation) -> CdaDocument | None:
    """The replaced version: the one of that id, else the last of this person sent to the same address."""
    readable = [one for one in before if one.document.unique_id]
    named = [one.document for one in readable if one.document.unique_id == expected["replaces"]]
    same = [
        one.document
        for one in readable
        for e in one.expectations
        if e.get("to") == expected.get("to") and e.get("person") == expected.get("person") and e != expected
    ]
    return next((found[-1] for found in (named, same) if found), None)
