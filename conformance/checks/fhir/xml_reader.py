"""FHIR in XML, brought to the JSON model by the definitions: same checks, same places.

Source: FHIR R4 4.0.1, xml.html. What has no place in the model (unknown elements, attributes, order) becomes a fault of
its own, because the JSON model could not show it. XML is read by :mod:`conformance.checks.subjects.xml`, under guard.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from conformance.checks.fhir.definitions import Tables
from conformance.checks.fhir.element import Element, TypeRef
from conformance.checks.fhir.json_reader import ReadFault
from conformance.checks.fhir.narrative import XHTML
from conformance.checks.subjects.xml import Element as Node
from conformance.checks.subjects.xml import line_of, parse_xml

FHIR = "http://hl7.org/fhir"
_RESOURCES = ("Resource", "DomainResource")
DEPTH = 60
FAULTS = 200


class XmlReader:
    """One document; :attr:`faults` are what the XML form alone gets wrong."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.faults: list[ReadFault] = []

    def read(self, content: bytes) -> tuple[dict[str, Any] | None, ReadFault | None]:
        """The resource as JSON would hold it, or why there is none; never raises."""
        parsed = parse_xml(content)
        if parsed.root is None:
            fault = parsed.fault
            if fault is None:
                return None, ReadFault("fhir.read.not-xml")
            return None, ReadFault(fault.code, fault.line, fault.column, fault.expected, fault.got, fault.values)
        name = etree.QName(parsed.root)
        if name.namespace != FHIR:
            expected = f"{{{FHIR}}}"
            return None, ReadFault("fhir.read.not-fhir", line=line_of(parsed.root), expected=expected, got=str(name))
        if _deeper(parsed.root):
            return None, ReadFault("fhir.read.too-deep", expected=f"≤ {DEPTH}")
        return self._resource(parsed.root), None

    def _resource(self, node: Node) -> dict[str, Any]:
        kind = etree.QName(node).localname
        return {"resourceType": kind, **self._object(node, self._tables.root(kind))}

    def _object(self, node: Node, element: Element | None) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for attribute, text in node.attrib.items():
            name = str(attribute)
            if name in ("id", "url"):
                made[name] = str(text)
            elif not name.startswith("{"):
                self._told("fhir.xml.attribute", node, name)
        self._text(node)
        highest = -1
        ranks = {id(child): i for i, child in enumerate(element.children.values())} if element else {}
        for inner in _elements(node):
            name, namespace = etree.QName(inner).localname, etree.QName(inner).namespace
            hit = element.keys.get(name) if element else None
            if namespace != FHIR and not (name == "div" and namespace == XHTML):
                self._told("fhir.xml.namespace", inner, str(inner.tag))
            if hit is not None:
                rank = ranks.get(id(hit[0]), highest)
                if rank < highest:
                    self._told("fhir.xml.order", inner, name)
                highest = max(rank, highest)
            self._put(made, name, inner, hit)
        return {name: value for name, value in made.items() if not _hollow(name, value, made)}

    def _put(self, made: dict[str, Any], name: str, node: Node, hit: tuple[Element, TypeRef | None] | None) -> None:
        child, ref = hit or (None, None)
        if child is not None and ref is None and child.types:
            ref = child.types[0]
        value, beside = self._value(node, child, ref)
        array = name in made if child is None else child.array
        if not array:
            if name in made or f"_{name}" in made:
                # Twice where once is allowed: an array, which the walk then refuses.
                made[name] = [made.get(name), value]
                return
            if value is not None:
                made[name] = value
            if beside:
                made[f"_{name}"] = beside
            return
        already = made.get(name)
        items = made[name] = already if isinstance(already, list) else []
        items.append(value)
        siblings = made.get(f"_{name}", [])
        if beside or siblings:
            made[f"_{name}"] = [*siblings, *[None] * (len(items) - 1 - len(siblings)), beside or None]

    def _value(self, node: Node, child: Element | None, ref: TypeRef | None) -> tuple[Any, dict[str, Any] | None]:
        if ref is not None and ref.code == "xhtml":
            return etree.tostring(node, encoding="unicode", with_tail=False), None
        if child is not None and child.reference:
            return self._object(node, self._referred(child)), None
        if ref is not None and ref.primitive:
            return self._primitive(node, ref)
        if ref is not None and (ref.code in _RESOURCES or self._is_resource(ref.code)):
            inner = _elements(node)
            if len(inner) != 1:
                self._told("fhir.xml.resource", node, str(len(inner)))
            return (self._resource(inner[0]) if inner else {}), None
        if child is not None and child.children:
            return self._object(node, child), None
        return self._object(node, self._tables.root(ref.code) if ref else None), None

    def _primitive(self, node: Node, ref: TypeRef) -> tuple[Any, dict[str, Any] | None]:
        raw = node.get("value")
        beside: dict[str, Any] = {}
        if (own := node.get("id")) is not None:
            beside["id"] = own
        for attribute in node.attrib:
            if attribute not in ("value", "id"):
                self._told("fhir.xml.attribute", node, str(attribute))
        self._text(node)
        extensions = _elements(node)
        for inner in extensions:
            if etree.QName(inner).localname == "extension":
                beside.setdefault("extension", []).append(self._object(inner, self._tables.root("Extension")))
            else:
                self._told("fhir.xml.inside", inner, str(etree.QName(inner).localname))
        if raw is None and not beside:
            return "", None
        return (None if raw is None else _typed(raw, ref.code)), beside or None

    def _referred(self, child: Element) -> Element | None:
        id = (child.reference or "").partition("#")[2]
        found = self._tables.structure(id.partition(".")[0])
        return found.elements.get(id) if found else None

    def _is_resource(self, code: str) -> bool:
        found = self._tables.structure(code)
        return found is not None and found.kind == "resource"

    def _text(self, node: Node) -> None:
        texts = [node.text, *(inner.tail for inner in node)]
        if stray := next((t.strip() for t in texts if t and t.strip()), None):
            self._told("fhir.xml.text", node, stray[:60])

    def _told(self, code: str, node: Node, got: str) -> None:
        if len(self.faults) < FAULTS:
            self.faults.append(ReadFault(code, line=line_of(node), got=got))


def _typed(text: str, code: str) -> Any:
    """The JSON value of a ``value`` attribute; one that is not of its type stays a text, which the walk then refuses."""
    if code == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if code in ("integer", "unsignedInt", "positiveInt"):
        # R4: no sign before a positive number, no leading zero.
        plain = text.removeprefix("-")
        valid = plain.isascii() and plain.isdigit() and len(plain) < 20 and (plain == "0" or plain[0] != "0")
        return int(text) if valid else text
    if code == "decimal":
        try:
            return (
                float(text) if text.strip() == text and text.isascii() and len(text) < 64 and "_" not in text else text
            )
        except ValueError:
            return text
    return text


def _deeper(root: Node) -> bool:
    level = [root]
    for _ in range(DEPTH):
        level = [inner for node in level for inner in _elements(node)]
        if not level:
            return False
    return any(etree.QName(node).namespace != XHTML for node in level)


def _hollow(name: str, value: Any, made: dict[str, Any]) -> bool:
    """An array without any value, whose extensions stand in its sibling."""
    return isinstance(value, list) and f"_{name}" in made and all(item is None for item in value)


def _elements(node: Node) -> list[Node]:
    """The child elements, without comments and processing instructions."""
    return list(node.iterchildren("{*}*"))
