"""The small language of the rule tables: paths from an element, with conditions on what they meet, and how many.

One rule is one line. ``text/reference`` asks for at least one; ``id 1`` for exactly one; ``author 0..1`` for at most one.
A step may bear conditions in brackets:

- ``[@code]`` the attribute is there; ``[@value|@nullFlavor]`` one of them is
- ``[@code=completed|active]`` the attribute has one of these values; ``[@root!=1.2|1.3]`` none of them
- ``[@value~8]`` the attribute is so many digits
- ``[#1.2.3]`` the element declares this ``templateId``; ``[!#1.2.3]`` it does not
- ``[=Copie du document]`` its text

``.`` is the element itself, ``..`` its parent, ``**`` any descendant. Ways apart by `` or `` are alternatives;
``condition => rule`` asks for the rule only where the condition is met, ``each path => rule`` of every element at the
path. ``xsi:type`` is compared without its prefix,
which is the document's own business (XML Schema part 1, 2.6.1).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from conformance.checks.subjects.cda_element import HL7, text_of
from conformance.checks.subjects.cda_tree import Tree
from conformance.checks.subjects.xml import Element

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_SPACES = {"": HL7, "pharm": "urn:ihe:pharm", "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2", "sdtc": "urn:hl7-org:sdtc"}
_STEP = re.compile(r"(\.\.|\.|\*\*|(?:[a-z]+:)?[A-Za-z]\w*)((?:\[[^\]]*\])*)(?:/|$)")
_CONDITION = re.compile(r"\[([^\]]*)\]")
_EACH = "each "
_COUNT = re.compile(r"\s(\d+)(?:\.\.(\d+|\*))?$")


Test: TypeAlias = Callable[[Element, Tree], bool]


class BadRule(ValueError):
    """A line of a table that the language does not know: a fault of ours, found when the table is read."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One bracket. ``kind`` is ``has``, ``is``, ``not``, ``digits``, ``template``, ``no-template`` or ``text``."""

    kind: str
    names: tuple[str, ...]
    values: tuple[str, ...]
    holds: Test = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Decide once what :attr:`holds` does: whether an element, in its tree, meets the condition."""
        object.__setattr__(self, "holds", _test(self.kind, self.names, self.values))

    @property
    def wanted(self) -> str:
        """What it asks for, as a reader writes it."""
        if self.kind == "has":
            return " | ".join(f"@{n.rpartition('}')[2]}" for n in self.names)
        return " | ".join(self.values)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a tag (or ``.``, ``..``, ``**``) and its conditions; ``down`` to the children for a tag."""

    tag: str
    conditions: tuple[Condition, ...] = ()
    down: bool = field(init=False, compare=False, repr=False)
    holds: Test = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Tell once a tag from an axis, and what :attr:`holds` does: whether an element of this tag meets every condition."""
        object.__setattr__(self, "down", self.tag[0] == "{")
        object.__setattr__(self, "holds", _all(tuple(condition.holds for condition in self.conditions)))

    @property
    def name(self) -> str:
        """The step without name space or conditions."""
        return self.tag.rpartition("}")[2]

    def next(self, tree: Tree, elements: Sequence[Element]) -> Sequence[Element]:
        """The elements that bear the tag one step further, whatever the conditions."""
        tag = self.tag
        if tag == ".":
            return elements
        if tag == "..":
            return [parent for e in elements if (parent := e.getparent()) is not None]
        if tag == "**":
            return [n for e in elements for n in e.iterdescendants("*")]
        return [n for e in elements for n in tree.children(e).get(tag, ())]


Path: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Alternatives, how many of them there must be, under which condition, and of which elements (``each``)."""

    ways: tuple[Path, ...]
    least: int
    most: int | None
    only_if: Path | None = None
    each: Path | None = None
    line: str = ""


def settled(rule: Rule, tags: tuple[str, ...], several: tuple[str, ...]) -> bool:
    """Whether an element keeps a rule whatever its values, by the tags of its children and those that several bear."""
    if rule.each is not None:
        return _reach(rule.each, tags, several) == (0, 0)
    if rule.only_if is not None and _reach(rule.only_if, tags, several) == (0, 0):
        return True
    reached = (_reach(way, tags, several) for way in rule.ways)
    return any(rule.least <= least and (rule.most is None or most <= rule.most) for least, most in reached)


def _reach(path: Path, tags: tuple[str, ...], several: tuple[str, ...]) -> tuple[float, float]:
    """How many elements a path finds, at least and at most, as far as the tags tell."""
    first = path[0]
    if first.tag[0] == "{" and first.tag not in tags:
        return 0, 0
    if first.tag[0] != "{" or len(path) > 1 or first.conditions:
        return 0, math.inf
    return (2, math.inf) if first.tag in several else (1, 1)


