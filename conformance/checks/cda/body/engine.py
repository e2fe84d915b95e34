"""Judge an element by rules, and say what is wrong at the nearest place that a developer can open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from conformance.checks.cda.body.paths import Condition, Path, Rule, Step, attribute, follow, settled
from conformance.checks.cda.body.tables import Template, Voice, tables
from conformance.checks.cda.rules import at
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.cda_body import ModelledBody
from conformance.checks.subjects.cda_element import HL7, text_of
from conformance.checks.subjects.cda_tree import tags_of
from conformance.checks.subjects.xml import Element
from conformance.core.finding import Finding, error

_ENGINES: WeakKeyDictionary[ModelledBody, Engine] = WeakKeyDictionary()


def engine_of(body: ModelledBody) -> Engine:
    """The engine of a body: one for all its checks, since they walk the same elements."""
    known = _ENGINES.get(body)
    if known is None:
        known = _ENGINES[body] = Engine(body.document, body.declarations)
    return known


class Engine:
    """One document under judgement; answers are findings of level error."""

    def __init__(self, document: CdaDocument, declarations: Iterable[tuple[Element, str]]) -> None:
        self.document = document
        self.tree = document.tree
        self._declarations = declarations
        self._above: dict[str, set[Element]] = {}

    def template(self, element: Element, template: Template) -> Iterator[Finding]:
        """Everything that one template asks of the element that declares it."""
        voice = template.voice
        if template.on and (own := _own(element)) not in template.on:
            yield self._say("cda.n3.misplaced", voice, element, expected=" | ".join(template.on), got=own)
            return
        for other in template.beside:
            if other not in self.tree.templates(element):
                yield self._say("cda.n3.no-template", voice, element, expected=other)
        if template.code:
            yield from self._code(element, template, voice)
        for held in template.holds:
            if not self.declared_below(element, held):
                yield self._say("cda.n3.no-entry", voice, element, expected=named(held))
        yield from self.rules(element, _left(template, *tags_of(element, self.tree.children(element))), voice)

    def rules(self, element: Element, rules: Iterable[Rule], voice: Voice) -> Iterator[Finding]:
        """Every rule that the element breaks."""
        tree = self.tree
        for rule in rules:
            if rule.each is not None:
                for one in follow(tree, element, rule.each):
                    if not self._met(one, rule):
                        yield self._unmet_by(one, rule, voice)
            elif (rule.only_if is None or follow(tree, element, rule.only_if)) and not self._met(element, rule):
                yield self._unmet_by(element, rule, voice)

    def declared_below(self, element: Element, template: str) -> bool:
        """Whether a descendant declares a template; each template costs one walk of the document, nested or not."""
        above = self._above.get(template)
        if above is None:
            above = self._above[template] = set()
            for declaring, root in self._declarations:
                node = declaring.getparent() if root == template else None
                while node is not None and node not in above:
                    above.add(node)
                    node = node.getparent()
        return element in above

    def _code(self, element: Element, template: Template, voice: Voice) -> Iterator[Finding]:
        codes = self.tree.children(element).get(f"{{{HL7}}}code", [])
        if not codes:
            yield self._say("cda.n3.missing", voice, element, expected=f"code {template.code}", element="code")
            return
        for name, expected in (("code", template.code), ("codeSystem", template.system)):
            got = codes[0].get(name)
            if got != expected:
                yield self._value(codes[0], name, expected, got, voice)

    def _met(self, element: Element, rule: Rule) -> bool:
        """Whether one of the ways of a rule finds as many elements as it asks for."""
        least, most = rule.least, rule.most
        for way in rule.ways:
            count = len(follow(self.tree, element, way))
            if least <= count and (most is None or count <= most):
                return True
        return False

    def _unmet_by(self, element: Element, rule: Rule, voice: Voice) -> Finding:
        first = follow(self.tree, element, rule.ways[0])
        if rule.most is None or len(first) <= rule.most:
            return self._lacking(element, rule, voice)
        code = "cda.n3.repeated" if rule.most else "cda.n3.forbidden"
        expected, name = f"≤ {rule.most}", _spelled(rule.ways[0])
        return self._say(code, voice, first[rule.most], expected=expected, got=str(len(first)), element=name)

    def _lacking(self, element: Element, rule: Rule, voice: Voice) -> Finding:
        """Tell what is missing at the deepest element that is there; a value that differs is told as such."""
        way = rule.ways[0]
        here, place = [element], element
        for step in way:
            bare = [e for parent in here for e in follow(self.tree, parent, (Step(step.tag),))]
            kept = [e for e in bare if step.holds(e, self.tree)]
            if kept and step is not way[-1]:
                here = kept
                place = kept[0] if len(kept) == 1 else place  # one of several would be a guess
                continue
            # A lone candidate is what was meant; a section that is another one is not.
            if not kept and len(bare) == 1 and step.name != "section":
                broken = next(c for c in step.conditions if not c.holds(bare[0], self.tree))
                return self._unmet(bare[0], broken, rule, voice)
            break
        wanted = " | ".join(_spelled(w) for w in rule.ways)
        more = {"element": _spelled(way)}
        return self._say("cda.n3.missing", voice, place, expected=_counted(wanted, rule), **more)

    def _unmet(self, element: Element, condition: Condition, rule: Rule, voice: Voice) -> Finding:
        if condition.kind == "digits":
            name = condition.names[0]
            expected = f"[0-9]{{{condition.values[0]}}}"
            return self._value(element, name, expected, element.get(name), voice)
        if condition.kind == "is":
            name = condition.names[0]
            return self._value(element, name, condition.wanted, attribute(element, name), voice)
        if condition.kind == "has":
            return self._say("cda.n3.no-attribute", voice, element, expected=condition.wanted, element=_own(element))
        if condition.kind == "template":
            return self._say("cda.n3.no-template", voice, element, expected=condition.wanted)
        if condition.kind == "text":
            got = text_of(element)[:80]
            return self._say("cda.n3.text", voice, element, expected=condition.wanted, got=got, element=_own(element))
        spelled = " | ".join(_spelled(w) for w in rule.ways)
        return self._say("cda.n3.missing", voice, element, expected=spelled, element=spelled)

    def _value(self, element: Element, name: str, expected: str, got: str | None, voice: Voice) -> Finding:
        short = name.rpartition("}")[2]
        place = self.document.where(element) if got is None else at(self.document, element, short)
        values = {**voice.values, "element": _own(element), "attribute": short}
        return error("cda.n3.value", where=place, expected=expected, got=got, **values)

    def _say(self, code: str, voice: Voice, at_element: Element, /, **more: Any) -> Finding:
        return error(code, where=self.document.where(at_element), **{**voice.values, **more})


# Bounded, since anyone may invent elements; documents that read share a few hundred shapes.
@lru_cache(maxsize=4096)
def _left(template: Template, tags: tuple[str, ...], several: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules of a template that the tags of the children do not settle."""
    return tuple(rule for rule in template.rules if not settled(rule, tags, several))


def _own(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _spelled(path: Path) -> str:
    """A path as a reader writes it: names, and the values or templates asked for."""
    words = []
    for step in path:
        asked = "".join(f"[{_wanted(c)}]" for c in step.conditions if c.kind in ("is", "template", "text", "has"))
        words.append(f"{step.name}{asked}")
    return "/".join(words).removeprefix("./")


def _wanted(condition: Condition) -> str:
    return " | ".join(named(v) for v in condition.values) if condition.kind == "template" else condition.wanted


def named(template: str) -> str:
    """A template with the name that our tables give it, since nobody reads an OID."""
    known = tables().templates.get(template)
    return f"{known[-1].name} {template}" if known else template


def _counted(wanted: str, rule: Rule) -> str:
    return wanted if rule.least <= 1 else f"≥ {rule.least} {wanted}"
