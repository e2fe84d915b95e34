"""XML read under guard: what is refused, where it says the fault is, and that nothing raises."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.xml import Bounds, parse_xml
from tests.checks.documents_made import n1, said

DTD = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "content",
    [
        f"{DTD}<a>&e;</a>".encode(),
        f'<?xml version="1.0"?>\n<!-- <a> -->\n<?p <b>?>\n{DTD}<a>&e;</a>'.encode(),
        codecs.BOM_UTF8 + f"{DTD}<a>&e;</a>".encode(),
        f"{DTD}<a>&e;</a>".encode("utf-16"),
        f"{DTD}<a>&e;</a>".encode("utf-16-le"),
        f"{DTD}<a>&e;</a>".encode("utf-16-be"),
        f'<?xml version="1.0" encoding="ISO-8859-1"?>{DTD}<a>é&e;</a>'.encode("latin-1"),
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
        b"<!doctype html><html/>",
    ],
)
def test_a_doctype_is_refused_before_anything_else(content):
    parsed = parse_xml(content)
    assert parsed.root is None
    assert parsed.fault.code == "document.doctype"


def test_a_doctype_in_a_comment_is_no_doctype():
    assert parse_xml(b"<!-- <!DOCTYPE a> --><a><!-- <!DOCTYPE a> --></a>").root.tag == "a"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "document.empty"),
        (b" \n\t", "document.empty"),
        (codecs.BOM_UTF8, "document.empty"),
        (b"{}", "document.not-well-formed"),
        (b"<a><b></a>", "document.not-well-formed"),
        (b"<a/><b/>", "document.not-well-formed"),
        (b"<a b='1' b='2'/>", "document.not-well-formed"),
        (b"<a>&nope;</a>", "document.not-well-formed"),
        (b"<a><st:b/></a>", "document.not-well-formed"),
        (b"<a x:b='1'/>", "document.not-well-formed"),
        (b"<a xmlns:h='u' xmlns:i='u' h:x='1' i:x='2'/>", "document.not-well-formed"),
        (b"<a>\xff</a>", "document.undecodable"),
        (b'<?xml version="1.0" encoding="EBCDIC-FR"?><a/>', "document.encoding"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "document.encoding"),
        ("<a/>".encode("utf-32"), "document.encoding"),
        (b"<a>" * 300 + b"</a>" * 300, "document.too-much"),
        (b"<a>" + b"x" * 10_100_000 + b"</a>", "document.too-much"),
    ],
    ids=range(17),
)
def test_what_does_not_read(content, code):
    parsed = parse_xml(content)
    assert parsed.root is None
    assert parsed.fault.code == code


def test_the_bounds_of_size_and_of_marks():
    assert parse_xml(b"<a>12345</a>", Bounds(size=5)).fault.code == "document.too-much"
    assert parse_xml(b"<a><b/><b/></a>", Bounds(marks=3)).fault.code == "document.too-much"


def test_a_fault_has_its_line_and_column():
    fault = parse_xml(b"<a>\n  <b>\n  </c>\n</a>").fault
    assert (fault.line, fault.column is not None) == (3, True)
    fault = parse_xml("<a>\n é ".encode() + b"\xff</a>").fault
    assert (fault.line, fault.column, fault.got) == (2, 5, "0xFF")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "iso-8859-15", "windows-1252"])
def test_the_declared_encoding_is_honoured(encoding):
    parsed = parse_xml(f'<?xml version="1.0" encoding="{encoding}"?><a>é</a>'.encode(encoding))
    assert parsed.root.text == "é"
    assert parsed.mojibake is False


def test_utf8_declared_as_latin1_is_told():
    content = n1().replace(b"encoding='UTF-8'", b"encoding='ISO-8859-1'")
    assert b"ISO-8859-1" in content
    assert said("cda.well-formed", content) == ["document.mojibake"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"<a/>", "document.not-cda"), (b"<ClinicalDocument/>", "document.not-cda"), (b"<a", "document.not-well-formed")],
)
def test_what_is_no_cda(content, code):
    assert said("cda.well-formed", content) == [code]


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_no_bytes_raise(content):
    parsed = parse_xml(content)
    assert (parsed.root is None) == (parsed.fault is not None)
    parsed = parse_xml(b"<?xml version='1.0' encoding='" + content)
    assert (parsed.root is None) == (parsed.fault is not None)


@given(st.integers(0, 20_000), st.sampled_from([b"\x00", b"<", b"&", b'"', b"\xc3", b">", b""]))
@settings(max_examples=80, deadline=None)
def test_no_changed_byte_of_a_document_raises(position, piece):
    content = n1()
    at = position % 6000
    document = CdaDocument.from_bytes(content[:at] + piece + content[at + 1 :])
    assert (document.root is None) == (document.fault is not None)
    assert isinstance(document.where().as_json(), dict)