def follow(tree: Tree, start: Element, path: Path) -> Sequence[Element]:
    """Every element at the end of a path, in the order of the document."""
    found: Sequence[Element] = (start,)
    for step in path:
        # Nearly every step, hence without a call.
        lone = step.down and len(found) == 1
        found = tree.children(found[0]).get(step.tag, ()) if lone else step.next(tree, found)
        if step.conditions:
            found = [element for element in found if step.holds(element, tree)]
        if not found:
            break
    return found


def _test(kind: str, names: tuple[str, ...], values: tuple[str, ...]) -> Test:
    """The function of a condition, by its kind."""
    name, known = (*names, "")[0], frozenset(values)
    wanted = kind in ("is", "template")
    tests: dict[str, Test] = {
        "has": lambda element, _: any(element.get(each) is not None for each in names),
        "is": lambda element, _: (element.get(name) in known) is wanted,
        "digits": lambda element, _: _digits(element.get(name, "")) in known,
        "text": lambda element, _: text_of(element) in known,
        "template": lambda element, tree: known.isdisjoint(tree.templates(element)) is not wanted,
    }
    tests |= {"not": tests["is"], "no-template": tests["template"]}
    if name == XSI_TYPE and kind in ("is", "not"):
        return lambda element, _: (attribute(element, name) in known) is wanted
    if kind == "has" and len(names) == 1:
        return lambda element, _: element.get(name) is not None
    return tests[kind]


def _all(tests: tuple[Test, ...]) -> Test:
    """One test for several; a lone one is itself, as in most steps."""
    if len(tests) == 1:
        return tests[0]
    return lambda element, tree: all(test(element, tree) for test in tests)


def _digits(value: str) -> str:
    """How many digits a value is; empty when it is anything else."""
    return str(len(value)) if value.isascii() and value.isdigit() else ""


def attribute(element: Element, name: str) -> str | None:
    """An attribute; ``xsi:type`` without its prefix."""
    value = element.get(name)
    return value.rpartition(":")[2] if value is not None and name == XSI_TYPE else value


def rule_of(line: str) -> Rule:
    """Read one line; :class:`BadRule` when it is not of the language."""
    condition, arrow, asked = line.rpartition(" => ")
    counted = _COUNT.search(asked)
    least, most = 1, None
    if counted:
        asked = asked[: counted.start()]
        least = int(counted[1])
        most = None if counted[2] == "*" else int(counted[2] or counted[1])
    ways = tuple(path_of(way) for way in asked.split(" or "))
    if condition.startswith(_EACH):
        return Rule(ways, least, most, each=path_of(condition.removeprefix(_EACH)), line=line)
    return Rule(ways, least, most, only_if=path_of(condition) if arrow else None, line=line)


def path_of(text: str) -> Path:
    """Read one path."""
    text = text.strip()
    if text.startswith("["):
        text = f".{text}"
    steps, position = [], 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise BadRule(text)
        steps.append(Step(_tag(match[1]), tuple(_conditions(match[2]))))
        position = match.end()
    return tuple(steps)


def _tag(name: str) -> str:
    if name in (".", "..", "**"):
        return name
    prefix, _, local = name.rpartition(":")
    return f"{{{_SPACES[prefix]}}}{local}"


def _conditions(text: str) -> Iterator[Condition]:
    for inside in _CONDITION.findall(text):
        if inside.startswith("="):
            yield Condition("text", (), (inside[1:],))
        elif inside.startswith(("#", "!#")):
            kind = "template" if inside.startswith("#") else "no-template"
            yield Condition(kind, (), tuple(inside.lstrip("!").removeprefix("#").split("|")))
        elif inside.startswith("@") and "~" in inside:
            name, _, count = inside.partition("~")
            yield Condition("digits", (_attribute(name),), (count,))
        elif inside.startswith("@") and "=" in inside:
            name, _, values = inside.partition("=")
            kind = "not" if name.endswith("!") else "is"
            yield Condition(kind, (_attribute(name.rstrip("!")),), tuple(values.split("|")))
        elif inside.startswith("@"):
            yield Condition("has", tuple(_attribute(name) for name in inside.split("|")), ())
        else:
            raise BadRule(text)


def _attribute(name: str) -> str:
    bare = name.strip().removeprefix("@")
    return XSI_TYPE if bare == "xsi:type" else bare
