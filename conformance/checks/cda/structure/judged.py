"""The structure of a document, judged by the tables: content models, attributes, types and references inside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from lxml import etree

from conformance.checks.cda.rules import at, cda_check
from conformance.checks.cda.structure.presenting import presenting
from conformance.checks.cda.structure.schema import validator
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import HL7
from conformance.checks.subjects.xml import Element
from conformance.core.check import Context
from conformance.core.finding import Finding, Where, error

# After so many, the faults follow from each other.
MOST = 50
_CODES: Mapping[str, str] = {
    "SCHEMAV_ELEMENT_CONTENT": "cda.structure.unexpected",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "cda.structure.no-attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "cda.structure.unknown-attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "cda.structure.not-empty",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": "cda.structure.not-empty",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "cda.structure.text",
    "SCHEMAV_CVC_ELT_4_2": "cda.structure.type",
    "SCHEMAV_CVC_ELT_4_3": "cda.structure.type",
    "SCHEMAV_CVC_TYPE_2": "cda.structure.type",
    "SCHEMAV_CVC_AU": "cda.structure.value",
    "SCHEMAV_CVC_ENUMERATION_VALID": "cda.structure.value",
    "SCHEMAV_CVC_PATTERN_VALID": "cda.structure.value",
    "SCHEMAV_CVC_MINLENGTH_VALID": "cda.structure.value",
    "SCHEMAV_CVC_MININCLUSIVE_VALID": "cda.structure.value",
    "SCHEMAV_CVC_MAXINCLUSIVE_VALID": "cda.structure.value",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "cda.structure.value",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_2": "cda.structure.value",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_3": "cda.structure.value",
}
_NAMESPACE = re.compile(r"\{(?:urn|http):[^}]*\}")
_ATTRIBUTE = re.compile(r"attribute '([^']+)'")
_REQUIRED = re.compile(r"The attribute '([^']+)' is required")
_EXPECTED = re.compile(
    r"Expected is(?: one of)? \( (.*) \)|the set \{(.*)\}|the pattern '(.*)'|constraint '([^']*)'"
    r"|allowed minimum length of '(\d+)'|value of the \w+ type '([^']+)'"
)
_VALUE = re.compile(r"[Tt]he (?:QName )?value '(.*?)' (?:is|does|has|of)|: '(.*)' is not a valid")
# What refers to an ID of the document, and by which attribute (CDA R2, narrative block).
_REFERRING: Mapping[str, str] = {
    f"{{{HL7}}}footnoteRef": "IDREF",
    f"{{{HL7}}}renderMultiMedia": "referencedObject",
    f"{{{HL7}}}td": "headers",
    f"{{{HL7}}}th": "headers",
}
# Few cells of the many name their headers: libxml2 leaves out the others faster than a walk over all of them.
_REFERRERS = etree.XPath(
    "descendant::h:footnoteRef/@IDREF/.. | descendant::h:renderMultiMedia/@referencedObject/.. | descendant::*/@headers/..",
    namespaces={"h": HL7},
)
_IDENTIFIERS = etree.XPath("/descendant::*/@ID", smart_strings=False)


@cda_check("cda.structure", source="HL7 CDA R2 (POCD_MT000040), extensions CI-SIS, IHE et SDTC ; TestContenuCDA-3-0")
def the_structure_is_that_of_cda(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """The whole document, header and body, is built as CDA R2 and its extensions say.

    Pass: every element is expected where it stands, complete, with attributes of the right type; what it refers to by ID
    is in the document.
    Fail: an element or an attribute is unknown, out of order, one too many or missing; a value is not of its type; an
    ``xsi:type`` does not fit; a reference leads nowhere; the style sheet around a self-presenting document is none.
    """
    root = cast("Element", document.root)
    schema = validator()
    if not schema.validate(root):
        seen: set[tuple[str, str]] = set()
        for entry in cast("Iterable[Any]", schema.error_log):
            key = (entry.path or "", _first(_ATTRIBUTE, entry.message) or "")
            # A value refused by a facet is refused again by its type; an element of no type has no further fault.
            if key not in seen and len(seen) < MOST:
                seen.add(key)
                yield _told(document, root, entry)
    yield from _references(document, root)
    yield from presenting(document)


def _told(document: CdaDocument, root: Element, entry: Any) -> Finding:
    """One error of libxml2 (``message``, ``type_name``, ``path``, ``line``) as a finding."""
    message = entry.message
    code = _CODES.get(entry.type_name, "cda.structure.invalid")
    if code.endswith("unexpected") and "Missing child" in message:
        code = "cda.structure.incomplete"
    plain = _NAMESPACE.sub("", message)
    attribute = _first(_REQUIRED, plain) or _first(_ATTRIBUTE, plain)
    element = _element(root, entry)
    expected = _first(_EXPECTED, plain)
    return error(
        code,
        where=_where(document, element, entry.line, None if code.endswith("no-attribute") else attribute),
        expected=expected or (attribute if code.endswith("no-attribute") else None),
        got=_first(_VALUE, plain) or (_local(element) if code.endswith("unexpected") and element is not None else None),
        element=_NAMESPACE.sub("", message.partition("'")[2].partition("'")[0]),
        attribute=attribute or "text()",
        reason=plain,
    )


def _references(document: CdaDocument, root: Element) -> Iterator[Finding]:
    """IDREF and IDREFS name an ID of the document; libxml2 does not look."""
    referring = [e for e in cast("list[Element]", _REFERRERS(root)) if e.get(_REFERRING.get(e.tag, ""))]
    if not referring:
        return
    known = set(cast("list[str]", _IDENTIFIERS(root)))
    for element in referring:
        attribute = _REFERRING[element.tag]
        for name in element.get(attribute, "").split():
            if name not in known:
                where = _where(document, element, None, attribute)
                values = {"element": _local(element), "attribute": attribute}
                yield error("cda.structure.reference", where=where, expected="ID", got=name, **values)


def _element(root: Element, entry: Any) -> Element | None:
    """The element at the path of an error, read from the document that was judged."""
    relative = re.sub(r"^/[^/]+", ".", entry.path or "")
    names = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.xpath(relative or ".", namespaces=names)
    except etree.XPathError:
        return None
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else None  # noqa: SLF001


def _where(document: CdaDocument, element: Element | None, line: int | None, attribute: str | None) -> Where:
    if element is None:
        return Where(part=document.part, line=line)
    return document.where(element) if attribute is None else at(document, element, attribute)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return next((group for group in found.groups() if group is not None), None) if found else None
