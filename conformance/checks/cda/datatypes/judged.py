"""The check of the data types of a header: what ``xsi:type`` declares, and the rules of each type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from conformance.checks.cda.datatypes import shapes, values
from conformance.checks.cda.datatypes.rule import XSI, Rule, When
from conformance.checks.cda.header.tree import Node, visits
from conformance.checks.cda.rules import SOURCE, at, cda_check
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import HL7, text_of
from conformance.checks.subjects.xml import Element
from conformance.core.check import Context
from conformance.core.finding import Finding

# The rules of each type, then those of the type that it extends.
_OWN: Mapping[str, tuple[str | None, tuple[Rule, ...]]] = {
    "ANY": (None, values.ANY),
    "AD": ("ANY", shapes.AD),
    "BL": ("ANY", ()),
    "BIN": ("ANY", values.BIN),
    "ED": ("BIN", values.ED),
    "ST": ("ED", values.ST),
    "SC": ("ST", values.SC),
    "CD": ("ANY", values.CD),
    "CE": ("CD", values.CE),
    "CV": ("CE", ()),
    "CR": ("ANY", values.CR),
    "CS": ("ANY", values.CS),
    "EN": ("ANY", shapes.EN),
    "PN": ("EN", shapes.PN),
    "ON": ("EN", shapes.ON),
    "II": ("ANY", values.II),
    "QTY": ("ANY", values.QTY),
    "INT": ("QTY", values.INT),
    "INT.POS": ("INT", values.INT_POS),
    "TS": ("QTY", shapes.TS),
    "SXCM_TS": ("TS", shapes.SXCM_TS),
    "IVXB_TS": ("TS", shapes.IVXB_TS),
    "IVL_TS": ("SXCM_TS", shapes.IVL_TS),
    "URL": ("ANY", values.URL),
    "TEL": ("URL", values.TEL),
}
# As plain integers: the operators of an enumeration cost more than the rules they spare.
_NULL, _VALUED, _PARENT, _TWIN = (int(when) for when in When)
_TYPE = f"{{{XSI}}}type"


@cda_check("cda.datatypes", source=f"{SOURCE}, types de données (DT:AD … DT:URL, dtr1-…) et xsi:type")
def the_values_follow_their_types(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """Every value of the header follows the rules of its data type, and declares no other.

    Pass: what is null is nothing else, a code comes with its system, an identifier with its root, a time is of the
    calendar, an interval in order, an address or a name of one kind; an ``xsi:type`` is the one of the place.
    Fail: one of the rules is broken. Those that the published rules only advise are warnings.
    """
    for element, node, alone, held in visits(document):
        if not node.type:
            continue
        names = tuple(element.keys())
        if node.rule and _TYPE in names:
            yield from _declared(document, element, node)
        for rule in _applying(node.type, names, bool(held), alone):
            if not rule.holds(element):
                yield _broken(document, element, node, rule)


@cache
def rules_of(name: str) -> tuple[Rule, ...]:
    """The rules of a type and of those that it extends; an unknown name raises :class:`KeyError`."""
    parent, own = _OWN[name]
    return own if parent is None else (*rules_of(parent), *own)


# Bounded, since anyone may invent attributes; documents that read share a few dozen shapes.
@lru_cache(maxsize=2048)
def _applying(name: str, attributes: tuple[str, ...], parent: bool, alone: bool) -> tuple[Rule, ...]:  # noqa: FBT001 - a key of the cache
    """The rules of a type that an element of this shape could break."""
    met = (_NULL if "nullFlavor" in attributes else _VALUED) + (_PARENT if parent else 0) + (0 if alone else _TWIN)
    return tuple(
        rule
        for rule in rules_of(name)
        if rule.when & met == rule.when and (not rule.needs or not rule.needs.isdisjoint(attributes))
    )


def _declared(document: CdaDocument, element: Element, node: Node) -> Iterator[Finding]:
    prefix, _, local = element.get(_TYPE, "").strip().rpartition(":")
    if element.nsmap.get(prefix or None) == HL7 and local == node.declared:
        return
    told: dict[str, Any] = {"element": node.step.name, "rule": node.rule}
    where = at(document, element, "xsi:type")
    got = element.get(_TYPE)
    yield Finding("cda.datatype.declared", where=where, expected=node.declared, got=got, values=told)


def _broken(document: CdaDocument, element: Element, node: Node, rule: Rule) -> Finding:
    got = ", ".join(f"@{str(k).rpartition('}')[2]}={v!r}" for k, v in element.attrib.items()) or text_of(element)[:80]
    told: dict[str, Any] = {"element": node.step.name, "type": node.type, "rule": rule.id}
    where = document.where(element)
    return Finding("cda.datatype", rule.level, expected=rule.expected, got=got or None, where=where, values=told)
