"""What a message carries: the archive, the PDF twins and their names, one person."""

import io
import zipfile

import pytest

from conformance.checks.subjects.message import MailMessage
from conformance.core.check import Context, Registry
from tests.checks.journals import Play, codes
from tests.checks.mails import DOCTOR, letter, made, person, plain, spec

OTHER_PDF = b"%PDF-1.4 other"


def judged(check_id, raw, context=None):
    return codes(Registry.get(check_id)(MailMessage.from_bytes(raw), context or Context()))


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


@pytest.mark.parametrize(
    ("archives", "code"),
    [
        ([], "mail.xdm-attached.missing"),
        ([("DOCUMENT.ZIP", None)], "mail.xdm-attached.name"),
        ([("IHE_XDM.ZIP", b"not a zip")], "mail.xdm-attached.unreadable"),
        ([("IHE_XDM.ZIP", None), ("MORE.ZIP", None)], "mail.xdm-attached.several"),
    ],
)
def test_each_fault_of_the_archive_is_found(archives, code):
    archives = [(name, made().archive if content is None else content) for name, content in archives]
    assert judged("mail.xdm-attached", letter(archives=archives)) == [code]


def test_an_archive_without_document_is_a_fault():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("README.TXT", "empty")
    assert judged("mail.xdm-attached", letter(archives=[("IHE_XDM.ZIP", out.getvalue())])) == [
        "mail.xdm-attached.empty"
    ]


def test_the_name_of_the_archive_may_be_in_lower_case():
    assert judged("mail.xdm-attached", letter(archives=[("ihe_xdm.zip", made().archive)])) == []


def test_a_plain_message_needs_no_archive_unless_one_is_expected(play):
    assert judged("mail.xdm-attached", plain()) == []
    play.expect(DOCTOR, document=True, type_code="80788-3")
    play.message(plain(), DOCTOR)
    assert play.codes("mail.xdm-attached") == ["mail.xdm-attached.missing"]
    for check_id in ("mail.subject", "mail.codecda", "mail.ins", "mail.pdf-twin", "mail.pdf-name", "mail.one-person"):
        assert play.codes(check_id) == ["mail.no-document"]


def test_a_message_to_a_citizen_keeps_to_the_size_limit(play):
    citizen = f"{person().ins}@patient.a.mss.test"
    play.expect(citizen, audience="citizen", document=True)
    play.message(letter(), citizen)
    assert play.codes("mail.xdm-attached") == []
    assert play.codes("mail.xdm-attached", {"mail": {"size_limit": 1000}}) == ["mail.xdm-attached.size"]


# --- twins -------------------------------------------------------------------------------------------------------


def test_the_pdf_is_the_very_one_of_the_document():
    (name, _), *_ = made().pdfs
    assert judged("mail.pdf-twin", letter(pdfs=[(name, OTHER_PDF)])) == ["mail.pdf-twin.differs"]


def test_each_document_has_its_pdf():
    assert judged("mail.pdf-twin", letter(pdfs=[])) == ["mail.pdf-twin.count", "mail.pdf-twin.differs"]
    twice = [*made().pdfs, *made().pdfs]
    assert judged("mail.pdf-twin", letter(pdfs=twice)) == ["mail.pdf-twin.count"]


# --- names -------------------------------------------------------------------------------------------------------


def renamed(change):
    return letter(pdfs=[(change(name), content) for name, content in made().pdfs])


@pytest.mark.parametrize(
    "change",
    [
        lambda name: name,
        lambda name: name.replace(".pdf", "_2026-000123.pdf"),
        lambda name: name.replace(".pdf", ".PDF"),
        lambda name: name.replace(person().first_name, person().first_name.title()),
    ],
)
def test_a_name_made_from_the_document_has_no_fault(change):
    assert judged("mail.pdf-name", renamed(change)) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "document.pdf",
        lambda name: name.replace("20260304", "20260305"),
        lambda name: name.replace("20260304", "04032026"),
        lambda name: name.replace("_", " "),
        lambda name: name.replace(person().birth_name, person().birth_name.lower()),
        lambda name: name.replace("_" + person().first_name, ""),
        lambda name: name.replace(".pdf", "_1_2.pdf"),
    ],
)
def test_any_other_name_is_found(change):
    assert judged("mail.pdf-name", renamed(change)) == ["mail.pdf-name.differs"]


def test_a_pdf_without_a_name_is_found():
    raw = letter(pdfs=[("x.pdf", made().pdfs[0][1])]).replace(b' filename="x.pdf"', b"")
    assert judged("mail.pdf-name", raw) == ["mail.pdf-name.missing"]


# --- one person --------------------------------------------------------------------------------------------------


def test_documents_of_two_persons_are_a_fault():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, document in enumerate((made().documents[0], made(spec("autre")).documents[0]), start=1):
            archive.writestr(f"IHE_XDM/SUBSET01/DOC0000{number}.XML", document)
    raw = letter(archives=[("IHE_XDM.ZIP", out.getvalue())])
    assert judged("mail.one-person", raw) == ["mail.one-person.several"]


def test_the_document_is_of_the_expected_person(play):
    play.expect(DOCTOR, document=True, matricule=person().ins)
    play.message(letter(), DOCTOR)
    assert play.codes("mail.one-person") == []


def test_a_document_of_another_person_is_a_fault(play):
    play.expect(DOCTOR, document=True, matricule=person("autre").ins)
    play.message(letter(), DOCTOR)
    assert play.codes("mail.one-person") == ["mail.one-person.other"]
