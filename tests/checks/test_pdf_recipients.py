"""The recipients that a print names, beside those of its CDA."""

from dataclasses import replace

import pytest
from conformance._bundled.fixtures.documents.n1 import n1
from conformance._bundled.fixtures.documents.pdf import pdf_of

from conformance.checks.pdf_text import text_of_pdf
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_sent import AddressedDocument
from conformance.core.check import Context, Registry
from conformance.core.words import Level
from conformance.population import Correspondent
from tests.checks.documents_made import spec
from tests.checks.journals import codes

DOCTOR = Correspondent("medecin@pro.test", "899700000011", "D'ESSAI-LÉGER", "Anne Marie", "G15_10/SM54")
OTHER = replace(DOCTOR, address="autre@pro.test", identifier="899700000012", name="AUTREFOIS", first_name="Jean")


def said(printed, *, levels=(Level.ERROR,), pdf=None):
    """What is said of a document for both recipients, around the print of a document for ``printed``."""
    written = replace(spec(), recipients=(DOCTOR, OTHER))
    document = CdaDocument.from_bytes(n1(written, pdf or pdf_of(replace(written, recipients=printed))))
    subject = AddressedDocument(document, (DOCTOR.address,), frozenset(), ("r",))
    return codes(Registry.get("pdf.recipients")(subject, Context()), levels)


@pytest.mark.parametrize(("printed", "missing"), [((DOCTOR, OTHER), 0), ((OTHER, DOCTOR), 0), ((DOCTOR,), 1), ((), 2)])
def test_a_print_names_each_recipient(printed, missing):
    assert said(printed) == ["pdf.recipients.missing"] * missing


def test_a_print_without_text_is_for_a_person():
    assert said((), pdf=b"%PDF-1.4 broken", levels=(Level.WARNING, Level.ERROR)) == ["pdf.recipients.unread"]


def test_names_are_read_without_accents_nor_order():
    text = text_of_pdf(pdf_of(replace(spec(), recipients=(DOCTOR,))))
    assert text.unread is None
    assert text.says("d'essai-leger ANNE")
    assert not text.says("Anne Inconnue")


def test_a_hostile_pdf_is_not_read():
    assert text_of_pdf(b"%PDF-1.4\n" + b"x" * 40_000_000).unread
