"""Fictitious documents without end, each with bytes of its own, for the measures at scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance._bundled.fixtures.documents.model import DocumentSpec

DAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
# PDFs of the mixed documents: printing one costs half of what judging a document does, so that they are printed once each.
PDFS = 200


class Documents:
    """Distinct documents without end: N1 (one in ten at fault), PDF, XDM, in the proportions 8, 1, 1."""

    def __init__(self) -> None:
        from conformance._bundled.fixtures.people import Population

        self._people = Population(1)

    def spec(self, number: int) -> DocumentSpec:
        """What document ``number`` says."""
        from conformance._bundled.fixtures.documents.model import document_of

        # People are drawn from a thousand: a population remembers everybody it drew, and that is not what is measured.
        person = self._people.person("scale", f"p{number % 1000}")
        who, where = self._people.professional, self._people.structure
        text = (f"Document {number}.", "Texte produit pour la mesure. " * 20)
        return document_of(
            1, "scale", f"d{number}", person=person, author=who, structure=where, act_date=DAY, text=text
        )

    def distinct(self, count: int) -> Iterator[bytes]:
        """N1 documents, each around a PDF of its own."""
        from conformance._bundled.fixtures.documents.n1 import n1_of

        for number in range(count):
            yield n1_of(self.spec(number))

    def mixed(self, count: int) -> Iterator[bytes]:
        """Documents of every kind, around :data:`PDFS` PDFs; a remark at the end of a file makes it distinct."""
        from conformance._bundled.fixtures.documents.model import SubmissionSpec
        from conformance._bundled.fixtures.documents.n1 import n1
        from conformance._bundled.fixtures.documents.pdf import pdf_of
        from conformance._bundled.fixtures.documents.xdm import xdm
        from conformance._bundled.fixtures.identifiers import oid

        pdfs = [pdf_of(self.spec(number)) for number in range(PDFS)]
        for number in range(count):
            # The PDF bears the datamatrix of its person: the document is about the same one.
            spec = replace(self.spec(number), person=self.spec(number % PDFS).person)
            pdf, turn = pdfs[number % PDFS], number % 10
            if turn == 7:
                yield n1(spec, pdf).replace(b'extension="POCD_HD000040"', b'extension="POCD"')
            elif turn == 8:
                yield pdf + f"% {number}\n".encode()
            elif turn == 9:
                ids = (oid(1, "scale", number, "submission"), oid(1, "scale", "source"))
                yield xdm(
                    [(spec, n1(spec, pdf))],
                    SubmissionSpec(*ids, DAY, spec.author, spec.structure, spec.person),
                    software="BANC",
                )
            else:
                yield n1(spec, pdf)
