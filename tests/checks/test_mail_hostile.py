"""Messages made to hurt: whatever the bytes, a fault or a finding, never an exception."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.checks.subjects import mime
from conformance.checks.subjects.message import MailMessage
from conformance.core.check import Context, Registry
from tests.checks.journals import codes
from tests.checks.mails import letter

CHECKS = Registry.for_subject(MailMessage)
HEADERS = st.sampled_from(
    [b"Subject", b"From", b"To", b"Message-ID", b"Content-Type", b"X-MSS-NIL", b"Content-Transfer-Encoding", b"Date"]
)
VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"multipart/mixed; boundary=b",
            b"multipart/mixed",
            b"multipart/mixed; boundary*0*=utf-8''%ff",
            b"message/rfc822",
            b"text/plain; charset=\xff",
            b"text/html; charset=unknown",
            b'application/pdf; name*=""',
            b"=?utf-8?b?####?=",
            b"=?unknown?q?x?= <a@b",
            b"<[>",
            b"base64",
        ]
    ),
)


def everything(raw):
    message = MailMessage.from_bytes(raw)
    return {check.id: check(message, Context(alone=True)) for check in CHECKS}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(HEADERS, VALUES), max_size=6), st.binary(max_size=200))
def test_no_bytes_make_a_check_raise(headers, body):
    raw = b"".join(name + b": " + value + b"\r\n" for name, value in headers) + b"\r\n--b\r\n" + body + b"\r\n--b--"
    assert set(everything(raw)) == {check.id for check in CHECKS}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_pass_in_silence(raw):
    found = everything(raw)
    assert found["mail.nil"]
    assert found["mail.text-body"] or found["mail.message-id"]


@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=0), st.binary(min_size=1, max_size=8))
def test_a_damaged_message_never_raises(at, noise):
    raw = letter()
    at %= len(raw)
    assert everything(raw[:at] + noise + raw[at + len(noise) :]) is not None


def nested(depth):
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "headers"),
        (b"\r\n\r\nno header at all", "headers"),
        (nested(2000), "containers"),
        (nested(2000).replace(b"\r\n", b"\r"), "containers"),
        (nested(2000).replace(b"Type: ", b"Type:\r\n "), "containers"),
        (b"X-A: 1\r\n" * 400 + b"\r\n", "headers"),
        (b"Subject: " + b"a" * 100_000 + b"\r\n\r\n", "header Subject"),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 400 + b"--b--", "parts"),
    ],
)
def test_what_goes_beyond_a_bound_is_a_fault_that_every_check_tells(raw, what):
    message = MailMessage.from_bytes(raw)
    assert message.fault is not None
    assert message.fault.what == what
    for check in CHECKS:
        assert codes(check(message, Context(alone=True))) == ["mail.unreadable"]


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Transfer-Encoding: " + b"(" * 4000,
        b"Content-Type: text/plain; " + b"a*0*=b; " * 480,
        b"Content-Type: text/plain; charset*=" + b"'" * 3000,
        b"Content-Disposition: attachment; filename=" + b'"=' * 1900,
        b"From: " + b"a:" * 8000,
        b"From: " + b"a <a@b>, " * 400,
        b"Subject: " + b"=?utf-8?q?a?= " * 1000,
        b"Message-ID: <" + b"(" * 4000,
        b"Subject: XDM/" + b" " * 30000,
    ],
)
def test_header_values_made_to_exhaust_the_parser_are_bounded(header):
    assert everything(header + b"\r\nX-A: b\r\n\r\nbody")["mail.nil"]


@pytest.mark.parametrize("body", [b"<!--", b"</", b"<a ", b"<a b='", b"<script>", b"annul", b"<div>"])
def test_bodies_made_to_exhaust_the_reader_are_bounded(body):
    parts = b"".join(
        b"--b\r\nContent-Type: text/" + kind + b"; charset=utf-8\r\n\r\n" + body * 40_000 + b"\r\n"
        for kind in (b"plain", b"html")
    )
    raw = b"Content-Type: multipart/alternative; boundary=b\r\n\r\n" + parts + b"--b--"
    assert everything(raw)["mail.nil"]


@pytest.mark.parametrize("charset", [b"base64", b"zlib", b"punycode", b"idna", b"unicode_escape", b"", b"utf-7"])
def test_a_charset_is_no_door_to_other_codecs(charset):
    raw = b"From: a <a@b>\r\nContent-Type: text/plain; charset=" + charset + b"\r\n\r\n\xff\xfe0\x00"
    assert "mail.charset.undecodable" in codes(everything(raw)["mail.charset"])


def test_a_message_that_is_too_large_is_not_parsed(monkeypatch):
    monkeypatch.setattr(mime, "MAX_BYTES", 10)
    assert MailMessage.from_bytes(letter()).fault.what == "bytes"


def test_an_enclosed_message_lends_nothing_to_the_one_that_encloses_it():
    inner = letter()
    raw = (
        b"From: a <a@b.test>\r\nContent-Type: multipart/mixed; boundary=zz\r\n\r\n"
        b"--zz\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nok\r\n"
        b"--zz\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--zz--\r\n"
    )
    message = MailMessage.from_bytes(raw)
    assert message.documents == ()
    assert message.headers("X-MSS-NIL") == []
    assert [a.content_type for a in message.attachments] == ["message/rfc822"]
