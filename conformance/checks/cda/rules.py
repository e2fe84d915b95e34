"""Rules of the *structuration minimale* as data, and the few lines that judge a document by them.

A rule cites its own identifier (``SM-0017``) of the published rules (ASIP-STRUCT-MIN-StrucMin, TestContenuCDA-3-0 of
2025-02-19). Contexts never ask for the right ``typeId``: the published Schematron does, and so judges nothing else of a
document whose ``typeId`` is wrong.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from conformance.checks.cda.forms import CODE, OID, OID_OR_UUID, TEXT, Form
from conformance.checks.cda.tables.value_set import ValueSet
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.xml import Element
from conformance.core.check import Context, check
from conformance.core.finding import Finding, Where, error, warning

SOURCE = "CI-SIS Structuration minimale de documents de santé v1.16"


@dataclass(frozen=True, slots=True)
class Child:
    """How many ``name`` an element at ``context`` holds; ``null`` says whether a nullFlavor counts as one."""

    context: str
    name: str
    least: int
    most: int | None
    rule: str
    null: bool = False

    def judge(self, document: CdaDocument) -> Iterator[Finding]:
        """One finding for each parent that holds too few or too many."""
        below = document.tree.below
        for parent in _parents(document, self.context):
            found = below(parent, self.name)
            counted = found if self.null else [e for e in found if e.get("nullFlavor") is None]
            if len(counted) < self.least or (self.most is not None and len(counted) > self.most):
                yield self._told(document, parent, found, counted)

    def _told(
        self, document: CdaDocument, parent: Element, found: Sequence[Element], counted: Sequence[Element]
    ) -> Finding:
        values: dict[str, Any] = {"element": plain(self.name), "rule": self.rule}
        if len(counted) < self.least:
            code = "cda.null" if found else "cda.missing"
            place = document.where(found[0] if found else parent)
            return error(code, where=place, expected=plain(self.name), got="nullFlavor" if found else None, **values)
        most = self.most or 0
        place = document.where(counted[most])
        return error("cda.repeated", where=place, expected=f"≤ {most}", got=str(len(counted)), **values)


@dataclass(frozen=True, slots=True)
class Attribute:
    """The ``name`` of every non-null element at ``context``: there, and of the right form."""

    context: str
    name: str
    form: Form | None
    rule: str
    required: bool = True

    def judge(self, document: CdaDocument) -> Iterator[Finding]:
        """One finding for each element without it, or with a value that its form refuses."""
        for element in _parents(document, self.context):
            if not self.holds(element):
                yield self.told(document, element)

    def holds(self, element: Element) -> bool:
        """Whether one element bears it as it must."""
        value = element.get(self.name)
        sound = not self.required if value is None else self.form is None or self.form.accepts(value)
        return sound or element.get("nullFlavor") is not None

    def told(self, document: CdaDocument, element: Element) -> Finding:
        """The fault of an element that does not."""
        value = element.get(self.name)
        values: dict[str, Any] = {"element": _own(element), "attribute": self.name, "rule": self.rule}
        wanted = self.form.expected if self.form else None
        if value is None or self.form is None:
            return error("cda.no-attribute", where=document.where(element), expected=wanted, **values)
        return error(self.form.code, where=at(document, element, self.name), expected=wanted, got=value, **values)


@dataclass(frozen=True, slots=True)
class Coded:
    """Every non-null element at ``context`` bears a code of the value set, under the code system it belongs to.

    The published rules compare the code only; the code system is compared here as well.
    """

    context: str
    values: ValueSet
    rule: str

    def judge(self, document: CdaDocument) -> Iterator[Finding]:
        """Unknown code, wrong code system, other label (a warning: published examples do not all follow)."""
        for element in _parents(document, self.context):
            yield from self.judge_one(document, element)

    def judge_one(self, document: CdaDocument, element: Element) -> Iterator[Finding]:
        """The faults of one element."""
        code = element.get("code")
        if element.get("nullFlavor") is not None or not code or not CODE.accepts(code):
            return
        more: dict[str, Any] = {"element": _own(element), "rule": self.rule, "values_name": self.values.name}
        if code not in self.values:
            wanted = f"{self.values.name} {self.values.oid} ({self.values.version})"
            yield error("cda.unknown-code", where=at(document, element, "code"), expected=wanted, got=code, **more)
            return
        system = element.get("codeSystem")
        if system and OID.accepts(system) and system not in self.values.systems(code):
            place = at(document, element, "codeSystem")
            wanted = " | ".join(self.values.systems(code))
            yield error("cda.wrong-system", where=place, expected=wanted, got=system, beyond=True, **more)
        shown = element.get("displayName")
        label = self.values.label(code)
        if label and shown and shown != label and TEXT.accepts(shown) and _folded(shown) != _folded(label):
            place = at(document, element, "displayName")
            yield warning("cda.other-label", where=place, expected=label, got=shown, beyond=True, **more)


Rule: TypeAlias = Child | Attribute | Coded
DocumentCheck: TypeAlias = Callable[[CdaDocument, Context], Iterator[Finding]]


def judged(document: CdaDocument, rules: Iterable[Rule]) -> Iterator[Finding]:
    """Every finding of every rule, in the order of the rules."""
    for rule in rules:
        yield from rule.judge(document)


def cda_check(id: str, *, source: str) -> Callable[[DocumentCheck], DocumentCheck]:
    """Register a check of a document; one that could not be read is an error, never a pass for want of content."""

    def register(function: DocumentCheck) -> DocumentCheck:
        @functools.wraps(function)
        def readable(document: CdaDocument, context: Context) -> Iterator[Finding]:
            if document.root is None:
                yield error("cda.unreadable", where=document.where())
            else:
                yield from function(document, context)

        check(id, source=source)(readable)
        return readable

    return register


def identifier(context: str, *, root: str, extension: str, wants_extension: bool = False) -> tuple[Rule, ...]:
    """An HL7 II: a root that is an OID or a UUID, an extension that is not blank."""
    return (
        Attribute(context, "root", OID_OR_UUID, root),
        Attribute(context, "extension", TEXT, extension, required=wants_extension),
    )


def coded(context: str, values: ValueSet, rule: str, *, shown: bool = True) -> tuple[Rule, ...]:
    """A coded element: code, code system, label, and the value set that holds the code."""
    return (
        Attribute(context, "code", CODE, rule),
        Attribute(context, "codeSystem", OID if "ASTM" not in values.concepts else TEXT, rule),
        Attribute(context, "displayName", TEXT, rule, required=shown),
        Coded(context, values, rule),
    )


def at(document: CdaDocument, element: Element, attribute: str) -> Where:
    """The place of an attribute."""
    place = document.where(element)
    return Where(part=place.part, line=place.line, xpath=f"{place.xpath}/@{attribute}")


def _folded(label: str) -> str:
    """A label as people compare it: letter case, accents, apostrophes and white space apart."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", label) if not unicodedata.combining(c))
    return " ".join(bare.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split()).casefold()


def plain(path: str) -> str:
    """A path without its prefixes, as a reader writes it."""
    return path.replace("h:", "")


def _own(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _parents(document: CdaDocument, context: str) -> Sequence[Element]:
    root = document.root
    if root is None:
        return ()
    return document.tree.find(root, context) if context else (root,)
