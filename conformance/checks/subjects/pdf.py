"""A PDF that a message carries: attached beside the archive, filed in it, or encapsulated in an N1 document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.evidence.observation import Observation

MAGIC = b"%PDF-"


@dataclass(frozen=True, slots=True)
class PdfFile:
    """The bytes of one PDF; ``part`` says where they were found."""

    content: bytes
    part: str | None = None
    evidence: tuple[str, ...] = ()

    @classmethod
    def from_bytes(cls, content: bytes, *, part: str | None = None, evidence: tuple[str, ...] = ()) -> PdfFile:
        """Take the bytes as they are."""
        return cls(content, part, evidence)

    @classmethod
    def of(cls, observation: Observation) -> Iterator[PdfFile]:
        """Every PDF in the messages that the product sent."""
        for record in observation.of_kind("smtp.message"):
            for name, content in attached(observation.blob(record, "message")):
                yield from pdfs_of(name, content, (record.id,))


def pdfs_of(name: str, content: bytes, evidence: tuple[str, ...] = ()) -> Iterator[PdfFile]:
    """The PDF that an attachment is, or those inside the archive that it is."""
    if content.startswith(MAGIC) or name.lower().endswith(".pdf"):
        yield PdfFile(content, name or None, evidence)
    elif is_archive(name, content):
        archive = XdmArchive.from_bytes(content, evidence=evidence)
        for path, filed in archive.files.items():
            if filed.startswith(MAGIC):
                yield PdfFile(filed, path, evidence)
        for document in archive.documents:
            yield from encapsulated(document)


def encapsulated(document: CdaDocument) -> Iterator[PdfFile]:
    """The PDF of an N1 body, when it decodes to one."""
    if document.pdf and document.pdf.startswith(MAGIC):
        path = "nonXMLBody/text"
        yield PdfFile(document.pdf, f"{document.part}#{path}" if document.part else path, document.evidence)
