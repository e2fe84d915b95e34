"""The table of header rules, read once to a tree of nodes.

Steps (see ``steps.py``) are nested by indentation; what an element must meet stands under its step after a dash::

    participant[@typeCode]
      - II/INT SM-1; 0..1 code SM-2/SM-3; 1..1 (a | b) SM-4; @code! text SM-5; @use = H|WP SM-6; @code in ROLE SM-7
      &address

A word in capitals is the data type (``INT.POS/INT``: the rules of the first, ``xsi:type`` of the second). Of an attribute,
``!`` says that it must be there, a word the form of its value. ``&name`` repeats a shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from conformance.checks.cda.forms import CODE, INTEGER, OID, OID_OR_UUID, TEXT, TIME, Form, exactly, one_of
from conformance.checks.cda.header.sets import SETS
from conformance.checks.cda.header.steps import Step, clark, step
from conformance.checks.cda.rules import Attribute, Coded
from conformance.checks.subjects.cda_tree import Tree
from conformance.checks.subjects.xml import Element

_FORMS: Mapping[str, Form] = {
    "text": TEXT,
    "oid": OID,
    "uid": OID_OR_UUID,
    "time": TIME,
    "code": CODE,
    "integer": INTEGER,
}
_COUNT = re.compile(r"(\d+)\.\.(\d+|\*) (.+)")
_VALUE = re.compile(r"@(\w+)(!)?(?: (text|oid|uid|time|code|integer)| = (\S+)| in (\w+))?")
_TYPE = re.compile(r"([A-Z]+(?:[._][A-Z]+)?)(?:/([A-Z_]+))?")


@dataclass(frozen=True, slots=True)
class Count:
    """How many children meet one of the steps."""

    least: int
    most: int | None
    steps: tuple[Step, ...]
    text: str
    rule: str

    def met(self, held: Mapping[str, list[Element]], tree: Tree) -> Sequence[Element]:
        """The children, by tag, that meet one of the steps."""
        if len(self.steps) > 1:
            return [e for step in self.steps for e in held.get(step.tag, ()) if step.holds(e, tree)]
        step = self.steps[0]
        found = held.get(step.tag, ())
        return [e for e in found if step.holds(e, tree)] if found and step.conditions else found


@dataclass(frozen=True, slots=True)
class Special:
    """A rule of one place only, by name."""

    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class TextIn:
    """The text of every element at a path is a code of a value set."""

    path: str
    values: str
    rule: str

    @property
    def tag(self) -> str:
        """The tag of the first step."""
        return clark(self.path.partition("/")[0])


# Compared by identity: a node is a place in the table.
@dataclass(slots=True, eq=False)
class Node:
    """What an element must meet, and the nodes of its children by tag.

    ``type`` is the data type whose rules apply, ``declared`` the one that ``xsi:type`` may name, ``rule`` says so.
    """

    step: Step
    type: str = ""
    declared: str = ""
    rule: str = ""
    counts: list[Count] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    codes: list[Coded] = field(default_factory=list)
    texts: list[TextIn] = field(default_factory=list)
    specials: list[Special] = field(default_factory=list)
    children: dict[str, list[Node]] = field(default_factory=dict)


@cache
def header() -> Node:
    """The tree of a whole header."""
    text = resources.files(__package__).joinpath("rules.txt").read_text(encoding="utf-8")
    return read(text)


def read(text: str) -> Node:
    """The tree of a table; what the notation does not know raises :class:`ValueError`."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    shapes: dict[str, Node] = {}
    root = Node(step("ClinicalDocument"))
    open_nodes = [(-1, root)]
    for line in _logical(lines):
        indent, content = len(line) - len(line.lstrip()), line.strip()
        while open_nodes[-1][0] >= indent:
            open_nodes.pop()
        parent = open_nodes[-1][1]
        if content.startswith("shape "):
            shapes[content[6:]] = made = Node(step("shape"))
            open_nodes = [(-1, made)]
        elif content == "document":
            open_nodes = [(-1, root)]
        elif content.startswith("- "):
            for rule in content[2:].split("; "):
                _add(parent, rule)
        elif content.startswith("&"):
            _repeat(parent, shapes[content[1:]])
        else:
            made = Node(step(content))
            parent.children.setdefault(made.step.tag, []).append(made)
            open_nodes.append((indent, made))
    _typed_once(root)
    return root


def _typed_once(node: Node) -> None:
    """Leave a data type to the node of every such element, where one of some of them names it as well."""
    for inners in node.children.values():
        general = {inner.type for inner in inners if not inner.step.conditions}
        for inner in inners:
            if inner.step.conditions and inner.type in general:
                inner.type = inner.declared = inner.rule = ""
            _typed_once(inner)


def _repeat(parent: Node, shape: Node) -> None:
    for tag, nodes in shape.children.items():
        parent.children.setdefault(tag, []).extend(nodes)


def _logical(lines: list[str]) -> list[str]:
    """The lines, each with the lines that go on with its rules (two columns further than the dash)."""
    joined: list[str] = []
    margin: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if margin is not None and indent == margin + 2 and joined:
            joined[-1] += f" {line.strip()}"
            continue
        margin = indent if line.lstrip().startswith("- ") else None
        joined.append(line)
    return joined


def _add(node: Node, text: str) -> None:
    head, _, rule = text.rpartition(" SM-")
    rule, head = (f"SM-{rule}", head) if head else ("", text)
    if match := _COUNT.fullmatch(head):
        least, most, what = match.groups()
        steps = tuple(step(word.strip()) for word in what.strip("()").split(" | ")) if what[0] == "(" else (step(what),)
        node.counts.append(Count(int(least), None if most == "*" else int(most), steps, what, rule))
    elif match := _VALUE.fullmatch(head):
        _value(node, match, rule)
    elif match := _TYPE.fullmatch(head):
        node.type, node.declared, node.rule = match[1], match[2] or match[1], rule
    elif head.startswith("text "):
        path, _, name = head[5:].partition(" in ")
        node.texts.append(TextIn("/".join(f"h:{part}" for part in path.split("/")), name, rule))
    elif head == "coded-or-null":
        node.specials.append(Special(head, rule))
    else:
        raise ValueError(f"not a rule: {text!r}")


def _value(node: Node, match: re.Match[str], rule: str) -> None:
    name, required, form, fixed, values = match.groups()
    if values:
        if name == "code":
            node.codes.append(Coded("", SETS[values], rule))
            return
        form_of = one_of(*(code for known in SETS[values].concepts.values() for code in known))
        node.attributes.append(Attribute("", name, form_of, rule, required=False))
        return
    wanted = _FORMS[form] if form else None
    if fixed:
        wanted = one_of(*fixed.split("|")) if "|" in fixed else exactly(fixed)
    node.attributes.append(Attribute("", name, wanted, rule, required=bool(required)))
