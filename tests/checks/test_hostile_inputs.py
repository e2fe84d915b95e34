"""Every kind of hostile input at once, in a process that is killed beyond its time and its memory.

Each has tests of its own beside the parser that it aims at; this one holds the list, and the bounds of the machine.
"""

import base64
import json
import resource
import subprocess
import sys
import zlib

import pytest

from conformance.checks.documents import judge_bytes
from conformance.core.words import Level
from tests.checks.documents_made import DOCUMENT, METADATA, entries, n1, packed
from tests.checks.test_pdf_datamatrix import costly, nested, tiled
from tests.checks.test_xds_request import LINE, PARTS

# Seconds of processor and bytes of address space for the whole list.
SECONDS, BYTES = 120, 3 * 1024**3
MB = 1024 * 1024
XML = b"<?xml version='1.0'?>"
BILLION = (
    XML
    + b"<!DOCTYPE a [<!ENTITY b 'x'>"
    + b"".join(b"<!ENTITY b%d '%s'>" % (n, b"&b%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><a>&b11;</a>"
)
LONG = b"x" * (11 * MB)


def soap(body):
    return LINE[: LINE.index(b"<x:ProvideAndRegister")] + body + b"</s:Body></s:Envelope>"


def parts(*contents):
    head = b"--b\r\nContent-Type: application/xop+xml\r\n\r\n"
    return b"\r\n".join(head + c for c in contents) + b"\r\n--b--\r\n"


def bomb(name, size=100 * MB):
    return packed({**entries(), name: b"\0" * size})


def lying():
    """An archive whose directory announces other sizes than its files have."""
    content = bytearray(packed(entries()))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(content)


def mail(*parts_, top=b"multipart/mixed"):
    body = b"".join(b"--b\r\n" + p + b"\r\n" for p in parts_)
    return (
        b"From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: " + top + b"; boundary=b\r\n\r\n" + body + b"--b--\r\n"
    )


def deep_mail(depth):
    content = b"Content-Type: text/plain\r\n\r\nx"
    for n in range(depth):
        content = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n%s\r\n--b%d--" % (n, n, content, n)
    return b"From: a@b.test\r\nMIME-Version: 1.0\r\n" + content


def pdf(stream):
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n3 0 obj"
        + (b"<</Filter/FlateDecode/Length %d>>stream\n" % len(stream) + stream + b"\nendstream endobj\n%%EOF")
    )


HOSTILE = {
    "entities that expand": lambda: BILLION,
    "entities in a CDA": lambda: n1().replace(b"<ClinicalDocument", BILLION[21:-18] + b"<ClinicalDocument", 1),
    "an external entity": lambda: XML + b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "an external DTD": lambda: XML + b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'><a/>",
    "nesting without end": lambda: b"<a>" * 200_000,
    "attributes without end": lambda: b"<a " + b" ".join(b"a%d='1'" % n for n in range(400_000)) + b"/>",
    "a text of eleven megabytes": lambda: b"<a>" + LONG + b"</a>",
    "more than the greatest size": lambda: b"<a>" + b"<b/>" * (6 * MB) + b"</a>",
    "bytes that are no UTF-8": lambda: XML + b"<a>\xff\xfe</a>",
    "an encoding that does not exist": lambda: b"<?xml version='1.0' encoding='X-NONE'?><a/>",
    "a mark of UTF-32": lambda: "<a/>".encode("utf-32"),
    "half of a UTF-16 text": lambda: n1().decode().encode("utf-16")[:-1],
    "a zip that unpacks to 100 MB": lambda: bomb(DOCUMENT),
    "metadata of 100 MB": lambda: bomb(METADATA),
    "a zip of a zip of a zip": lambda: packed({"a.zip": packed({"b.zip": bomb(DOCUMENT)})}),
    "a zip that lies of its sizes": lying,
    "a zip of many entries": lambda: packed({f"F{n}": b"" for n in range(5000)}),
    "a zip that leaves its folder": lambda: packed({**entries(), "../../x": b"x"}),
    "parts within parts": lambda: deep_mail(2000),
    "parts without end": lambda: mail(*[b"Content-Type: text/plain\r\n\r\nx"] * 5_000),
    "a header of two megabytes": lambda: b"From: a@b.test\r\nSubject: " + b"=?utf-8?q?x?= " * 150_000 + b"\r\n\r\nx",
    "headers without end": lambda: b"From: a@b.test\r\n" + b"X-A: b\r\n" * 100_000 + b"\r\nx",
    "a message that carries a bomb": lambda: mail(
        b"Content-Type: application/zip\r\nContent-Disposition: attachment; filename=IHE_XDM.ZIP\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(bomb(DOCUMENT, 100 * MB))
    ),
    "a PDF that unpacks to 300 MB": lambda: pdf(zlib.compress(b"\0" * (300 * MB))),
    "a PDF packed twice": lambda: pdf(b"x").replace(b"/FlateDecode/", b"[/FlateDecode /FlateDecode]/"),
    "a PDF whose forms draw forms": lambda: costly(nested),
    "a PDF of endless tiles": lambda: costly(tiled),
    "JSON without end": lambda: b'{"resourceType":"Patient","a":' + b"[" * 200_000,
    "JSON of one long number": lambda: b'{"resourceType":"Patient","a":' + b"9" * 1_000_000 + b"}",
    "SOAP with entities": lambda: PARTS.replace(b"<s:Envelope", BILLION[21:-18] + b"<s:Envelope", 1),
    "SOAP nested without end": lambda: soap(b"<SubmitObjectsRequest>" + b"<a>" * 100_000),
    "SOAP with a document of eleven megabytes in line": lambda: soap(b"<SubmitObjectsRequest>" + LONG),
    "parts of MTOM without end": lambda: parts(*[LINE[:50]] * 20_000),
    "a head of MTOM without end": lambda: b"--b\r\nContent-Type: application/xop+xml\r\n" + b"X-A: b\r\n" * 300_000,
    "a delimiter of MTOM everywhere": lambda: parts(b"<SubmitObjectsRequest/>", *[b"\r\n--b" * 1000] * 20),
    "a part of MTOM that names itself": lambda: PARTS.replace(b"cid:document1", b"cid:root"),
    "MTOM that carries a bomb": lambda: PARTS.replace(n1(), bomb(DOCUMENT, 50 * MB)),
}
# Judged alone, a PDF that is too costly to examine is a warning: it is said not to have been checked.
UNCHECKED = {
    "a PDF that unpacks to 300 MB",
    "a PDF packed twice",
    "a PDF whose forms draw forms",
    "a PDF of endless tiles",
}


def main():
    """Judge the list and print what came of each: run by the test in a process of its own."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    for name, make in HOSTILE.items():
        judged = judge_bytes(make())
        errors = [f.code for f in judged.findings if f.level is Level.ERROR]
        sys.stdout.write(json.dumps([name, judged.kind, errors[:3], len(judged.findings)]) + "\n")


def test_every_hostile_input_is_told_within_the_bounds():
    program = "from tests.checks.test_hostile_inputs import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=400)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [name for name, *_ in told] == list(HOSTILE), done.stderr[-2000:]
    assert done.returncode == 0, done.stderr[-2000:]
    assert {name for name, _, errors, count in told if not errors and count} == UNCHECKED
    assert all(count for *_, count in told)
    assert not [name for name, _, errors, _ in told if "document.crashed" in errors]
    assert all(count < 2000 for *_, count in told)


def test_the_bounds_are_real():
    program = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({BYTES}, {BYTES})); b'x' * {2 * BYTES}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "MemoryError" in done.stderr


if sys.platform != "linux":
    pytest.skip("limits of processes are those of Linux", allow_module_level=True)
