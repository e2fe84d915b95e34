"""The check of the data types of a header: what ``xsi:type`` declares, and the rules of each type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.cda.datatypes.rule import XSI_TYPE, Rule
from conformance.checks.cda.header.tree import Node
from conformance.checks.cda.header.walk import visits
from conformance.checks.cda.rules import SOURCE, at, cda_check
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import HL7, text_of
from conformance.checks.subjects.xml import Element
from conformance.core.check import Context
from conformance.core.finding import Finding


@cda_check("cda.datatypes", source=f"{SOURCE}, types de données (DT:AD … DT:URL, dtr1-…) et xsi:type")
def the_values_follow_their_types(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """Every value of the header follows the rules of its data type, and declares no other.

    Pass: what is null is nothing else, a code comes with its system, an identifier with its root, a time is of the
    calendar, an interval in order, an address or a name of one kind; an ``xsi:type`` is the one of the place.
    Fail: one of the rules is broken. Those that the published rules only advise are warnings.
    """
    for element, node, plan, _ in visits(document):
        if plan.declares:
            yield from _declared(document, element, node)
        for rule in plan.values:
            if not rule.holds(element):
                yield _broken(document, element, node, rule)


def _declared(document: CdaDocument, element: Element, node: Node) -> Iterator[Finding]:
    prefix, _, local = element.get(XSI_TYPE, "").strip().rpartition(":")
    if element.nsmap.get(prefix or None) == HL7 and local == node.declared:
        return
    told: dict[str, Any] = {"element": node.step.name, "rule": node.rule}
    where = at(document, element, "xsi:type")
    got = element.get(XSI_TYPE)
    yield Finding("cda.datatype.declared", where=where, expected=node.declared, got=got, values=told)


def _broken(document: CdaDocument, element: Element, node: Node, rule: Rule) -> Finding:
    got = ", ".join(f"@{str(k).rpartition('}')[2]}={v!r}" for k, v in element.attrib.items()) or text_of(element)[:80]
    told: dict[str, Any] = {"element": node.step.name, "type": node.type, "rule": rule.id}
    where = document.where(element)
    return Finding("cda.datatype", rule.level, expected=rule.expected, got=got or None, where=where, values=told)
