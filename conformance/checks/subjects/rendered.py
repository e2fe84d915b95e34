"""Structured documents that left, and how the style sheet that came with each displays it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from lxml import etree

from conformance.checks.pdf_text import words_of
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import HL7
from conformance.checks.subjects.window import address_of, recipients_of, sent
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.checks.subjects.xml import Element
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

UNSEEN = ("script", "style", "title")
SECTION = f"{{{HL7}}}section"


@dataclass(frozen=True)
class StructuredSending:
    """A document of a type that is due with coded sections, as it left."""

    document: CdaDocument
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[StructuredSending]:
        """Every document of that type, in the messages of which the scenario says so."""
        for wanted in observation.expected("structured-document"):
            for record in _to(observation, wanted["to"]):
                for document in _documents(observation, record):
                    if document.code == wanted["type_code"]:
                        yield cls(document, (record.id, str(wanted["evidence"])))


@dataclass(frozen=True)
class RenderedDocument:
    """A document, the style sheet that came with it (``own``, ``beside``, ``none``), and the words that it displays.

    ``outcome`` is ``rendered``, or why nothing is displayed: ``none``, ``refused``, ``limit``.
    """

    document: CdaDocument
    sheet: str
    outcome: str
    reason: str
    words: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every document that the bench displayed, with its bytes as they left."""
        yield from cls._displayed(observation)

    @classmethod
    def _displayed(cls, observation: Observation, to: object = None, *cited: str) -> Iterator[Self]:
        messages = {r.id: r for r in (sent(observation) if to is None else _to(observation, to))}
        for shown in observation.of_kind("cda.rendered"):
            record = messages.get(str(shown.data["message"]))
            for document in _documents(observation, record) if record else ():
                if document.unique_id == shown.data["unique_id"] and next(sections_of(document), None) is not None:
                    output = observation.blob(shown, "output") if "output" in shown.blobs else b""
                    yield cls(
                        document=document,
                        sheet=str(shown.data["sheet"]),
                        outcome=str(shown.data["outcome"]),
                        reason=str(shown.data["reason"]),
                        words=words_shown(output),
                        evidence=(shown.id, record.id, *cited) if record else (),
                    )

    def shows(self, text: str) -> bool:
        """Whether the words of a text follow each other in what is displayed."""
        return f" {' '.join(words_of(text))} " in f" {' '.join(self.words)} "

    def sections(self) -> Iterator[tuple[Element, tuple[str, ...]]]:
        """Each section with the pieces of its own narrative."""
        for section in sections_of(self.document):
            text = self.document.first("h:text", section)
            yield section, () if text is None else tuple(t for t in map(str, text.itertext()) if words_of(t))


@dataclass(frozen=True)
class AddedSections(RenderedDocument):
    """The same of a document that was written with sections beyond those of its volet."""

    added: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such document."""
        for wanted in observation.expected("added-sections"):
            for made in cls._displayed(observation, wanted["to"], str(wanted["evidence"])):
                members = {name: getattr(made, name) for name in RenderedDocument.__dataclass_fields__}
                yield cls(**members, added=tuple(wanted["sections"]))


def sections_of(document: CdaDocument) -> Iterator[Element]:
    """Every section of a structured body, sections in sections included, in the order of the document."""
    body = document.first("h:component/h:structuredBody")
    if body is not None:
        yield from body.iter(SECTION)


def _to(observation: Observation, address: object) -> list[Record]:
    return [record for record in sent(observation) if address_of(address) in recipients_of(record)]


def _documents(observation: Observation, record: Record) -> Iterator[CdaDocument]:
    for name, content in attached(observation.blob(record, "message")):
        if is_archive(name, content):
            yield from XdmArchive.from_bytes(content, evidence=(record.id,)).documents


def words_shown(output: bytes) -> tuple[str, ...]:
    """The words that a reader sees of an HTML page."""
    try:
        root = etree.fromstring(output, etree.HTMLParser(no_network=True))
    except (etree.LxmlError, ValueError):
        return ()
    if root is None:  # what libxml2 makes of an empty page
        return ()
    seen: list[str] = []
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag not in UNSEEN and element.text:
            seen.append(element.text)
        if element.tail:
            seen.append(element.tail)
    return words_of(" ".join(seen))
