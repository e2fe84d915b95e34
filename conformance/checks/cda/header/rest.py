"""The check of every header rule that has no check of its own: how many, which attributes, which codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks.cda.contact import contacts
from conformance.checks.cda.header.closed import beyond_the_pattern
from conformance.checks.cda.header.sets import SETS
from conformance.checks.cda.header.tree import Count, Special, TextIn
from conformance.checks.cda.header.walk import visits
from conformance.checks.cda.rules import SOURCE, cda_check
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_element import text_of
from conformance.checks.subjects.xml import Element
from conformance.core.check import Context
from conformance.core.finding import Finding, error

# The roles whose addresses and telecoms no other check reads.
_ROLES = ("h:dataEnterer", "h:informant", "h:informationRecipient", "h:authenticator", "h:participant")


@cda_check("cda.header", source=f"{SOURCE}, rules SM-0037 to SM-1696 that no other check cites, SMC-001 to SMC-148")
def the_header_is_complete_and_sober(document: CdaDocument, _context: Context) -> Iterator[Finding]:
    """Every participant, act and link of the header holds what it must, no more than it may, in known codes.

    Pass: each element has the children, the attributes and the codes that the table of the header gives its place.
    Fail: one is missing, one too many, of another form, or of another value set. One for which a closed part has no
    place is a warning, as the published rules have it.
    """
    for element, node, plan, held in visits(document):
        for count in plan.counts:
            found = count.met(held, document.tree)
            if len(found) < count.least or (count.most is not None and len(found) > count.most):
                yield from _miscounted(document, element, count, found)
        for attribute in plan.attributes:
            if not attribute.holds(element):
                yield attribute.told(document, element)
        for coded in node.codes:
            yield from coded.judge_one(document, element)
        for text in plan.texts:
            yield from _texts(document, element, text)
        for special in node.specials:
            yield from _special(document, element, special)
    yield from contacts(document, _ROLES)
    yield from beyond_the_pattern(document)


def _miscounted(document: CdaDocument, parent: Element, count: Count, found: Sequence[Element]) -> Iterator[Finding]:
    values: dict[str, Any] = {"element": count.text, "rule": count.rule}
    if len(found) < count.least:
        if parent.get("nullFlavor") is None:
            yield error("cda.missing", where=document.where(parent), expected=count.text, **values)
    elif count.most is not None:
        place = document.where(found[count.most])
        yield error("cda.repeated", where=place, expected=f"≤ {count.most}", got=str(len(found)), **values)


def _texts(document: CdaDocument, parent: Element, rule: TextIn) -> Iterator[Finding]:
    known = SETS[rule.values]
    for element in document.find(rule.path, parent):
        value = text_of(element)
        if value and value not in known:
            values: dict[str, Any] = {
                "element": rule.path.rpartition(":")[2],
                "rule": rule.rule,
                "values_name": known.name,
            }
            expected = f"{known.name} {known.oid}"
            yield error("cda.unknown-code", where=document.where(element), expected=expected, got=value, **values)


def _special(document: CdaDocument, element: Element, rule: Special) -> Iterator[Finding]:
    """``coded-or-null``: a code and its system together, or neither and a nullFlavor."""
    here = [name for name in ("code", "codeSystem", "nullFlavor") if element.get(name) is not None]
    if here not in (["code", "codeSystem"], ["nullFlavor"]):
        expected, got = "@code @codeSystem | @nullFlavor", " ".join(f"@{name}" for name in here) or None
        yield error(
            "cda.header.coded-or-null", where=document.where(element), expected=expected, got=got, rule=rule.rule
        )
