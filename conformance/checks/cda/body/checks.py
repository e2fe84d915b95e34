"""What a structured body must be: of a known type, with the sections of its type, its entries, its codes, its links."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, cast

from lxml import etree

from conformance.checks.cda.body.engine import engine_of
from conformance.checks.cda.body.labels import alike
from conformance.checks.cda.body.paths import XSI_TYPE, attribute, follow
from conformance.checks.cda.body.systems import SYSTEMS, has_form
from conformance.checks.cda.body.tables import Binding, Model, Voice, tables
from conformance.checks.cda.body.types import model_of, version_fault
from conformance.checks.cda.body.units import is_ucum
from conformance.checks.cda.rules import at
from conformance.checks.subjects.cda_body import ModelledBody
from conformance.checks.subjects.cda_element import HL7
from conformance.checks.subjects.xml import Element
from conformance.core.check import check
from conformance.core.finding import Finding, error, info, warning

SOURCE = "CI-SIS Modèles de contenus CDA v3.0"
_REFERENCE = f"{{{HL7}}}reference"
_MEDIA = f"{{{HL7}}}renderMultiMedia"
_SECTION = f"{{{HL7}}}section"
# libxml2 selects the few elements that matter faster than a walk over all of them, and by their attributes (a step)
# twice as fast as by a predicate.
_CODED_OR_MEASURED = etree.XPath("descendant::*/@codeSystem/.. | descendant::*/@unit/..")
_IDENTIFIED = etree.XPath("descendant::*/@ID/..")
_IDENTIFIERS = etree.XPath("descendant::*/@ID", smart_strings=False)
_QUANTITIES = ("value", "doseQuantity", "rateQuantity")


BodyCheck: TypeAlias = Callable[[ModelledBody], Iterator[Finding]]
# A document wrong in every line is told by its first faults: a place costs a walk among its siblings.
MOST = 200


def body_check(id: str, *, source: str) -> Callable[[BodyCheck], BodyCheck]:
    """Register a check of bodies; past :data:`MOST` findings it says that there are more, and stops."""

    def register(function: BodyCheck) -> BodyCheck:
        @functools.wraps(function)
        def bounded(body: ModelledBody) -> Iterator[Finding]:
            found = function(body)
            yield from itertools.islice(found, MOST)
            if next(found, None) is not None:
                yield info("cda.n3.more", where=body.document.where(), expected=f"≤ {MOST}")

        check(id, source=source)(bounded)
        return bounded

    return register


@body_check("cda.body.model", source="CI-SIS volets de contenu (DLU-EHPAD, LDL, VSM, EP-MED-DM, VAC, TLM, BIO, CSE)")
def the_document_says_its_type(body: ModelledBody) -> Iterator[Finding]:
    """A document declares one published type, in a published version, with the code and the header of that type.

    Pass: its ``templateId`` names a type of our tables, its code and the facts of its header are those of the type.
    A type that is not in our tables is told as a remark: its sections are then not judged.
    Fail: another code, a version never published, a template of the type that is missing, a header fact that lacks.
    """
    model = model_of(body)
    if model is None:
        names = ", ".join(m.name for m in tables().models)
        got = ", ".join(body.declared) or None
        yield info("cda.n3.unknown-model", where=body.document.where(), expected=names, got=got)
        return
    engine = engine_of(body)
    voice = _voice(model)
    yield from _type_code(body, model)
    yield from version_fault(body, model)
    for other in model.declares:
        if other not in body.declared:
            where = body.document.where()
            yield error("cda.n3.no-template", where=where, expected=other, **voice.values)
    yield from engine.rules(body.root, model.header, voice)


@body_check("cda.body.sections", source="CI-SIS volets de contenu (DLU-EHPAD, LDL, VSM, EP-MED-DM, VAC, TLM, BIO, CSE)")
def the_body_holds_the_sections_of_its_type(body: ModelledBody) -> Iterator[Finding]:
    """A body holds the sections that its type asks for, as many times as it says, and each says something.

    Pass: every mandatory section once, no section more often than its type allows. A type without table is not judged.
    Fail: a section missing, repeated, or not allowed there. A section without text or sections is a warning.
    """
    model = model_of(body)
    if model is not None and body.structured is not None:
        rules = (*model.sections, *model.versioned.get(body.declared[model.mark] or "", ()))
        yield from engine_of(body).rules(body.structured, rules, _voice(model))
    if body.structured is None:
        return
    for section in body.structured.iter(_SECTION):
        names = {str(child.tag).rpartition("}")[2] for child in section.iterchildren("*")}
        if not names & {"text", "component"}:
            yield warning("cda.n3.no-narrative", where=body.document.where(section), expected="text", beyond=True)


@body_check("cda.body.templates", source=f"{SOURCE} ; IHE PCC TF-2, IHE PALM TF-3, IHE PHARM PRE")
def what_declares_a_template_keeps_it(body: ModelledBody) -> Iterator[Finding]:
    """What declares a template holds what the template promises.

    Pass: each section and entry has the parent templates, children, fixed codes, statuses and types of its templates.
    A template that is not in our tables is not judged.
    Fail: something promised is missing, repeated, forbidden, or has another value.
    """
    engine = engine_of(body)
    known = tables().templates
    model = model_of(body)
    own: dict[str, list[Any]] = {}
    for template in model.templates if model else ():
        own.setdefault(template.id, []).append(template)
    told: set[tuple[str, str | None, str | None, str | None]] = set()
    for element, root in body.declarations:
        for template in (*known.get(root, ()), *own.get(root, ())):
            for finding in engine.template(element, template):
                # Templates that specialise one another promise the same things: said once.
                key = (finding.code, finding.where.xpath, finding.expected, str(finding.values.get("element")))
                if key not in told:
                    told.add(key)
                    yield finding


@body_check("cda.body.codes", source=f"{SOURCE}, jeux de valeurs du NOS ; UCUM v2.1 ; ATC, CIM-10, LOINC, SNOMED CT")
def codes_belong_where_they_stand(body: ModelledBody) -> Iterator[Finding]:
    """Codes belong to the value sets that templates bind, have the form of their code system; units are of UCUM.

    Pass: each bound code is in its value set, each code of a known system has its form, each unit is one of UCUM and,
    for a vital sign, one of those fixed for it.
    Fail: a code outside its value set, a code that its system cannot hold, a unit that is none. Another label than
    that of the table is a warning, and so is a binding that the published rules do not check.
    """
    if body.structured is None:
        return
    yield from _bound(body)
    yield from _forms(body)
    yield from _vital_units(body)


@body_check("cda.body.references", source="HL7 CDA R2 4.3.5.1 (narrative references) ; IHE PCC TF-2, 6.3.4")
def entries_point_into_the_narrative(body: ModelledBody) -> Iterator[Finding]:
    """What an entry points to in the narrative exists, once.

    Pass: every ``#id`` of a reference, and every medium that the text shows, is the ``ID`` of one element.
    Fail: an ``ID`` given twice. A link that leads nowhere is a warning: most published examples have some.
    """
    if body.structured is None:
        return
    given = cast("list[str]", _IDENTIFIERS(body.structured))
    ids = set(given)
    if len(ids) < len(given):
        yield from _given_twice(body)
    for element in body.structured.iterdescendants(_REFERENCE, _MEDIA):
        name = "value" if element.tag == _REFERENCE else "referencedObject"
        for target in (element.get(name) or "").split():
            bare = target.removeprefix("#")
            if bare not in ids and (target.startswith("#") or name == "referencedObject"):
                place = at(body.document, element, name)
                yield warning(
                    "cda.n3.dangling", where=place, expected=f'ID="{bare}"' if bare else "#…", got=target, beyond=True
                )


def _given_twice(body: ModelledBody) -> Iterator[Finding]:
    ids: set[str] = set()
    for element in _meant(body, _IDENTIFIED):
        own = element.get("ID", "")
        if own in ids:
            yield error("cda.n3.same-id", where=at(body.document, element, "ID"), got=own, beyond=True)
        ids.add(own)


def _meant(body: ModelledBody, path: etree.XPath) -> list[Element]:
    """The elements of the body that a compiled path selects."""
    return [] if body.structured is None else cast("list[Element]", path(body.structured))


def _voice(model: Model) -> Voice:
    return Voice(model.name, model.mark, "VOLET")


def _type_code(body: ModelledBody, model: Model) -> Iterator[Finding]:
    code = body.document.first("h:code")
    if code is None:
        return  # cda.code says it
    for name, expected in (("code", model.code), ("codeSystem", model.system)):
        got = code.get(name)
        if got is not None and got != expected:
            values = {**_voice(model).values, "element": "code", "attribute": name}
            yield error("cda.n3.value", where=at(body.document, code, name), expected=expected, got=got, **values)


def _bound(body: ModelledBody) -> Iterator[Finding]:
    tree = body.document.tree
    model = model_of(body)
    own: dict[str, list[Binding]] = {}
    for binding in model.bindings if model else ():
        own.setdefault(binding.template, []).append(binding)
    known = tables().bindings
    for element, root in body.declarations:
        for binding in (*known.get(root, ()), *own.get(root, ())):
            for coded in follow(tree, element, binding.path):
                yield from _in_set(body, coded, binding)


def _in_set(body: ModelledBody, coded: Element, binding: Binding) -> Iterator[Finding]:
    code, system = coded.get("code"), coded.get("codeSystem")
    values = binding.values
    if code in values.concepts.get(system or "", ()) or attribute(coded, XSI_TYPE) not in (None, "CD", "CE"):
        return
    told = error if binding.family != "OURS" else warning
    more = {"values_name": values.name, "family": binding.family, "beyond": binding.family == "OURS"}
    wanted = f"{values.name} {values.oid} ({values.version})"
    if code is None:
        if not (binding.null and coded.get("nullFlavor")):
            got = coded.get("nullFlavor")
            yield told("cda.n3.not-in-set", where=body.document.where(coded), expected=wanted, got=got, **more)
    else:
        name = "codeSystem" if code in values else "code"
        place = at(body.document, coded, name)
        yield told("cda.n3.not-in-set", where=place, expected=wanted, got=coded.get(name), **more)


def _forms(body: ModelledBody) -> Iterator[Finding]:
    """Codes by the form of their system, their labels, and units, over every element of the body."""
    labels = tables().labels
    for element in _meant(body, _CODED_OR_MEASURED):
        unit = element.get("unit")
        if unit is not None and _measures(element) and not is_ucum(unit):
            yield error(
                "cda.n3.unit", where=at(body.document, element, "unit"), expected="UCUM", got=unit, family="TERMINO"
            )
        system, code = element.get("codeSystem"), element.get("code")
        if system is None or code is None:
            continue
        shown = element.get("displayName")
        meant = labels.get((system, code))
        if meant and shown and shown not in meant:
            yield from _label(body, element, shown, meant)
        if not has_form(system, code):
            name, place = SYSTEMS[system][0], at(body.document, element, "code")
            yield error("cda.n3.code-form", where=place, expected=name, got=code, family="TERMINO", system=name)


def _measures(element: Element) -> bool:
    """Whether the unit of this element is one of UCUM: a value, or a bound of a value or of a dose."""
    name = str(element.tag).rpartition("}")[2]
    parent = element.getparent()
    if name in ("low", "high") and parent is not None:
        name = str(parent.tag).rpartition("}")[2]
    return name in _QUANTITIES


def _vital_units(body: ModelledBody) -> Iterator[Finding]:
    tree = body.document.tree
    units = tables().units
    for element, root in body.declarations:
        if root != "1.3.6.1.4.1.19376.1.5.3.1.4.13.2":
            continue
        children = tree.children(element)
        code = next((c.get("code") for c in children.get(f"{{{HL7}}}code", ())), None)
        wanted = units.get(code or "")
        if wanted is None:
            continue
        values = children.get(f"{{{HL7}}}value", ())
        if not any(v.get("unit") in wanted for v in values):
            place = at(body.document, values[0], "unit") if values else body.document.where(element)
            got = values[0].get("unit") if values else None
            expected = " | ".join(wanted)
            yield error("cda.n3.vital-unit", where=place, expected=expected, got=got, sign=code, family="IHE")


def _label(body: ModelledBody, element: Element, shown: str, known: frozenset[str]) -> Iterator[Finding]:
    """A label that is none of those known of its code is a warning, since labels are not unique."""
    if not any(alike(shown, label) for label in known):
        place = at(body.document, element, "displayName")
        yield warning("cda.n3.other-label", where=place, expected=" | ".join(sorted(known)), got=shown, beyond=True)
