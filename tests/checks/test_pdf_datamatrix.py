"""The INS datamatrix of a print: looked for, read, and compared with the CDA beside it."""

import io
from dataclasses import replace

import pikepdf
import pytest
from conformance._bundled.fixtures.documents.datamatrix import SEPARATOR, ins_payload
from conformance._bundled.fixtures.documents.n1 import n1
from conformance._bundled.fixtures.documents.pdf import pdf_a1, pdf_of

from conformance.checks.datamatrix import cost
from conformance.checks.datamatrix.payload import HEADER, is_ins, read_payload
from conformance.checks.datamatrix.symbols import symbols_of
from conformance.checks.documents import judge_bytes
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.pdf import PdfFile
from conformance.checks.subjects.printed_identity import printed
from conformance.core.check import Context, Registry
from conformance.core.words import Level
from tests.checks.documents_made import ALONE, entries, packed, spec, valid_n1
from tests.checks.journals import Play, codes
from tests.checks.mails import DOCTOR, carrier, letter, person

RUN = Context()
EVERY = tuple(Level)
PAYLOAD = ins_payload(person())


def said(pdf, context=RUN, levels=EVERY, document=None):
    """The codes told of an N1 document around ``pdf``."""
    (subject, *_) = printed([CdaDocument.from_bytes(document or n1(spec(), pdf))])
    return codes(Registry.get("pdf.datamatrix")(subject, context), levels)


def showing(text):
    return said(pdf_of(spec(), datamatrix=text))


def test_the_print_of_the_bench_says_the_person_of_its_cda():
    assert said(pdf_of(spec())) == []
    (text,) = symbols_of(pdf_of(spec())).texts
    assert text == PAYLOAD
    assert is_ins(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (PAYLOAD.partition("S5")[0], "pdf.datamatrix.missing"),
        (PAYLOAD.replace("S4", "S9"), "pdf.datamatrix.unknown-block"),
        (PAYLOAD.replace(SEPARATOR, ""), "pdf.datamatrix.missing"),
        (PAYLOAD.replace("S5F", "S5X"), "pdf.datamatrix.form"),
        (PAYLOAD + "S755239", "pdf.datamatrix.twice"),
        ("IS02" + PAYLOAD[4:], "pdf.datamatrix.header"),
        ("IS01", "pdf.datamatrix.header"),
        (HEADER, "pdf.datamatrix.missing"),
        (PAYLOAD[:-2], "pdf.datamatrix.length"),
    ],
)
def test_a_malformed_symbol_is_told(text, code):
    assert code in showing(text)


