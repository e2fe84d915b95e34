"""Values of a structured body, whatever the template they stand in: times, intervals, identifiers, telecoms, nulls.

The published rules judge the data types of the header only; these are the rules of the same types for the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from lxml import etree

from conformance.checks.cda import forms
from conformance.checks.cda.acts import reversed_interval
from conformance.checks.cda.body.bounded import body_check
from conformance.checks.cda.contact import unusable
from conformance.checks.cda.rules import at
from conformance.checks.subjects.cda_body import ModelledBody
from conformance.checks.subjects.cda_element import HL7
from conformance.checks.subjects.xml import Element
from conformance.core.finding import Finding, error, warning

_NULL = etree.XPath("descendant::*/@nullFlavor/..")
# What says something where a null says that nothing is known; an identifier may keep its root (UNC, HL7 data types).
_SAYING = ("value", "code", "extension")
_NAMING = frozenset({"name", "addr", "given", "family"})


@body_check("cda.body.values", source="HL7 v3 Data Types R1 (ANY, II, TS, IVL, TEL) ; RFC 3966, RFC 6068")
def the_values_of_the_body_are_values(body: ModelledBody) -> Iterator[Finding]:
    """The times, identifiers, telecoms and nulls of the body are what their types allow.

    Pass: intervals end after they begin, what is null says nothing else, telecoms can be used, times are of the calendar
    and identifiers have an OID or a UUID as root.
    Fail: an interval is reversed, a null bears a value, an address of mail or a number cannot be one. A time that is not of
    the calendar, and a root that is neither OID nor UUID, are warnings: published examples hold some.
    """
    if body.structured is None:
        return
    for element in body.every("time"):
        value = element.get("value")
        if len(element) or (value is not None and forms.moment(value) is None):
            yield from _times(body, element)
    for element in body.every("identifier"):
        root = element.get("root")
        if root is not None and not _is_root(root):
            place = at(body.document, element, "root")
            yield warning("cda.n3.root", where=place, expected="OID | UUID", got=root, beyond=True)
    for element in body.every("telecom"):
        if fault := unusable(element.get("value")):
            place, got = at(body.document, element, "value"), element.get("value")
            yield error("cda.telecom.form", where=place, expected=fault, got=got, beyond=True)
    for element in cast("list[Element]", _NULL(body.structured)):
        said = _said(element)
        if said:
            flavor = element.get("nullFlavor")
            place = body.document.where(element)
            yield error("cda.n3.null", where=place, expected=f"@nullFlavor={flavor}", got=said, beyond=True)


# Bounded; a body writes the same few authorities again and again.
@lru_cache(maxsize=1024)
def _is_root(value: str) -> bool:
    return forms.OID_OR_UUID.accepts(value)


def _times(body: ModelledBody, element: Element) -> Iterator[Finding]:
    bounds = body.document.tree.children(element) if len(element) else {}
    for one in (element, *(bound for name in ("low", "high") for bound in bounds.get(f"{{{HL7}}}{name}", ()))):
        value = one.get("value")
        if value is not None and forms.moment(value) is None:
            place, expected = at(body.document, one, "value"), forms.TIME.expected
            named = {"element": str(one.tag).rpartition("}")[2], "attribute": "value", "rule": "TS"}
            yield warning("cda.not-a-time", where=place, expected=expected, got=value, beyond=True, **named)
    if bounds:
        yield from reversed_interval(body.document, element)


def _said(element: Element) -> str | None:
    """What an element says although it is null."""
    for name in _SAYING:
        if element.get(name) is not None and not (name == "extension" and element.get("nullFlavor") == "UNC"):
            return f"@{name}={element.get(name)}"
    if str(element.tag).rpartition("}")[2] in _NAMING and ((element.text or "").strip() or len(element)):
        return "…"
    return None
