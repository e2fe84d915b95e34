"""Codes, labels and units of a structured body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lxml import etree

from conformance.checks.cda.body.bounded import body_check
from conformance.checks.cda.body.labels import alike
from conformance.checks.cda.body.paths import XSI_TYPE, attribute, follow
from conformance.checks.cda.body.systems import SYSTEMS, has_form
from conformance.checks.cda.body.tables import Binding, tables
from conformance.checks.cda.body.types import model_of
from conformance.checks.cda.body.units import is_ucum
from conformance.checks.cda.rules import at
from conformance.checks.subjects.cda_body import ModelledBody
from conformance.checks.subjects.cda_element import HL7
from conformance.checks.subjects.xml import Element
from conformance.core.finding import Finding, error, warning

SOURCE = "CI-SIS Modèles de contenus CDA v3.0"
# libxml2 selects the few elements that matter faster than a walk over all of them, and by their attributes (a step)
# twice as fast as by a predicate.
_CODED_OR_MEASURED = etree.XPath("descendant::*/@codeSystem/.. | descendant::*/@unit/..")
_QUANTITIES = ("value", "doseQuantity", "rateQuantity")


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
    yield from _forms(body, body.structured)
    yield from _vital_units(body)


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


def _forms(body: ModelledBody, structured: Element) -> Iterator[Finding]:
    """Codes by the form of their system, their labels, and units, over every element of the body."""
    labels = tables().labels
    for element in cast("list[Element]", _CODED_OR_MEASURED(structured)):
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
