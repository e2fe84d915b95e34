"""Small readings of an HL7 v3 element: its text, its identifier, its base64 content, its path."""

from __future__ import annotations

import base64
import binascii
import re

from conformance.checks.subjects.xml import Element

HL7 = "urn:hl7-org:v3"
SDTC = "urn:hl7-org:sdtc"
_SPACES = re.compile(r"\s+")


def text_of(element: Element) -> str:
    """The whole text of an element, white space folded."""
    return _SPACES.sub(" ", "".join(str(t) for t in element.itertext(with_tail=False))).strip()


def identifier_of(element: Element | None) -> str | None:
    """An HL7 II as one string: ``root`` or ``root^extension``; ``None`` without a root."""
    if element is None or not element.get("root"):
        return None
    extension = element.get("extension")
    return f"{element.get('root')}^{extension}" if extension else element.get("root")


def decoded(element: Element) -> bytes | None:
    """The base64 content of an ``ED`` element; ``None`` when it is not strict base64."""
    text = "".join((element.text or "").split())
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def xpath_of(element: Element) -> str:
    """The path of an element by local names, numbered among its namesakes only where there are several."""
    steps = []
    node: Element | None = element
    while node is not None:
        parent = node.getparent()
        name = str(node.tag).rpartition("}")[2]
        twins = [] if parent is None else [n for n in parent if n.tag == node.tag]
        steps.append(f"{name}[{twins.index(node) + 1}]" if len(twins) > 1 else name)
        node = parent
    return "/" + "/".join(reversed(steps))
