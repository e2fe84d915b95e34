"""SOAP 1.2 envelopes with WS-Addressing: read strictly, written as the services answer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from lxml import etree

from conformance.soap.guarded import Element, Unreadable, parse, text_of

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
ANONYMOUS = f"{WSA}/anonymous"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One request: its addressing, the assertion of its security header, the one element of its body."""

    action: str
    message_id: str
    assertion: Element | None
    body: Element
    addressing: tuple[str, ...] = ()


def read(content: bytes) -> Envelope:
    """Read an envelope; raises :class:`Unreadable` when it is none, or says a thing twice."""
    root = parse(content)
    if root.tag != f"{{{SOAP}}}Envelope":
        raise Unreadable("not-soap-1.2")
    header, body = only(root, f"{{{SOAP}}}Header"), only(root, f"{{{SOAP}}}Body")
    if body is None:
        raise Unreadable("no-body")
    inside = list(body.iterchildren("*"))
    if len(inside) != 1:
        raise Unreadable("body")
    security = None if header is None else only(header, f"{{{WSSE}}}Security")
    return Envelope(
        action=_said(header, "Action"),
        message_id=_said(header, "MessageID"),
        assertion=None if security is None else only(security, f"{{{SAML}}}Assertion"),
        body=inside[0],
        addressing=()
        if header is None
        else tuple(etree.QName(c).localname for c in header.iterchildren(f"{{{WSA}}}*")),
    )


def answer(body: Element, *, action: str, relates_to: str) -> bytes:
    """The envelope of an answer."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, "wsa": WSA})
    header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
    told = (("Action", action), ("MessageID", f"urn:uuid:{uuid4()}"), ("To", ANONYMOUS), ("RelatesTo", relates_to))
    for name, value in told:
        if value:
            etree.SubElement(header, f"{{{WSA}}}{name}").text = value
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(body)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def fault(code: str, reason: str) -> Element:
    """A fault; ``code`` is written under the envelope's own prefix, as the DMP does with codes of its own (wire.md §2.10)."""
    made = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    etree.SubElement(etree.SubElement(made, f"{{{SOAP}}}Code"), f"{{{SOAP}}}Value").text = f"soap:{code}"
    told = etree.SubElement(etree.SubElement(made, f"{{{SOAP}}}Reason"), f"{{{SOAP}}}Text")
    told.set("{http://www.w3.org/XML/1998/namespace}lang", "fr")
    told.text = reason
    return made


def only(parent: Element, tag: str) -> Element | None:
    """The child of a name, or ``None``; :class:`Unreadable` when there are several, of which readers could choose differently."""
    found = parent.findall(tag)
    if len(found) > 1:
        raise Unreadable("twice")
    return found[0] if found else None


def _said(header: Element | None, name: str) -> str:
    return "" if header is None else text_of(only(header, f"{{{WSA}}}{name}"))
