"""Files judged alone: known by their content, taken apart to the last piece, and never an exception."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.checks.document_kinds import kind_of
from conformance.checks.documents import MAX_BYTES, files_under, judge_bytes, judge_file, judge_path
from conformance.core.check import Registry
from conformance.core.words import Fault, Level
from tests.checks.documents_made import DOCUMENT, METADATA, drop, n1, put, valid_xdm, write, xdm_with
from tests.checks.journals import codes
from tests.checks.mails import carrier, letter, made, plain

PDF = made().pdfs[0][1]


def errors(judged):
    return [(f.check, f.code) for f in judged.findings if f.level is Level.ERROR]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (n1(), "cda"),
        (n1().decode().encode("utf-16"), "cda"),
        (b"<ClinicalDocument", "cda"),
        (b"<a/>", "xml"),
        (b"\n<a/>", "xml"),
        (valid_xdm(), "xdm"),
        (PDF, "pdf"),
        (carrier(), "message"),
        (plain(), "message"),
        (b"From a@b.test Mon\r\nSubject: x\r\n\r\n", "message"),
        (b"From:\r\n ESSAI <a@b.test>\r\nTo: c@d.test\r\n\r\n", "message"),
        (b"hello: world\r\n", "unknown"),
        (b"", "unknown"),
        (b"\x89PNG", "unknown"),
    ],
    ids=range(14),
)
def test_a_content_is_known_by_its_bytes(content, kind):
    assert kind_of(content) == kind


@pytest.mark.parametrize("content", [n1(), valid_xdm(), PDF], ids=["cda", "xdm", "pdf"])
def test_what_conforms_is_valid_and_silent(content):
    judged = judge_bytes(content)
    assert (judged.valid, codes(judged.findings, tuple(Level))) == (True, [])


def test_a_conforming_message_is_valid():
    assert errors(judge_bytes(carrier())) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ("document", "document.empty")),
        (b"\x89PNG", ("document", "document.unknown")),
        (b"<a/>", ("cda.well-formed", "document.not-cda")),
        (b"<ClinicalDocument", ("cda.well-formed", "document.not-well-formed")),
        (b"PK\x03\x04", ("xdm.safe", "xdm.safe.not-zip")),
        (b"%PDF-1.4", ("pdf.a1", "pdf.damaged")),
    ],
)
def test_what_does_not_read_says_so_once(content, expected):
    assert errors(judge_bytes(content)) == [expected]


def test_an_archive_is_judged_with_its_documents():
    fault = drop("h:legalAuthenticator")
    judged = judge_bytes(xdm_with(files={DOCUMENT: n1(fault)}))
    found = {f.check: f for f in judged.findings}
    assert found["cda.legal-authenticator"].where.part == DOCUMENT
    assert found["xdm.hash"].where.part == METADATA


def test_a_message_is_judged_with_its_archive_and_its_documents():
    broken = xdm_with(files={DOCUMENT: n1(put("h:code", code="00000-0"))})
    found = {f.check for f in judge_bytes(letter(archives=[("IHE_XDM.ZIP", broken)])).findings}
    assert {"cda.code", "xdm.hash"} <= found


def test_the_pdf_in_a_document_is_screened():
    judged = judge_bytes(n1(write("h:component/h:nonXMLBody/h:text", "JVBERi0xLjQK")))
    assert errors(judged) == [("pdf.a1", "pdf.damaged")]
    assert judged.findings[0].where.part == "nonXMLBody/text"


def test_a_check_that_breaks_is_our_fault(monkeypatch):
    class Broken:
        id = "cda.id"

        def __call__(self, *_):
            raise KeyError("x")

    monkeypatch.setattr(Registry, "for_subject", lambda _subject: [Broken()])
    (finding,) = [f for f in judge_bytes(n1()).findings if f.check == "cda.id"][:1]
    assert (finding.code, finding.fault, finding.level) == ("document.crashed", Fault.HARNESS, Level.ERROR)


@given(st.binary(max_size=300), st.sampled_from([b"", b"<", b"PK\x03\x04", b"%PDF-1.4", b"From: a@b.test\r\n\r\n"]))
@settings(max_examples=80, deadline=None)
def test_no_bytes_raise(content, start):
    judged = judge_bytes(start + content)
    assert all(f.code != "document.crashed" for f in judged.findings)
    assert judged.kind in ("xml", "xdm", "pdf", "message", "unknown", "cda")


def test_a_path_that_cannot_be_read(tmp_path):
    absent = judge_file(tmp_path / "absent.xml")
    os.mkfifo(tmp_path / "fifo")
    fifo = judge_file(tmp_path / "fifo")
    for judged in (absent, fifo):
        assert (judged.opened, judged.valid, errors(judged)) == (
            False,
            False,
            [("document", "document.unreadable-path")],
        )


def test_a_file_that_is_too_big_is_not_read(tmp_path):
    huge = tmp_path / "huge.xml"
    with huge.open("wb") as out:
        out.truncate(MAX_BYTES + 1)
    judged = judge_file(huge)
    assert (judged.opened, errors(judged)) == (True, [("document", "document.oversized")])


def test_a_folder_is_walked_in_order_and_once(tmp_path):
    for name in ("b/2.xml", "b/1.xml", "a.xml", ".hidden", ".git/x", "c/3.xml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"<a/>")
    (tmp_path / "c" / "loop").symlink_to(tmp_path / "c", target_is_directory=True)
    found = [path.relative_to(tmp_path).as_posix() for path in files_under(tmp_path)]
    assert found == ["a.xml", "b/1.xml", "b/2.xml", "c/3.xml"]


def test_a_folder_without_a_file_is_not_a_pass(tmp_path):
    (judged,) = judge_path(tmp_path)
    assert (judged.opened, errors(judged)) == (False, [("document", "document.no-file")])
