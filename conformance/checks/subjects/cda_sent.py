"""A CDA document beside what its scenario asked for: what only a run can judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.xdm import XdmArchive, attached
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class AddressedDocument:
    """A document in a message to professionals, and the addresses that the scenario asked to send it to."""

    document: CdaDocument
    addresses: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[AddressedDocument]:
        """Every document that answers an expectation ``message`` whose audience is ``professional``."""
        for document, record in _documents(observation):
            wanted = [
                expected
                for expected in observation.expected("message")
                if expected.get("audience") == "professional" and _answers(document, record, expected)
            ]
            if wanted:
                addresses = dict.fromkeys(a for expected in wanted for a in addresses_of(expected))
                cited = tuple(str(expected["evidence"]) for expected in wanted)
                yield cls(document, tuple(addresses), (*document.evidence, *cited))


@dataclass(frozen=True)
class ReplacingDocument:
    """The document that the scenario expects to replace another one, and that other one where it was seen.

    ``replaced`` is the id that the expectation names; ``earlier`` the document that bears it.
    """

    document: CdaDocument
    replaced: str
    earlier: CdaDocument | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ReplacingDocument]:
        """The latest document that answers each expectation ``message`` with a member ``replaces``."""
        seen = _documents(observation)
        for expected in observation.expected("message"):
            replaced = expected.get("replaces")
            candidates = [d for d, record in seen if replaced and _reached(record, expected)]
            latest = _replacement(candidates, expected)
            if latest is None:
                continue
            before = [d for d in candidates[: candidates.index(latest)] if d.unique_id]
            earlier = next((d for d in before if d.unique_id == replaced), before[-1] if before else None)
            cited = () if earlier is None else earlier.evidence
            yield cls(latest, str(replaced), earlier, (*latest.evidence, *cited, str(expected["evidence"])))


def addresses_of(expected: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses of an expectation, lower case; ``to`` is one address or a list."""
    to = expected.get("to") or ()
    return tuple(a.lower() for a in ([to] if isinstance(to, str) else to))


def _documents(observation: Observation) -> list[tuple[CdaDocument, Record]]:
    found = []
    for record in observation.of_kind("smtp.message"):
        for name, content in attached(observation.blob(record, "message")):
            if content.startswith(b"PK") or name.upper().endswith(".ZIP"):
                archive = XdmArchive.from_bytes(content, evidence=(record.id,))
                found += [(document, record) for document in archive.documents]
    return found


def _reached(record: Record, expected: Mapping[str, Any]) -> bool:
    recipients = {str(a).lower() for a in record.data.get("rcpt_to", ())}
    return bool(recipients & set(addresses_of(expected)))


def _answers(document: CdaDocument, record: Record, expected: Mapping[str, Any]) -> bool:
    named = expected.get("document")
    return _reached(record, expected) or bool(named and named == document.unique_id)


def _replacement(candidates: Sequence[CdaDocument], expected: Mapping[str, Any]) -> CdaDocument | None:
    """The candidate that the expectation names, else the latest that is not the replaced document itself."""
    named = [d for d in candidates if d.unique_id and d.unique_id == expected.get("document")]
    others = [d for d in candidates if d.unique_id != expected.get("replaces")]
    # A replacement under the id of the document that it replaces is a fault to judge, not a document to overlook.
    repeated = list(candidates) if len(candidates) > 1 else []
    return next((found[-1] for found in (named, others, repeated) if found), None)
