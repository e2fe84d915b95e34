"""What a part of the header holds beyond what the « structuration minimale » lets it hold: warnings, as published.

The schema accepts these children, and no rule forbids them: a receiver of the programme need not read them. Contexts
never ask for the right ``typeId`` (see ``rules.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from conformance.checks.cda.header.steps import Step, step
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.xml import Element
from conformance.core.finding import Finding, warning

ADDRESS = (
    *("country", "state", "city", "postalCode", "county", "houseNumber", "houseNumberNumeric", "streetName"),
    *("streetNameType", "additionalLocator", "unitID", "postBox", "precinct"),
)
LINES = ("streetAddressLine",)


@dataclass(slots=True)
class Closed:
    """A step of the table; ``rule`` closes it, and ``inside`` are then all that it may hold, by tag.

    ``free`` are the tags that it may hold whatever they are and hold themselves.
    """

    step: Step
    rule: str = ""
    inside: dict[str, list[Closed]] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)

    def allow(self, text: str, rule: str = "", parts: tuple[str, ...] = ()) -> Closed:
        """Let it hold one more step, itself closed on ``parts`` when a rule says so."""
        made = Closed(step(text), rule)
        for part in parts:
            made.allow(part)
        twins = self.inside.setdefault(made.step.tag, [])
        twins.append(made)
        if len(twins) == 1 and not rule and not made.step.conditions:
            self.free.add(made.step.tag)
        else:
            self.free.discard(made.step.tag)
        return made


def beyond_the_pattern(document: CdaDocument) -> Iterator[Finding]:
    """A warning for every element of the header where a closed part of it has no place for it."""
    if document.root is None:
        return
    tree = document.tree
    waiting: list[tuple[Element, Closed]] = [(document.root, table())]
    while waiting:
        parent, node = waiting.pop()
        for tag, found in tree.children(parent).items():
            if tag in node.free:
                continue
            inners = node.inside.get(tag, ())
            for child in found:
                met = False
                for inner in inners:
                    if not inner.step.conditions or inner.step.holds(child, tree):
                        met = True
                        if inner.rule and len(child):
                            waiting.append((child, inner))
                if not met:
                    yield _told(document, child, node)


def _told(document: CdaDocument, child: Element, node: Closed) -> Finding:
    name = str(child.tag).rpartition("}")[2]
    values = {"element": name, "rule": f"SMC-{node.rule}"}
    return warning("cda.header.closed", where=document.where(child), got=name, **values)


@cache
def table() -> Closed:
    """The table, read once."""
    return read(resources.files(__package__).joinpath("closed.txt").read_text(encoding="utf-8"))


def read(text: str) -> Closed:
    """The tree of a table; a line that the notation does not know raises :class:`ValueError`."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    name, rule = lines[0].split()
    root = Closed(step(name), rule)
    around = [(0, root)]
    for line in lines[1:]:
        depth = len(line) - len(line.lstrip())
        while around[-1][0] >= depth:
            around.pop()
        parent = around[-1][1]
        content, rule = _numbered(line.strip())
        if content.startswith("&address"):
            parts, whole = content.split()[1], rule
            parent.allow("addr[not(streetAddressLine)]", parts, ADDRESS)
            parent.allow("addr[streetAddressLine]", whole, LINES)
        else:
            around.append((depth, parent.allow(content, rule)))
    return root


def _numbered(content: str) -> tuple[str, str]:
    """A step, and the number after it."""
    before, _, last = content.rpartition(" ")
    return (before, last) if before and len(last) == 3 and last.isdigit() else (content, "")
