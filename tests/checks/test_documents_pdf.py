"""The PDF/A-1 screening: what it approves, what it refuses, and what it says it did not check."""

import io
import zlib

import pikepdf
import pytest

from conformance.checks.subjects.pdf import PdfFile
from conformance.core.check import Context, Registry
from conformance.core.words import Level
from tests.checks.documents_made import ALONE
from tests.checks.journals import Play, codes
from tests.checks.mails import DOCTOR, carrier, made

RUN = Context()


def screened(content, context=RUN, levels=(Level.ERROR,)):
    return codes(Registry.get("pdf.a1")(PdfFile.from_bytes(content), context), levels)


def conforming():
    return made().pdfs[0][1]


def saved(change=None, **options):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(conforming())) as pdf:
        if change:
            change(pdf)
        pdf.save(out, **options)
    return out.getvalue()


def test_the_pdf_of_the_bench_passes():
    assert screened(conforming(), levels=tuple(Level)) == []


def launch(pdf):
    action = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe"))
    pdf.Root.OpenAction = action


def attachment(pdf):
    pdf.attachments["x.txt"] = b"x"


def unembedded(pdf):
    for held in pdf.objects:
        if isinstance(held, pikepdf.Dictionary) and held.get("/Type") == "/FontDescriptor":
            del held["/FontFile2"]


def javascript(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04", "pdf.not-pdf"),
        (b"%PDF-1.4\nnothing more", "pdf.damaged"),
        (conforming().replace(b"pdfaid:part>1", b"pdfaid:part>3"), "pdf.a1.undeclared"),
        (saved(javascript), "pdf.a1.violation"),
        (saved(launch), "pdf.a1.violation"),
        (saved(attachment), "pdf.a1.violation"),
        (saved(unembedded), "pdf.a1.violation"),
        (saved(encryption=pikepdf.Encryption(owner="o", user="u")), "pdf.encrypted"),
        (saved(encryption=pikepdf.Encryption(owner="o", user="")), "pdf.encrypted"),
    ],
)
def test_what_screening_refuses(content, code):
    assert code in screened(content)


def test_a_forbidden_construct_is_a_remark_alone():
    assert screened(saved(javascript), ALONE) == []
    assert "pdf.a1.violation" in screened(saved(javascript), ALONE, (Level.WARNING,))


def test_a_bomb_is_not_unpacked():
    stream = zlib.compress(bytes(300 * 1024 * 1024), 9)
    content = b"%PDF-1.4\n1 0 obj<</Filter/FlateDecode>>stream\n" + stream + b"\nendstream endobj"
    assert screened(content, levels=tuple(Level)) == ["pdf.a1.unchecked"]


def test_a_filter_twice_is_not_unpacked():
    content = b"%PDF-1.4\n1 0 obj<</Filter[/FlateDecode /FlateDecode]>>stream\n\nendstream endobj"
    assert screened(content, levels=tuple(Level)) == ["pdf.a1.unchecked"]


def test_every_pdf_of_a_message_is_screened(tmp_path):
    play = Play(tmp_path)
    play.expect(DOCTOR)
    play.message(carrier(), DOCTOR)
    parts = [subject.part for subject in play.subjects("pdf.a1")]
    assert parts[0] == "IHE_XDM/SUBSET01/DOC00001.XML#nonXMLBody/text"
    assert parts[1].endswith(".pdf")
    assert play.codes("pdf.a1") == []
