"""Narratives: well-formed XHTML with the formatting elements that FHIR allows, and nothing that runs.

Source: FHIR R4 4.0.1, narrative.html#xhtml (txt-1, txt-2).
"""

from __future__ import annotations

import re
from html.entities import name2codepoint

from conformance.checks.subjects.xml import Bounds, Element, parse_xml

XHTML = "http://www.w3.org/1999/xhtml"
_TAGS = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "del",
        "kbd",
        "li",
        "map",
        "area",
        "ol",
        "p",
        "pre",
        "q",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ]
)
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,9});")
_KEPT = ("amp", "lt", "gt", "quot", "apos")
_ACTIVE = ("javascript:", "vbscript:")
_BOUNDS = Bounds(size=8 * 1024 * 1024, marks=400_000)


def narrative_fault(value: str) -> tuple[str, str] | None:
    """The first fault of a narrative: a code of ``fhir.narrative.*`` and what came; ``None`` when it is sound."""
    parsed = parse_xml(_ENTITY.sub(_numbered, value).encode("utf-8", "replace"), _BOUNDS)
    if parsed.root is None:
        return "fhir.narrative.not-xhtml", str(parsed.fault.got or parsed.fault.code) if parsed.fault else ""
    if parsed.root.tag != f"{{{XHTML}}}div":
        return "fhir.narrative.root", str(parsed.root.tag)
    for element in parsed.root.iter():
        if fault := _element_fault(element):
            return fault
    text = "".join(str(part) for part in parsed.root.itertext())
    if not text.strip() and parsed.root.find(f".//{{{XHTML}}}img") is None:
        return "fhir.narrative.empty", "<div/>"
    return None


def _element_fault(element: Element) -> tuple[str, str] | None:
    tag = element.tag
    if not isinstance(tag, str):
        return None if callable(tag) and getattr(tag, "__name__", "") == "Comment" else ("fhir.narrative.element", "<?")
    name = tag.removeprefix(f"{{{XHTML}}}")
    if name not in _TAGS:
        return "fhir.narrative.element", f"<{name}>"
    for attribute, content in element.attrib.items():
        label = str(attribute)
        if label.lower().startswith("on") or str(content).strip().lower().startswith(_ACTIVE):
            return "fhir.narrative.attribute", f"<{name} {label}>"
    return None


def _numbered(found: re.Match[str]) -> str:
    name = found.group(1)
    if name in _KEPT or name not in name2codepoint:
        return found.group(0)
    return f"&#{name2codepoint[name]};"
