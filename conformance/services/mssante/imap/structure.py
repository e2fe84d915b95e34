"""ENVELOPE and BODYSTRUCTURE (RFC 3501 §7.4.2), from the parts of a message."""

from __future__ import annotations

import re
from email.utils import getaddresses

from conformance.services.mssante.imap.mime import Part

_PLAIN = re.compile(rb"[\x20\x21\x23-\x5b\x5d-\x7e]*")
ADDRESSES = 500
FIELD = 16 * 1024


def nstring(value: bytes | str | None) -> bytes:
    """NIL, a quoted string, or a literal where a quoted string could not hold it."""
    if value is None:
        return b"NIL"
    raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    if len(raw) < 1000 and _PLAIN.fullmatch(raw):
        return b'"' + raw + b'"'
    return b"{%d}\r\n%s" % (len(raw), raw)


def envelope(part: Part) -> bytes:
    """The envelope of a message; Sender and Reply-To default to From."""
    sender = _addresses(part, "from")
    lists = [sender]
    lists += [found if (found := _addresses(part, name)) != b"NIL" else sender for name in ("sender", "reply-to")]
    lists += [_addresses(part, name) for name in ("to", "cc", "bcc")]
    texts = [nstring(part.value(name)) for name in ("date", "subject", "in-reply-to", "message-id")]
    return b"(" + b" ".join([*texts[:2], *lists, *texts[2:]]) + b")"


def structure(part: Part, *, extended: bool) -> bytes:
    """The structure of a part and of those in it; ``extended`` adds what BODYSTRUCTURE has over BODY."""
    if part.children:
        inner = b"".join(structure(child, extended=extended) for child in part.children)
        more = b" ".join([b"", _parameters(part, "content-type"), *_common(part)]) if extended else b""
        return b"(" + inner + b" " + nstring(part.subtype.upper()) + more + b")"
    known = part.maintype != "multipart"  # a multipart that cannot be cut is shown as opaque
    encoding = (part.value("content-transfer-encoding") or b"7BIT").upper()
    words = [
        nstring((part.maintype if known else "application").upper()),
        nstring((part.subtype if known else "octet-stream").upper()),
        _parameters(part, "content-type"),
        nstring(part.value("content-id")),
        nstring(part.value("content-description")),
        nstring(encoding),
        b"%d" % len(part.body),
    ]
    if part.message:
        words += [envelope(part.message), structure(part.message, extended=extended)]
    if part.message or part.maintype == "text":
        words.append(b"%d" % part.body.count(b"\n"))
    if extended:
        words += [nstring(part.value("content-md5")), *_common(part)]
    return b"(" + b" ".join(words) + b")"


def _common(part: Part) -> list[bytes]:
    kind = part.parsed.get_content_disposition()
    disposition = b"NIL"
    if kind:
        disposition = b"(" + nstring(kind.upper()) + b" " + _parameters(part, "content-disposition") + b")"
    return [disposition, nstring(part.value("content-language")), nstring(part.value("content-location"))]


def _parameters(part: Part, header: str) -> bytes:
    found = part.parameters(header)
    if not found:
        return b"NIL"
    return b"(" + b" ".join(nstring(word) for name, value in found for word in (name.upper(), value)) + b")"


def _addresses(part: Part, name: str) -> bytes:
    values = [field.value[:FIELD].decode("latin-1") for field in part.fields if field.name == name]
    try:
        found = [pair for pair in getaddresses(values) if pair[1]][:ADDRESSES]
    except RecursionError:  # comments in comments, without end: the envelope does without them
        found = []
    if not found:
        return b"NIL"
    return b"(" + b"".join(_address(display, address) for display, address in found) + b")"


def _address(display: str, address: str) -> bytes:
    local, at, domain = address.rpartition("@")
    mailbox, host = (local, domain) if at else (address, None)
    words = [display.encode("latin-1") or None, None, mailbox.encode("latin-1"), host and host.encode("latin-1")]
    return b"(" + b" ".join(nstring(word) for word in words) + b")"
