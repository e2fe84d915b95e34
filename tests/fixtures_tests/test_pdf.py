"""The PDFs are PDF/A-1b, by a validator that refuses what is not."""

from __future__ import annotations

import io

import pikepdf
import pikepdf.pdfa
import pytest
from conformance._bundled.fixtures.documents import pdf as module
from conformance._bundled.fixtures.documents.pdf import pdf_a1, pdf_of

from .conftest import ACT

HARD = "Été, cœur, « guillemets », l\u2019apostrophe, 100 €, <b>&amp;</b> → fin"


def verdict(content: bytes) -> pikepdf.pdfa.Report:
    return pikepdf.pdfa.validate_written(io.BytesIO(content), "1b")


@pytest.mark.parametrize(("title", "paragraphs", "footer"), [("Court", [], ""), (HARD, [HARD * 20] * 40, HARD)])
def test_a_print_is_pdf_a_1b(title, paragraphs, footer):
    report = verdict(pdf_a1(title, paragraphs, footer=footer, created=ACT))
    assert report.verdict == "pass", report.summary()


def test_the_validator_refuses_the_same_pages_without_the_declaration():
    assert verdict(module._drawn("Court", [], "")).verdict == "fail"


def test_same_input_gives_the_same_bytes():
    assert pdf_a1(HARD, [HARD], created=ACT) == pdf_a1(HARD, [HARD], created=ACT)
    assert pdf_a1(HARD, [HARD], created=ACT) != pdf_a1(HARD, [HARD, HARD], created=ACT)


def test_qpdf_finds_no_fault_and_pages_follow():
    with pikepdf.open(io.BytesIO(pdf_a1("Long", [HARD * 10] * 60, created=ACT))) as opened:
        assert opened.check_pdf_syntax() == []
        assert len(opened.pages) > 1
        assert str(opened.docinfo.Title) == "Long"
        assert str(opened.docinfo.CreationDate) == "D:20260301103005+01'00'"


def test_a_date_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        pdf_a1("x", [], created=ACT.replace(tzinfo=None))


def test_too_much_text_is_refused():
    with pytest.raises(ValueError, match="paragraphs"):
        pdf_a1("x", [""] * (module.MAX_PARAGRAPHS + 1), created=ACT)


def test_a_replacement_prints_differently(document):
    first = document()
    second = first.next_version(unique_id="2.25.42", created=first.created, text=first.text)
    assert verdict(pdf_of(second)).passed
    assert pdf_of(first) != pdf_of(second)
