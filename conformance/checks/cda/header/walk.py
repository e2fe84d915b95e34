"""The walk over a header: every element that the table speaks of, with what is left to judge of it.

Most rules are settled by the shape of an element: the attributes that it bears and the children that it holds, whatever
their values. Headers share a few hundred shapes, so each is settled once, and only what depends on values is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from conformance.checks.cda.datatypes.rule import XSI_TYPE, Rule, Shape
from conformance.checks.cda.datatypes.types import rules_of
from conformance.checks.cda.header.tree import Count, Node, TextIn, header
from conformance.checks.cda.rules import Attribute
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_tree import Tree, tags_of
from conformance.checks.subjects.xml import Element


class Plan(NamedTuple):
    """What is left to judge of the elements of one shape at one node.

    ``declares`` says that they bear an ``xsi:type`` of which the table has a rule, ``values`` are the rules of the data
    type that they could break, ``attributes``, ``counts`` and ``texts`` those that the shape does not settle, or breaks; ``inner``
    are the nodes of the children there, in the order of the table.
    """

    declares: bool
    values: tuple[Rule, ...]
    attributes: tuple[Attribute, ...]
    counts: tuple[Count, ...]
    texts: tuple[TextIn, ...]
    inner: tuple[tuple[str, tuple[Node, ...]], ...]


# An element met where the table speaks of it, its plan, and its children by tag. Plain: they are made by the thousand.
Visit: TypeAlias = tuple[Element, Node, Plan, Mapping[str, list[Element]]]


# Weak, so that nothing of a document outlives it: freeing one late slows the next.
_VISITS: WeakKeyDictionary[Tree, tuple[Visit, ...]] = WeakKeyDictionary()


def visits(document: CdaDocument) -> tuple[Visit, ...]:
    """Every element of the header that the table speaks of, parents first; one may be met at several nodes."""
    known = _VISITS.get(document.tree)
    if known is None:
        known = _VISITS[document.tree] = _walked(document)
    return known


def _walked(document: CdaDocument) -> tuple[Visit, ...]:
    if document.root is None:
        return ()
    tree = document.tree
    children = tree.children
    made = [_visit(document.root, header(), children(document.root), alone=True)]
    for _, _, plan, around in made:
        for tag, inners in plan.inner:
            found = around[tag]
            alone = len(found) == 1
            for child in found:
                for inner in inners:
                    if not inner.step.conditions or inner.step.holds(child, tree):
                        made.append(_visit(child, inner, children(child), alone=alone))  # noqa: PERF401 - the list grows as it is read
    return tuple(made)


def _visit(element: Element, node: Node, held: Mapping[str, list[Element]], *, alone: bool) -> Visit:
    attributes = tuple(element.keys())
    if not held:
        return element, node, _plan(node, attributes, (), (), alone), held
    return element, node, _plan(node, attributes, *tags_of(element, held), alone), held


# Bounded, since anyone may invent attributes.
@lru_cache(maxsize=4096)
def _plan(
    node: Node,
    attributes: tuple[str, ...],
    tags: tuple[str, ...],
    several: tuple[str, ...],
    alone: bool,
) -> Plan:
    """The plan of elements with these attributes and these children, ``several`` of them with namesakes."""
    shape = Shape(frozenset(attributes), frozenset(tags), not alone)
    return Plan(
        bool(node.rule) and XSI_TYPE in attributes,
        tuple(rule for rule in rules_of(node.type) if rule.concerns(shape)) if node.type else (),
        tuple(a for a in node.attributes if (a.form if a.name in attributes else a.required)),
        tuple(c for c in node.counts if not _met(c, tags, several)),
        tuple(text for text in node.texts if text.tag in tags),
        tuple((tag, tuple(inners)) for tag, inners in node.children.items() if tag in tags),
    )


def _met(count: Count, tags: tuple[str, ...], several: tuple[str, ...]) -> bool:
    """Whether the tags alone say that the number is right."""
    there = [step for step in count.steps if step.tag in tags]
    if not there:
        return count.least == 0
    if len(there) > 1 or there[0].conditions or there[0].tag in several:
        return False
    return count.least <= 1 and (count.most is None or count.most >= 1)
