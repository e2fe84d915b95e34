"""What a product keeps of a received document beside its text: that INSi denied its identity, the style sheet of its producer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from lxml import etree

from conformance.checks.subjects.cda import XSL, CdaDocument
from conformance.checks.subjects.reception import DocumentKeptApart, fetches, messages_delivered, opened
from conformance.checks.subjects.window import address_of
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# The instructions of a style sheet, in a form in which two spellings of the same are equal (W3C Canonical XML).
Sheet = tuple[bytes, ...]


@dataclass(frozen=True)
class DeniedDocument(DocumentKeptApart):
    """A document that waits and of whose identity the scenario says whether INSi denies it."""

    @property
    def denied(self) -> bool:
        """Whether INSi denies it."""
        return bool(self.expectation.get("denied"))

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Those of which the scenario says so."""
        return (one for one in super().of(observation) if one.expectation.get("denied") is not None)


@dataclass(frozen=True)
class KeptSheet:
    """The style sheet that was delivered with a document, and the one that comes back with it."""

    unique_id: str
    delivered: Sheet
    kept: Sheet
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[KeptSheet]:
        """Every document delivered with a style sheet that was read back from the record."""
        raws = messages_delivered(observation)
        for expectation, answer in opened(observation):
            record = raws.get(address_of(expectation.get("message_id")))
            unique_id = str(expectation["unique_id"])
            delivered = _delivered(observation, record, unique_id) if record else ()
            if record is not None and delivered and "content" in answer.record.blobs:
                kept = sheet_of(CdaDocument.from_bytes(observation.blob(answer.record, "content")))
                cited = (expectation["evidence"], record.id, answer.record.id, *fetches(observation, expectation))
                yield cls(unique_id, delivered, kept, (*observation.frame_evidence, *cited))


def sheet_of(document: CdaDocument) -> Sheet:
    """The style sheet around a document that presents itself; empty without one."""
    if document.root is None:
        return ()
    root = document.root.getroottree().getroot()
    if root.tag not in (f"{{{XSL}}}stylesheet", f"{{{XSL}}}transform"):
        return ()
    return tuple(etree.tostring(e, method="c14n", with_tail=False) for e in root.iterchildren(f"{{{XSL}}}*"))


def _delivered(observation: Observation, record: Record, unique_id: str) -> Sheet:
    for name, content in attached(observation.blob(record, "message")):
        for document in XdmArchive.from_bytes(content).documents if is_archive(name, content) else ():
            if document.unique_id == unique_id:
                return sheet_of(document)
    return ()
