"""MTOM packages and HTTP messages made to harm or to deceive: refused within bounds, and the service goes on."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from conformance._bundled.reference_dui.dmp.assertion import assertion
from conformance._bundled.reference_dui.dmp.submission import feeding
from conformance._bundled.reference_dui.dmp.wire import _envelope, _package
from conformance._bundled.reference_dui.sins import Sins
from lxml import etree

from conformance.dmp.codes import PATH, XDSB
from conformance.population import Person
from conformance.soap import mtom
from conformance.soap.guarded import Unreadable
from conformance.soap.mtom import XOP

from .conftest import Place, document_of

ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
KIND = 'multipart/related; boundary="b"; type="application/xop+xml"'
INCLUDE = f"{{{XOP}}}Include"
LIMIT = 20


def part(name: str, content: bytes, *more: bytes) -> bytes:
    return b"\r\n".join([b"--b", b"Content-ID: <" + name.encode() + b">", *more, b"", content, b""])


GOOD = part("r", b"<a/>") + part("d", b"document") + b"--b--\r\n"
REFUSED = {
    "line breaks of another system": GOOD.replace(b"\r\n", b"\n"),
    "a boundary that goes on": part("r", b"<a/>") + part("d", b"x").replace(b"--b", b"--bb") + b"--b--",
    "an end that goes on": GOOD.replace(b"--b--", b"--b--b"),
    "no part at all": b"--b--\r\n",
    "only a preamble": b"nothing here",
    "no header": b"--b\r\nContent-ID: <r>\r\n--b--",
    "one Content-ID twice in a part": part("r", b"<a/>", b"Content-ID: <other>") + b"--b--",
    "one encoding twice in a part": part(
        "r", b"<a/>", b"Content-Transfer-Encoding: base64", b"content-transfer-encoding: binary"
    )
    + b"--b--",
    "two parts of one name": part("r", b"<a/>") + part("d", b"one") + part("d", b"other") + b"--b--",
    "two parts of one name, in another case of header": part("r", b"<a/>")
    + part("d", b"one")
    + part("d", b"other").replace(b"Content-ID", b"CONTENT-ID")
    + b"--b--",
    "base64 that is none": part("r", b"<a/>", b"Content-Transfer-Encoding: base64") + b"--b--",
    "a hundred and one parts": b"".join(part(str(n), b"<a/>") for n in range(mtom.MAX_PARTS + 1)) + b"--b--",
    "headers without end": b"--b\r\n" + b"X-Header: x\r\n" * 100_000 + b"\r\n<a/>\r\n--b--",
    "a header of one long line": part("r", b"<a/>", b"X-Header: " + b"x" * mtom.MAX_PART_HEADER) + b"--b--",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_package_that_deceives_is_unreadable(name: str) -> None:
    with pytest.raises(Unreadable):
        mtom.unpack(KIND, REFUSED[name])


def test_every_beginning_of_a_package_is_unreadable_but_the_whole() -> None:
    assert dict(mtom.unpack(KIND, GOOD).parts) == {"d": b"document"}
    for length in range(len(GOOD) - len(b"\r\n")):
        if GOOD[:length].endswith(b"--b--"):
            continue
        with pytest.raises(Unreadable):
            mtom.unpack(KIND, GOOD[:length])


def test_what_stands_before_and_after_is_not_read() -> None:
    package = mtom.unpack(KIND, b"preamble\r\n" + GOOD + part("e", b"epilogue") + b"--b--")
    assert (package.root, dict(package.parts)) == (b"<a/>", {"d": b"document"})


def test_a_package_within_a_part_is_a_content_like_another() -> None:
    inner = part("d", b"inner") + b"--b--"
    nested = part("r", b"<a/>") + part("d", b"", b'Content-Type: multipart/related; boundary="b"') + inner
    # The inner delimiters are those of the outer package: its second part named "d" is one too many.
    with pytest.raises(Unreadable):
        mtom.unpack(KIND, nested)
    other = inner.replace(b"--b", b"--inner")
    whole = part("r", b"<a/>") + part("d", other, b'Content-Type: multipart/related; boundary="inner"') + b"--b--"
    assert mtom.unpack(KIND, whole).parts["d"] == other


def test_the_first_part_is_the_root_even_without_a_name() -> None:
    package = mtom.unpack(KIND, b"--b\r\n\r\n<a/>\r\n" + part("d", b"document") + b"--b--")
    assert (package.root, dict(package.parts)) == (b"<a/>", {"d": b"document"})


def test_a_part_knows_where_it_stands_unless_it_was_decoded() -> None:
    body = (
        part("r", b"<a/>")
        + part("d", b"document")
        + part("e", b"YWJj", b"Content-Transfer-Encoding: base64")
        + b"--b--"
    )
    package = mtom.unpack(KIND, body)
    place = package.place(package.parts["d"])
    assert place is not None
    assert body[place:].startswith(b"document\r\n--b")
    assert package.parts["e"] == b"abc"
    assert package.place(package.parts["e"]) is None
    assert package.place(b"abc") is None


def submission(change: Callable[[etree._Element], None], place: Place, person: Person) -> tuple[str, bytes]:
    """An ITI-41 whose inclusion was changed: ``change`` takes the inclusion."""
    spec, cda = document_of(person)
    link = place.link()
    request = feeding(link, spec, cda, Sins())
    change(request.body.find(f"{{{XDSB}}}Document/{INCLUDE}"))
    content = _envelope(ACTION, "x", assertion(link, person, Sins()), request.body)
    return _package(content, request.parts, ACTION)


def _of_the_root(include: etree._Element) -> None:
    include.set("href", "cid:root@dui.test")


def _of_nothing(include: etree._Element) -> None:
    include.set("href", "cid:nobody@dui.test")


def _of_the_web(include: etree._Element) -> None:
    include.set("href", "https://localhost/document")


def _of_a_file(include: etree._Element) -> None:
    include.set("href", "file:///etc/passwd")


def _twice(include: etree._Element) -> None:
    etree.SubElement(include.getparent(), INCLUDE, href=include.get("href", ""))


def _beside_text(include: etree._Element) -> None:
    include.tail = "QUJD"


def _within_itself(include: etree._Element) -> None:
    wrapped = etree.SubElement(include, INCLUDE, href=include.get("href", ""))
    include.set("href", "")
    wrapped.tail = None


@pytest.mark.parametrize(
    "change", [_of_the_root, _of_nothing, _of_the_web, _of_a_file, _twice, _beside_text, _within_itself]
)
def test_an_inclusion_that_leads_nowhere_brings_no_document(
    change: Callable[[etree._Element], None], place: Place, caller: requests.Session
) -> None:
    person = place.holder(change.__name__)
    before = place.act("count")
    kind, body = submission(change, place, person)
    answer = caller.post(
        f"{place.endpoints()['base_url']}/repository", data=body, headers={"Content-Type": kind}, timeout=LIMIT
    )
    assert b":Success" not in answer.content
    record = place.records()[-1]
    assert record.data["outcome"] in ("failure", "fault")
    assert place.act("count") == before


def test_an_inclusion_inside_an_included_document_is_never_followed(place: Place) -> None:
    """A document that includes itself is a text like another: the cycle has no second turn."""
    inner = f'<a xmlns:x="{XOP}"><x:Include href="cid:d"/></a>'.encode()
    _, cda = document_of(place.holder("cycle"))
    assert cda
    body = part("r", b"<a/>") + part("d", inner) + b"--b--"
    package = mtom.unpack(KIND, body)
    document = etree.fromstring(f'<d xmlns:x="{XOP}"><x:Include href="cid:d"/></d>'.encode())
    assert mtom.content_of(document, package) == inner


# --- HTTP that lies -------------------------------------------------------------------------------------------------


@pytest.fixture
def raw(place: Place, tmp_path: Path) -> Callable[[bytes], bytes]:
    """Writes bytes to the port; an answer is read to its end when ``answered``, else the connection is cut."""
    link = place.link()
    (tmp_path / "client").write_text(link.client_certificate_pem + link.client_key_pem)
    context = ssl.create_default_context(cadata=link.ca_pem)
    context.load_cert_chain(tmp_path / "client")
    port = urlsplit(str(place.endpoints()["base_url"])).port
    assert port

    def exchange(content: bytes, *, answered: bool = True) -> bytes:
        answer = b""
        with (
            socket.create_connection(("127.0.0.1", port), LIMIT) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as held,
            suppress(OSError),  # the server may answer and end before it has read everything
        ):
            held.sendall(content)
            while answered and (got := held.recv(65536)):
                answer += got
        return answer

    return exchange


def post(*headers: bytes, body: bytes = b"") -> bytes:
    line = f"POST {PATH}/patients HTTP/1.1".encode()
    return b"\r\n".join([line, b"Host: localhost", b"Connection: close", *headers, b"", body])


LIES = {
    "no length that is one": post(b"Content-Length: -1", body=b"<a/>"),
    "a length of letters": post(b"Content-Length: four", body=b"<a/>"),
    "two lengths": post(b"Content-Length: 4", b"Content-Length: 5", body=b"<a/>x"),
    "a header of a megabyte": post(b"X-Header: " + b"x" * 1024 * 1024, b"Content-Length: 4", body=b"<a/>"),
    "fifty thousand headers": post(*[b"X-Header: x"] * 50_000, b"Content-Length: 4", body=b"<a/>"),
    "chunks that are none": post(b"Transfer-Encoding: chunked", body=b"zz\r\n<a/>\r\n0\r\n\r\n"),
    "an encoding nobody knows": post(b"Transfer-Encoding: gzip", body=b"<a/>"),
}


@pytest.mark.parametrize("name", LIES)
def test_http_that_lies_is_answered_so_and_changes_nothing(
    name: str, place: Place, raw: Callable[..., bytes], send: Callable[..., tuple[str, str]]
) -> None:
    before = place.act("count")
    answer = raw(LIES[name])
    # A client that still writes may lose the answer with the connection.
    assert answer[9:12] in (b"400", b"413", b"431", b"501", b"")
    assert send(b"<a/>") == ("fault", "not-soap-1.2")
    assert place.act("count") == before


def test_a_length_longer_than_the_body_is_waited_for_and_then_forgotten(
    place: Place, raw: Callable[..., bytes], send: Callable[..., tuple[str, str]]
) -> None:
    before = len([r for r in place.records() if r.kind == "dmp.refused"])
    for length in (b"5", b"99999999999999"):
        assert raw(post(b"Content-Length: " + length, body=b"<a/>"), answered=False) == b""
    assert send(b"<a/>") == ("fault", "not-soap-1.2")
    assert len([r for r in place.records() if r.kind == "dmp.refused"]) == before + 1


def test_a_length_shorter_than_the_body_cuts_the_message(place: Place, raw: Callable[..., bytes]) -> None:
    kind = b"Content-Type: " + KIND.encode()
    answer = raw(post(kind, b"Content-Length: %d" % (len(GOOD) - 20), body=GOOD))
    assert answer.startswith(b"HTTP/1.1 500")
    record = [r for r in place.records() if r.kind == "dmp.refused"][-1]
    assert record.data["detail"] == "not-closed"
