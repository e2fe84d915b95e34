"""An expanded Schematron written as XSLT, whose output is SVRL (ISO/IEC 19757-3:2016, annex H).

Each pattern is a mode; in a pattern, the first rule whose context matches a node is the one that fires, so rules are
templates of falling priority. Paths are relative to where the Schematron lies (``xml:base``).
"""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from conformance.checks.subjects.xml import Element
from conformance.official.layout import ISO
from conformance.official.schematron import Expanded, Uncompilable, rule_parts

XSL = "http://www.w3.org/1999/XSL/Transform"
SVRL = "http://purl.oclc.org/dsdl/svrl"
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_S, _X, _V = f"{{{ISO}}}", f"{{{XSL}}}", f"{{{SVRL}}}"
# What a schema may bring of XSLT and cannot act outside the transformation.
_FOREIGN = frozenset(f"{_X}{name}" for name in ("function", "key", "variable", "param"))
_KEPT = ("test", "id", "role", "flag")


def write_sheet(schema: Expanded, base: Path) -> bytes:
    """The style sheet; ``base`` is the file of the top Schematron, from which ``doc()`` reads."""
    sheet = etree.Element(f"{_X}stylesheet", nsmap=_namespaces(schema), version="2.0")
    sheet.set(XML_BASE, base.as_uri())
    etree.SubElement(sheet, f"{_X}output", method="xml", encoding="UTF-8")
    for child in schema.root:
        if child.tag in _FOREIGN:
            sheet.append(child)
    _globals(sheet, schema)
    start = etree.SubElement(sheet, f"{_X}template", match="/")
    output = etree.SubElement(start, f"{_V}schematron-output")
    for number, pattern in enumerate(schema.patterns):
        etree.SubElement(output, f"{_X}apply-templates", select="/", mode=f"M{number}")
        _pattern(sheet, pattern, number, schema)
    return etree.tostring(sheet, xml_declaration=True, encoding="UTF-8")


def rebased(sheet: bytes, base: Path) -> bytes:
    """A sheet that another compiler wrote, made to read from where the Schematron lies."""
    root = etree.fromstring(sheet, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    root.set(XML_BASE, base.as_uri())
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _namespaces(schema: Expanded) -> dict[str, str]:
    names: dict[str, str] = {prefix: uri for prefix, uri in schema.namespaces.items() if prefix and uri}
    for element in (schema.root, *schema.patterns):
        for prefix, uri in element.nsmap.items():
            if prefix:
                names.setdefault(prefix, uri)
    # Prefixes of ours that a schema would hardly take, and may.
    names.setdefault("xsl", XSL)
    names.setdefault("svrl", SVRL)
    names.setdefault("xs", "http://www.w3.org/2001/XMLSchema")
    return names


def _globals(sheet: Element, schema: Expanded) -> None:
    """Variables of the schema and of its patterns: both are global in SVRL engines (ISO/IEC 19757-3, 5.4.5)."""
    known: dict[str, str] = {}
    lets = [*schema.root.iterchildren(f"{_S}let")]
    for pattern in schema.patterns:
        lets += pattern.iterchildren(f"{_S}let")
    for let in lets:
        name, value = let.get("name", ""), let.get("value") or "''"
        if known.setdefault(name, value) != value:
            raise Uncompilable(f"variable {name!r} has two values")
    for name, value in known.items():
        etree.SubElement(sheet, f"{_X}variable", name=name, select=value)


def _pattern(sheet: Element, pattern: Element, number: int, schema: Expanded) -> None:
    mode = f"M{number}"
    rules = [each for each in pattern.iterchildren(f"{_S}rule") if each.get("abstract") != "true"]
    for order, rule in enumerate(rules):
        template = etree.SubElement(sheet, f"{_X}template", match=rule.get("context", ""), mode=mode)
        template.set("priority", str(1000 + len(rules) - order))
        fired = etree.SubElement(template, f"{_V}fired-rule")
        if rule.get("id"):
            fired.set("id", rule.get("id", ""))
        for part in rule_parts(rule, schema.abstract_rules):
            _part(template, part)
        _go_on(template, mode, rules)
    every = etree.SubElement(sheet, f"{_X}template", match="@*|node()|/", mode=mode, priority="-2")
    _go_on(every, mode, rules)


def _go_on(template: Element, mode: str, rules: list[Element]) -> None:
    attributes = any("@" in rule.get("context", "") or "attribute::" in rule.get("context", "") for rule in rules)
    below = "@*|node()" if attributes else "*|comment()|processing-instruction()"
    etree.SubElement(template, f"{_X}apply-templates", select=below, mode=mode)


def _part(template: Element, part: Element) -> None:
    if part.tag == f"{_S}let":
        etree.SubElement(template, f"{_X}variable", name=part.get("name", ""), select=part.get("value") or "''")
    elif part.tag in {f"{_S}assert", f"{_S}report"}:
        failed = part.tag == f"{_S}assert"
        test = part.get("test", "")
        held = etree.SubElement(template, f"{_X}if", test=f"not({test})" if failed else test)
        told = etree.SubElement(held, f"{_V}failed-assert" if failed else f"{_V}successful-report")
        for name in _KEPT:
            if value := part.get(name):
                # Braces would be read as an expression in an attribute of the result.
                told.set(name, value.replace("{", "{{").replace("}", "}}"))
        place = etree.SubElement(told, f"{_X}attribute", name="location")
        place.set("select", "path(.)")
        _message(etree.SubElement(told, f"{_V}text"), part)


def _message(target: Element, source: Element) -> None:
    _text(target, source.text)
    for child in source:
        if child.tag == f"{_S}value-of":
            etree.SubElement(target, f"{_X}value-of", select=child.get("select", "''"))
        elif child.tag == f"{_S}name":
            path = child.get("path")
            etree.SubElement(target, f"{_X}value-of", select=f"name({path})" if path else "name(.)")
        elif isinstance(child.tag, str):
            _message(target, child)
        _text(target, child.tail)


def _text(target: Element, text: str | None) -> None:
    if text and text.strip():
        etree.SubElement(target, f"{_X}text").text = text
    elif text:
        etree.SubElement(target, f"{_X}text").text = " "