@pytest.mark.parametrize(
    "change",
    [
        {"birth_name": "VOISIN"},
        {"birth_first_names": ("AUTRE",)},
        {"birth_date": "1950-01-31"},
        {"sex": "M"},
        {"birth_place": "99100"},
        {"matricule": "1" + person().matricule[1:]},
        {"oid": "1.2.250.1.213.1.4.11"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_trait_is_compared_with_the_cda(change):
    assert person().sex == "F"
    assert showing(ins_payload(replace(person(), **change))) == ["pdf.datamatrix.differs"]


def test_names_are_compared_by_their_letters():
    assert showing(PAYLOAD.replace("'", " ")) == []


def test_what_no_source_settles_is_a_hypothesis():
    (subject,) = printed([CdaDocument.from_bytes(n1(spec(), pdf_of(spec(), datamatrix="IS011" + PAYLOAD[5:])))])
    (finding,) = Registry.get("pdf.datamatrix")(subject, RUN)
    assert (finding.code, finding.level, str(finding.basis)) == (
        "pdf.datamatrix.reserved",
        Level.WARNING,
        "hypothesis",
    )


def test_blocks_may_come_in_any_order_and_the_birth_place_may_be_left_out():
    blocks = read_payload(PAYLOAD).blocks
    order = ("S5", "S6", "S1", "S2", "S3", "S4")
    text = HEADER + "".join(f"{name}{blocks[name]}{SEPARATOR if name == 'S3' else ''}" for name in order)
    assert showing(text) == []


def test_a_missing_symbol_breaks_the_requirement_in_a_run_only():
    without = pdf_of(spec(), datamatrix="")
    assert said(without, levels=(Level.ERROR,)) == ["pdf.datamatrix.absent"]
    assert said(without, ALONE, (Level.INFO,)) == ["pdf.datamatrix.absent"]
    assert judge_bytes(n1(spec(), without)).valid


def test_a_prescription_and_an_unqualified_person_need_none():
    without = pdf_of(spec(), datamatrix="")
    prescription = n1(spec(type_code="57833-6"), without)
    assert said(without, document=prescription) == []
    assert said(without, document=n1(spec(status="validee"), without)) == []


def test_a_symbol_for_an_unqualified_person_is_an_error():
    unqualified = n1(spec(status="validee"), pdf_of(spec(), datamatrix=PAYLOAD))
    assert said(b"", document=unqualified) == ["pdf.datamatrix.unqualified"]


def test_another_data_matrix_is_none_of_ours():
    assert showing("010340093000012021ABC") == ["pdf.datamatrix.absent"]


def covered():
    """The print with a bar drawn over a third of its symbol."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_of(spec()))) as pdf:
        bar = b"q 0 g 505 795 16 30 re f Q q 1 g 524 795 4 30 re f Q"
        pdf.pages[0].contents_add(pdf.make_stream(bar))
        pdf.save(out)
    return out.getvalue()


def test_a_symbol_that_does_not_read_is_told_from_one_that_is_not_there():
    symbols = symbols_of(covered())
    assert symbols.texts == ()
    assert said(covered())[-1] == ("pdf.datamatrix.unread" if symbols.unread else "pdf.datamatrix.absent")


def costly(build):
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        page = pdf.pages[0].obj
        content, resources = build(pdf)
        page.Contents = pdf.make_stream(content)
        page.Resources = resources
        pdf.save(out)
    return out.getvalue()


def form(pdf, content, resources):
    return pdf.make_stream(
        content, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 595, 842], Resources=resources
    )


def nested(pdf):
    """Forms within forms: ten drawn by each, twelve deep."""
    resources = pikepdf.Dictionary()
    inner = form(pdf, b"0 0 9 9 re f " * 10, resources)
    for _ in range(11):
        resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
        inner = form(pdf, b"/X Do " * 10, resources)
    return b"/X Do", pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))


def looping(pdf):
    resources = pikepdf.Dictionary()
    inner = form(pdf, b"/X Do", pdf.make_indirect(resources))
    inner.Resources.XObject = pikepdf.Dictionary(X=inner)
    return b"/X Do", pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))


def tiled(pdf):
    tile = pdf.make_stream(b"0 0 1 1 re f", Type=pikepdf.Name.Pattern, PatternType=1)
    return b"/Pattern cs /P scn 0 0 595 842 re f", pikepdf.Dictionary(Pattern=pikepdf.Dictionary(P=tile))


def huge(pdf):
    image = pdf.make_stream(b"", Subtype=pikepdf.Name.Image, Width=60_000, Height=60_000)
    return b"/X Do", pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=image))


@pytest.mark.parametrize("build", [nested, looping, tiled, huge, lambda _: (b"f " * 70_000, pikepdf.Dictionary())])
def test_a_page_that_would_take_too_long_is_not_drawn(build):
    symbols = symbols_of(costly(build))
    assert symbols.texts == ()
    assert symbols.unlooked
    assert said(costly(build), document=n1(spec(), costly(build))) == ["pdf.datamatrix.unchecked"]


def test_objects_are_counted(monkeypatch):
    monkeypatch.setattr(cost, "MAX_OBJECTS", 3)
    assert cost.cost_of(pdf_a1("x", ["y"], created=spec().created), 1) == "objects > 3"


@pytest.mark.parametrize("content", [b"%PDF-1.4", b"%PDF-1.4\nstream\n\x00", b"%PDF-" + b"\xff" * 2000])
def test_a_pdf_that_does_not_read_is_not_looked_into(content):
    assert symbols_of(content).unlooked


def test_a_print_beside_the_archive_is_compared_when_it_is_not_the_body():
    other = pdf_of(spec(), datamatrix=ins_payload(replace(person(), birth_name="VOISIN")))
    found = judge_bytes(letter(pdfs=[("20260304_x.pdf", other)])).findings
    assert [f.where.part for f in found if f.code == "pdf.datamatrix.differs"] == ["20260304_x.pdf"]
    filed = judge_bytes(packed({**entries(), "IHE_XDM/SUBSET01/DOC00002.PDF": other})).findings
    assert [f.where.part for f in filed if f.code == "pdf.datamatrix.differs"] == ["IHE_XDM/SUBSET01/DOC00002.PDF"]


def test_of_two_persons_a_print_is_compared_with_none():
    pdf = PdfFile(pdf_of(spec()), "a.pdf")
    both = [CdaDocument.from_bytes(valid_n1()), CdaDocument.from_bytes(n1(spec(status="validee"), b"%PDF-"))]
    assert [each.pdf.part for each in printed(both, [pdf])] == ["nonXMLBody/text", "nonXMLBody/text"]


def test_every_print_of_a_message_is_a_subject(tmp_path):
    play = Play(tmp_path)
    record = play.message(carrier(), DOCTOR)
    (subject,) = play.subjects("pdf.datamatrix")
    assert subject.evidence == (record,)
    assert play.codes("pdf.datamatrix", levels=EVERY) == []
