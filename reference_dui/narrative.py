"""What a reader sees of a document with coded sections: their titles and their words (CDA R2, section/text)."""

from __future__ import annotations

from lxml.etree import tostring

from .faults import Fault
from .header import HL7, MAX_CDA, document_in
from .safe_xml import Element, read_xml

MAX_SECTIONS = 200
MAX_WORDS = 20_000
# Elements of a narrative block that begin a line.
_LINES = frozenset({f"{HL7}{name}" for name in ("paragraph", "item", "tr", "br", "caption", "title")})


def sections_of(content: bytes) -> list[tuple[str, list[str]]]:
    """Title and lines of each section, in order; nothing for a document without sections or that is not readable."""
    try:
        root = read_xml(content, MAX_CDA)
    except Fault:
        return []
    found = [s for n, s in enumerate(root.iter(f"{HL7}section")) if n < MAX_SECTIONS]
    return [((s.findtext(f"{HL7}title") or "").strip(), _lines(s.find(f"{HL7}text"))) for s in found]


def unwrapped(content: bytes) -> bytes:
    """The document alone, without the style sheet that presents it: what no product may keep in its place (CDA/INT.15)."""
    root = read_xml(content, MAX_CDA)
    inner = document_in(root)
    return content if inner is root else tostring(inner, encoding="utf-8", xml_declaration=True)


def _lines(text: Element | None) -> list[str]:
    """The words of a narrative block, a line for each paragraph, item or row; as text only, so nothing in it can act."""
    if text is None:
        return []
    lines: list[list[str]] = [[]]
    for element in text.iter():
        if element.tag in _LINES:
            lines.append([])
        lines[-1] += [part for part in (element.text, element.tail) if part and part.strip()]
    return [" ".join(" ".join(line).split())[:MAX_WORDS] for line in lines if line]
