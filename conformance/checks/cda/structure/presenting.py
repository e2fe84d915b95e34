"""The style sheet around a self-presenting document: the XSLT part of what the published schema validates.

A document that presents itself is an XSLT style sheet that holds it as data, and that a browser applies to itself. Form read
in the three published examples (``xml-stylesheet`` with ``href="#"``, then the document in an element of the CI-SIS); rules of
XSLT 2.0, whose schema the published one imports (W3C, XSL Transformations 2.0, sections 2.2, 3.6, 3.6.3 and 3.10).
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from conformance.checks.subjects.cda import XSL, CdaDocument
from conformance.checks.subjects.cda_element import HL7, xpath_of
from conformance.checks.subjects.xml import Element, line_of
from conformance.core.finding import Finding, Where, error, warning
from conformance.core.words import Basis

NAMES = frozenset(
    [
        "analyze-string",
        "apply-imports",
        "apply-templates",
        "attribute",
        "attribute-set",
        "call-template",
        "character-map",
        "choose",
        "comment",
        "copy",
        "copy-of",
        "decimal-format",
        "document",
        "element",
        "fallback",
        "for-each",
        "for-each-group",
        "function",
        "if",
        "import",
        "import-schema",
        "include",
        "key",
        "matching-substring",
        "message",
        "namespace",
        "namespace-alias",
        "next-match",
        "non-matching-substring",
        "number",
        "otherwise",
        "output",
        "output-character",
        "param",
        "perform-sort",
        "preserve-space",
        "processing-instruction",
        "result-document",
        "sequence",
        "sort",
        "strip-space",
        "stylesheet",
        "template",
        "text",
        "transform",
        "value-of",
        "variable",
        "when",
        "with-param",
    ]
)
OUTSIDE = (f"{{{XSL}}}import", f"{{{XSL}}}include", f"{{{XSL}}}import-schema")
# A style sheet that is wrong everywhere is told of its first faults.
MOST = 20


def presenting(document: CdaDocument) -> Iterator[Finding]:
    """What is wrong with the style sheet around a document; nothing for a document that has none."""
    if document.root is None:
        return
    sheet: Element = document.root.getroottree().getroot()
    if sheet is document.root:
        return
    if not sheet.get("version"):
        yield error("cda.presenting.version", where=_where(document, sheet), expected="@version")
    held = sum(1 for _ in sheet.iter(f"{{{HL7}}}ClinicalDocument"))
    if held > 1:
        yield error("cda.presenting.several", where=_where(document, sheet), expected="1", got=str(held), beyond=True)
    yield from _instructions(document, sheet)
    for element in sheet.iterchildren("*"):
        if not str(element.tag).startswith("{"):
            yield error("cda.presenting.bare", where=_where(document, element), got=str(element.tag)[:80])
    if not _applies_itself(sheet):
        place = _where(document, sheet)
        yield warning("cda.presenting.unapplied", where=place, expected='href="#"', basis=Basis.HYPOTHESIS)


def _instructions(document: CdaDocument, sheet: Element) -> Iterator[Finding]:
    """The elements of XSLT that do not exist, and those that bring something in from outside."""
    faults = 0
    for element in sheet.iter(f"{{{XSL}}}*"):
        name = str(element.tag).rpartition("}")[2]
        if name not in NAMES and faults < MOST:
            faults += 1
            yield error("cda.presenting.unknown", where=_where(document, element), got=f"xsl:{name}"[:80])
        elif element.tag in OUTSIDE:
            got = (element.get("href") or element.get("schema-location") or "")[:200]
            yield warning("cda.presenting.outside", where=_where(document, element), got=got, beyond=True)


def _applies_itself(sheet: Element) -> bool:
    before = sheet.getprevious()
    while before is not None:
        if isinstance(before, etree._ProcessingInstruction) and before.target == "xml-stylesheet":  # noqa: SLF001
            return (before.get("href") or "").startswith("#")
        before = before.getprevious()
    return False


def _where(document: CdaDocument, element: Element) -> Where:
    return Where(part=document.part, line=line_of(element), xpath=xpath_of(element))
