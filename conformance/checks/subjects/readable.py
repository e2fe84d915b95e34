"""Everything that can be read in a message: where a number that must not leave would stand."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.datamatrix.payload import is_ins, read_payload
from conformance.checks.pdf_text import text_of_pdf
from conformance.checks.subjects.identity import of_datamatrix
from conformance.checks.subjects.mime import MimeFault, parse
from conformance.checks.subjects.pdf import PdfFile, pdfs_of
from conformance.checks.subjects.xdm import XdmArchive, is_archive


def readable(raw: bytes) -> Iterator[tuple[str, str]]:
    """Place and text: headers, names of files, parts, files of archives, PDF pages and their symbols; never raises.

    A message that cannot be read says nothing.
    """
    read = parse(raw)
    if isinstance(read, MimeFault):
        return
    yield from ((header.name, header.value) for header in read.headers)
    for leaf in read.leaves:
        place = leaf.name or leaf.content_type
        if leaf.name:
            yield place, leaf.name
        if is_archive(leaf.name, leaf.content):
            for path, held in XdmArchive.from_bytes(leaf.content).files.items():
                yield path, path
                yield path, held.decode("utf-8", "replace")
        else:
            yield place, leaf.content.decode("utf-8", "replace")
        if not leaf.is_body:
            yield from (said for pdf in pdfs_of(leaf.name, leaf.content) for said in _printed(pdf))


def _printed(pdf: PdfFile) -> Iterator[tuple[str, str]]:
    # Imported where it serves, as in pdf_datamatrix.py.
    from conformance.checks.datamatrix.symbols import symbols_of

    yield pdf.part or "PDF", text_of_pdf(pdf.content).text
    for text in symbols_of(pdf.content).texts:
        shown = of_datamatrix(read_payload(text)).matricule if is_ins(text) else text
        yield f"{pdf.part or 'PDF'} datamatrix", shown
