"""Messages made to harm or to deceive: each is refused within bounds, recorded, and changes nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from conformance._bundled.reference_dui.dmp import requests as bodies
from conformance._bundled.reference_dui.dmp.assertion import SAML, assertion
from conformance._bundled.reference_dui.dmp.link import Link
from conformance._bundled.reference_dui.dmp.wire import SOAP, WSSE, _envelope
from conformance._bundled.reference_dui.sins import Sins
from lxml import etree

from conformance.dmp import vihf
from conformance.population import Person
from conformance.services import certificates
from conformance.soap import mtom
from conformance.soap.guarded import Unreadable, parse
from conformance.soap.signatures import DS, Refused

from .conftest import Place, Send

ACTION = "urn:hl7-org:v3:PRPA_IN201307UV02"


def whole(link: Link, person: Person, change: Callable[[etree._Element], None] | None = None) -> bytes:
    """A good TD0.2, or one whose envelope was changed afterwards."""
    content = _envelope(ACTION, "x", assertion(link, person, Sins()), bodies.test_of_existence(person))
    if change is None:
        return content
    root = etree.fromstring(content)
    change(root)
    return etree.tostring(root)


def held(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    security = root.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security")
    assert security is not None
    return security, security[0]


def test_the_message_that_the_others_are_made_of_is_good(place: Place, send: Send) -> None:
    assert send(whole(place.link(), place.holder("good")))[0] == "ok"


HOSTILE = {
    "doctype": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
    "bomb": b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>',
    "external": b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "utf-16": '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
    "other-encoding": b'<?xml version="1.0" encoding="utf-7"?><a/>',
    "deep": b"<a>" * 5000 + b"</a>" * 5000,
    "wide": b"<r>" + b"<a/>" * 250_000 + b"</r>",
    "attributes": b"<a " + b" ".join(b"a%d=''" % n for n in range(220_000)) + b"/>",
    "cut": b"<a><b>",
    "empty": b"",
    "zero": b"\x00" * 64,
    "not-soap": b"<a/>",
    "soap-1.1": b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a/></e:Body></e:Envelope>',
    "two-bodies": f'<e:Envelope xmlns:e="{SOAP}"><e:Body><a/></e:Body><e:Body><b/></e:Body></e:Envelope>'.encode(),
    "no-body": f'<e:Envelope xmlns:e="{SOAP}"/>'.encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_a_fault_and_a_record(name: str, send: Send) -> None:
    assert send(HOSTILE[name])[0] == "fault"


BOUNDARY = 'multipart/related; boundary="b"; type="application/xop+xml"'
PACKAGES = {
    "no-boundary": ("multipart/related", b"x"),
    "long-boundary": (f'multipart/related; boundary="{"b" * 80}"', b"x"),
    "never-closed": (BOUNDARY, b"--b\r\nContent-ID: <r>\r\n\r\n<a/>"),
    "many-parts": (BOUNDARY, b"".join(b"--b\r\nContent-ID: <%d>\r\n\r\nx\r\n" % n for n in range(500)) + b"--b--"),
    "long-header": (BOUNDARY, b"--b\r\nContent-ID: <" + b"r" * 20_000 + b">\r\n\r\n<a/>\r\n--b--"),
    "twice": (BOUNDARY, b"--b\r\nContent-ID: <r>\r\n\r\n<a/>\r\n--b\r\nContent-ID: <r>\r\n\r\n<a/>\r\n--b--"),
    "other-root": (f'{BOUNDARY}; start="<z>"', b"--b\r\nContent-ID: <r>\r\n\r\n<a/>\r\n--b--"),
    "odd-encoding": (
        BOUNDARY,
        b"--b\r\nContent-ID: <r>\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<a/>\r\n--b--",
    ),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_hostile_packages_are_a_fault_and_a_record(name: str, send: Send) -> None:
    kind, body = PACKAGES[name]
    with pytest.raises(Unreadable):
        mtom.unpack(kind, body)
    assert send(body, kind)[0] == "fault"


def test_a_body_beyond_its_bound_is_cut_short(place: Place, caller: requests.Session) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(70):
            yield b"x" * 1024 * 1024

    try:
        answer = caller.post(f"{place.endpoints()['base_url']}/patients", data=endless(), timeout=30)
    except requests.ConnectionError:
        return
    assert answer.status_code == 413


def test_the_content_of_a_package_is_kept_to_the_byte() -> None:
    inside = b"--b\r\nnot a boundary--b\r\n\r\n\x00\xff"
    kind, packed = mtom.pack(b"<a/>", [("one", inside), ("two", b"")], boundary="dmp-boundary")
    opened = mtom.unpack(kind, packed)
    assert (opened.root, dict(opened.parts)) == (b"<a/>", {"one": inside, "two": b""})


# --- assertions that deceive ----------------------------------------------------------------------------------


def _unsigned(root: etree._Element) -> None:
    _, one = held(root)
    one.remove(one.find(f"{{{DS}}}Signature"))


def _altered(root: etree._Element) -> None:
    _, one = held(root)
    one.find(f"{{{SAML}}}Subject/{{{SAML}}}NameID").text = "899900000029"


def _wrapped_around(root: etree._Element) -> None:
    """A forged assertion takes the place; the signed one hides inside it."""
    security, good = held(root)
    evil = copy.deepcopy(good)
    evil.set("ID", "_evil")
    evil.find(f"{{{SAML}}}Subject/{{{SAML}}}NameID").text = "899900000029"
    evil.remove(evil.find(f"{{{DS}}}Signature"))
    security.replace(good, evil)
    etree.SubElement(evil, f"{{{SAML}}}Advice").append(good)


def _signature_of_another(root: etree._Element) -> None:
    """The forged assertion carries the good signature, which refers to the good assertion elsewhere in the message."""
    security, good = held(root)
    evil = copy.deepcopy(good)
    evil.set("ID", "_evil")
    evil.find(f"{{{SAML}}}Subject/{{{SAML}}}NameID").text = "899900000029"
    security.replace(good, evil)
    header = root.find(f"{{{SOAP}}}Header")
    etree.SubElement(header, "{urn:x}Holder").append(good)


def _same_id_twice(root: etree._Element) -> None:
    """Both assertions bear the same ID."""
    security, good = held(root)
    evil = copy.deepcopy(good)
    evil.find(f"{{{SAML}}}Subject/{{{SAML}}}NameID").text = "899900000029"
    security.replace(good, evil)
    etree.SubElement(evil.find(f"{{{DS}}}Signature"), f"{{{DS}}}Object").append(good)


def _two_assertions(root: etree._Element) -> None:
    security, good = held(root)
    security.insert(0, copy.deepcopy(good))


def _two_signatures(root: etree._Element) -> None:
    _, good = held(root)
    good.insert(1, copy.deepcopy(good.find(f"{{{DS}}}Signature")))


def _comment_in_the_name(root: etree._Element) -> None:
    """A comment is not signed by this canonicalisation; it must not cut what is read."""
    _, good = held(root)
    name = good.find(f"{{{SAML}}}Subject/{{{SAML}}}NameID")
    name.text, comment = name.text[:3], etree.Comment("x")
    comment.tail = "900000011"
    name.append(comment)


DECEITS = {
    "unsigned": _unsigned,
    "altered": _altered,
    "wrapped-around": _wrapped_around,
    "signature-of-another": _signature_of_another,
    "same-id-twice": _same_id_twice,
    "two-assertions": _two_assertions,
    "two-signatures": _two_signatures,
}


@pytest.mark.parametrize("name", DECEITS)
def test_an_assertion_that_deceives_is_refused(name: str, place: Place, send: Send) -> None:
    assert send(whole(place.link(), place.holder(name), DECEITS[name]))[0] == "fault"


def test_a_comment_in_a_signed_name_changes_nothing_of_what_is_read(place: Place) -> None:
    root = etree.fromstring(whole(place.link(), place.holder("comment"), _comment_in_the_name))
    assert vihf.open_assertion(held(root)[1]).name_id == "899900000011"


def test_certificates_that_do_not_lead_to_the_bench_are_refused(place: Place, send: Send) -> None:
    person = place.holder("stranger")
    subject = certificates.organisation("dmp-signature", "1990000002")
    stranger = place.host._bench.pki.stranger().sign(subject, usage=certificates.SIGNATURE_USAGE)
    past = place.host._bench.pki.issue(
        subject,
        usage=certificates.SIGNATURE_USAGE,
        not_before=datetime.now(UTC) - timedelta(days=40),
        life=timedelta(days=30),
    )
    for identity, reason in ((stranger, "unknown-authority"), (past, "out-of-validity")):
        link = place.link(signing_certificate_pem=identity.certificate_pem, signing_key_pem=identity.key_pem)
        assert send(whole(link, person)) == ("fault", f"certificate:{reason}")


def test_another_person_in_the_body_is_refused(place: Place, send: Send) -> None:
    mine, other = place.holder("mine"), place.holder("other-person")
    content = _envelope(ACTION, "x", assertion(place.link(), mine, Sins()), bodies.test_of_existence(other))
    assert send(content) == ("fault", "other-patient")


def test_a_request_at_the_wrong_door_is_refused(place: Place, send: Send) -> None:
    assert send(whole(place.link(), place.holder("door")), where="registry")[0] == "fault"


def test_an_assertion_of_yesterday_is_out_of_its_window(place: Place) -> None:
    root = etree.fromstring(whole(place.link(), place.holder("late")))
    found = vihf.open_assertion(held(root)[1])
    anchor = place.host._bench.pki.authority.certificate
    now = datetime.now(UTC)
    assert list(vihf.faults(found, anchor, now)) == []
    assert list(vihf.faults(found, anchor, now + timedelta(hours=3))) == ["IssueInstant:out-of-window"]
    assert list(vihf.faults(found, anchor, now - timedelta(minutes=20))) == ["IssueInstant:out-of-window"]


def test_what_is_not_xml_has_one_word_for_it() -> None:
    for content in (b"", b"<", b"\xff\xfe", b"<a>&b;</a>", b"<a/><b/>"):
        with pytest.raises(Unreadable):
            parse(content)
    with pytest.raises(Refused):
        vihf.open_assertion(parse(b"<a/>"))
