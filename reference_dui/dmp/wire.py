"""SOAP 1.2 towards the DMP: envelopes and MTOM packages written, answers read whatever their packaging."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote
from uuid import uuid4

from lxml import etree

from ..faults import Fault, MailFault
from ..national import trusting
from ..safe_xml import read_xml
from ..sins import Sins
from ..web_client import exchange
from .link import Link

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
XOP = "http://www.w3.org/2004/08/xop/include"
RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
MAX_ANSWER = 64 * 1024 * 1024
MAX_XML = 8 * 1024 * 1024

Parts = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer, and the documents beside it by Content-ID."""

    body: etree._Element
    parts: Mapping[str, bytes]

    def included(self, element: etree._Element) -> bytes:
        """The bytes that an element includes; empty when the part is missing."""
        include = element.find(f"{{{XOP}}}Include")
        reference = "" if include is None else unquote(include.get("href", "").removeprefix("cid:"))
        return self.parts.get(reference, b"")


class DmpFault(MailFault):
    """The DMP refused, or could not be reached; ``reason_code`` is its own word."""

    def __init__(self, code: str, /, *, reason_code: str, transient: bool = False, **values: object) -> None:
        super().__init__(code, transient=transient, **values)
        self.reason_code = reason_code


def call(
    link: Link,
    place: str,
    action: str,
    assertion: etree._Element,
    body: etree._Element,
    parts: Parts = (),
    *,
    sins: Sins,
    bearer: str = "",
) -> Answer:
    """One call, with a bearer token where there is one; raises :class:`DmpFault` on a SOAP fault, :class:`MailFault` when nothing readable came back."""
    content = _envelope(action, f"{link.base_url}/{place}", assertion, body)
    kind = f'application/soap+xml; charset=UTF-8; action="{action}"'
    if parts:
        kind, content = _package(content, parts, action)
    status, came, answer = exchange(
        "POST",
        f"{link.base_url}/{place}",
        link.ca_pem,
        limit=MAX_ANSWER,
        data=content,
        headers={"Content-Type": kind} | ({"Authorization": f"Bearer {bearer}"} if bearer else {}),
        **trusting(sins, link.ca_pem, (link.client_certificate_pem, link.client_key_pem)),
    )
    if status not in (200, 500):
        raise MailFault("refdui.fault.dmp-unavailable", status=status)
    root, found = _opened(came, answer)
    read = root.find(f"{{{SOAP}}}Body/*")
    if read is None:
        raise MailFault("refdui.fault.dmp-unreadable", transient=False)
    if read.tag == f"{{{SOAP}}}Fault":
        code = (read.findtext(f"{{{SOAP}}}Code/{{{SOAP}}}Value") or "").partition(":")[2]
        told = read.findtext(f"{{{SOAP}}}Reason/{{{SOAP}}}Text") or code
        raise DmpFault("refdui.fault.dmp-refused", reason_code=code, detail=told[:500])
    return Answer(read, found)


def registry_errors(body: etree._Element) -> list[str]:
    """The error codes of a registry response, wherever it stands in an answer; a warning refuses nothing."""
    return [
        error.get("errorCode", "")
        for error in body.iter(f"{{{RS}}}RegistryError")
        if not error.get("severity", "").endswith(":Warning")
    ]


def _envelope(action: str, to: str, assertion: etree._Element, body: etree._Element) -> bytes:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, "wsa": WSA})
    header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
    must = {f"{{{SOAP}}}mustUnderstand": "true"}
    etree.SubElement(header, f"{{{WSA}}}MessageID").text = f"urn:uuid:{uuid4()}"
    etree.SubElement(header, f"{{{WSA}}}To").text = to
    reply = etree.SubElement(header, f"{{{WSA}}}ReplyTo", must)
    etree.SubElement(reply, f"{{{WSA}}}Address").text = f"{WSA}/anonymous"
    etree.SubElement(header, f"{{{WSA}}}Action", must).text = action
    etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE}).append(assertion)
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(body)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def _package(root: bytes, parts: Parts, action: str) -> tuple[str, bytes]:
    boundary = f"refdui-{secrets.token_hex(24)}"
    xop = 'application/xop+xml; charset=UTF-8; type="application/soap+xml"'
    pieces = []
    for name, kind, content in (("root", xop, root), *((n, "text/xml", c) for n, c in parts)):
        head = (
            f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{name}>\r\n\r\n"
        )
        pieces += [head.encode(), content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    kind = (
        f'multipart/related; boundary="{boundary}"; type="application/xop+xml"; start="<root>"; '
        f'start-info="application/soap+xml"; action="{action}"'
    )
    return kind, b"".join(pieces)


def _opened(content_type: str, content: bytes) -> tuple[etree._Element, dict[str, bytes]]:
    told = Message()
    told["Content-Type"] = content_type
    found: dict[str, bytes] = {}
    root = content
    if told.get_content_type() == "multipart/related":
        boundary = str(told.get_param("boundary") or "").encode()
        for piece in (b"\r\n" + content).split(b"\r\n--" + boundary)[1:-1]:
            head, _, inside = piece.partition(b"\r\n\r\n")
            named = [line for line in head.decode("latin-1").split("\r\n") if line.lower().startswith("content-id:")]
            found[named[0].partition(":")[2].strip().strip("<>") if named else ""] = inside
        start = str(told.get_param("start") or "").strip("<>")
        root = found.pop(start if start in found else next(iter(found), ""), b"")
    try:
        return read_xml(root, MAX_XML), found
    except Fault as exc:
        raise MailFault("refdui.fault.dmp-unreadable", transient=False) from exc
