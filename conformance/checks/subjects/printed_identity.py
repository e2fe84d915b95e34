"""A PDF beside the CDA that says whom it is about: its own N1 body, or the print of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.pdf import MAGIC, PdfFile, encapsulated
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.evidence.observation import Observation


@dataclass(frozen=True)
class PrintedIdentity:
    """One PDF and the CDA that it prints."""

    pdf: PdfFile
    document: CdaDocument
    evidence: tuple[str, ...] = ()

    @classmethod
    def of(cls, observation: Observation) -> Iterator[PrintedIdentity]:
        """Every PDF of the messages that the product sent, with its document."""
        for record in observation.of_kind("smtp.message"):
            documents: list[CdaDocument] = []
            prints: list[PdfFile] = []
            for name, content in attached(observation.blob(record, "message")):
                if content.startswith(MAGIC):
                    prints.append(PdfFile(content, name or None, (record.id,)))
                elif is_archive(name, content):
                    archive = XdmArchive.from_bytes(content, evidence=(record.id,))
                    documents += archive.documents
                    prints += filed(archive)
            yield from printed(documents, prints)


def printed(documents: Iterable[CdaDocument], prints: Iterable[PdfFile] = ()) -> Iterator[PrintedIdentity]:
    """Each N1 document with its body, then each other print with the document that it is of.

    A print that equals a body is that body. Any other is paired when the documents are all about one person, since
    nothing but that person is asked of it; of several persons, whose print it is cannot be told.
    """
    read = [document for document in documents if document.root is not None]
    bodies: set[bytes] = set()
    for document in read:
        for pdf in encapsulated(document):
            bodies.add(pdf.content)
            yield PrintedIdentity(pdf, document, pdf.evidence)
    about = {document.patient_ids for document in read}
    for pdf in prints:
        if pdf.content not in bodies and len(about) == 1:
            yield PrintedIdentity(pdf, read[0], pdf.evidence)


def filed(archive: XdmArchive) -> list[PdfFile]:
    """The PDFs that lie in an archive as files of their own."""
    return [
        PdfFile(content, name, archive.evidence) for name, content in archive.files.items() if content.startswith(MAGIC)
    ]
