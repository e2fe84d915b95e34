"""The prints that left, beside what a scenario set for them: a notice, further traits, the paper of a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.pdf import PdfFile, pdfs_of
from conformance.checks.subjects.told import told
from conformance.checks.subjects.window import address_of, recipients_of, sent
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class NoticedPrint:
    """A PDF that left after the site wrote its notice."""

    pdf: PdfFile
    notice: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[NoticedPrint]:
        """Every print for an address of which the scenario expects the notice."""
        for wanted in observation.expected("printed-notice"):
            for pdf in prints_for(observation, wanted["to"]):
                yield cls(pdf, str(wanted["text"]), (*pdf.evidence, str(wanted["evidence"])))


@dataclass(frozen=True)
class TraitsPrint:
    """A PDF that left after the site chose further traits, and those traits with their values."""

    pdf: PdfFile
    traits: Mapping[str, str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every print of the professional who first wrote after the choice."""
        for wanted in observation.expected("printed-traits"):
            if wanted["user"] == "first":
                yield from cls._made(observation, wanted)

    @classmethod
    def _made(cls, observation: Observation, wanted: Mapping[str, Any], *cited: str) -> Iterator[Self]:
        for pdf in prints_for(observation, wanted["to"]):
            yield cls(pdf, dict(wanted["traits"]), (*pdf.evidence, *cited, str(wanted["evidence"])))


class ColleaguePrint(TraitsPrint):
    """The same of another professional of the site, who chose nothing."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every print of that professional, where the documents name two authors: else nobody can tell them apart."""
        every = list(observation.expected("printed-traits"))
        first = {one for w in every if w["user"] == "first" for one in _authors(observation, w["to"])}
        for wanted in (w for w in every if w["user"] != "first"):
            authors = _authors(observation, wanted["to"])
            if first and authors and not first & authors:
                cited = [r.id for w in every if w["user"] == "first" for r in _to(observation, w["to"])]
                yield from cls._made(observation, wanted, *cited)


@dataclass(frozen=True)
class PaperPrint:
    """What the product says it prints of the document that it sent, and the PDFs that left."""

    paper: bytes
    sent: tuple[bytes, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[PaperPrint]:
        """Every print asked for, in a window where PDFs left."""
        files = [pdf for record in sent(observation) for pdf in _pdfs(observation, record)]
        for answer in told(observation, "read_print"):
            if files and "content" in answer.record.blobs:
                cited = (answer.record.id, *(i for pdf in files for i in pdf.evidence))
                paper = observation.blob(answer.record, "content")
                yield cls(paper, tuple(pdf.content for pdf in files), tuple(dict.fromkeys(cited)))


def prints_for(observation: Observation, address: object) -> Iterator[PdfFile]:
    """The PDFs, each once, of the messages for an address."""
    seen: set[bytes] = set()
    for record in _to(observation, address):
        for pdf in _pdfs(observation, record):
            if pdf.content not in seen:
                seen.add(pdf.content)
                yield pdf


def _to(observation: Observation, address: object) -> list[Record]:
    return [record for record in sent(observation) if address_of(address) in recipients_of(record)]


def _pdfs(observation: Observation, record: Record) -> Iterator[PdfFile]:
    for name, content in attached(observation.blob(record, "message")):
        yield from pdfs_of(name, content, (record.id,))


def _authors(observation: Observation, address: object) -> frozenset[str]:
    """The identifiers of the authors of the documents for an address."""
    return frozenset(
        identifier.get("extension", "")
        for document in _documents(observation, address)
        for identifier in document.find("h:author/h:assignedAuthor/h:id")
    )


def _documents(observation: Observation, address: object) -> Iterator[CdaDocument]:
    for record in _to(observation, address):
        for name, content in attached(observation.blob(record, "message")):
            if is_archive(name, content):
                yield from XdmArchive.from_bytes(content, evidence=(record.id,)).documents
