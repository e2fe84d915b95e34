"""What a structured body must be: of a known type, with the sections of its type, its entries, its codes, its links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from lxml import etree

from conformance.checks.cda.body.bounded import body_check
from conformance.checks.cda.body.engine import engine_of
from conformance.checks.cda.body.tables import Model, Voice, tables
from conformance.checks.cda.body.types import impossible_versions, model_of, version_fault
from conformance.checks.cda.rules import at
from conformance.checks.subjects.cda_body import ModelledBody
from conformance.checks.subjects.cda_element import HL7
from conformance.checks.subjects.xml import Element
from conformance.core.finding import Finding, error, info, warning
from conformance.core.words import Level

SOURCE = "CI-SIS Modèles de contenus CDA v3.0"
_REFERENCE = f"{{{HL7}}}reference"
# By their attributes (a step), libxml2 selects elements twice as fast as by a predicate.
_IDENTIFIED = etree.XPath("descendant::*/@ID/..")
_IDENTIFIERS = etree.XPath("descendant::*/@ID", smart_strings=False)


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
        yield from impossible_versions(body)
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
    Fail: a section missing, repeated, or not allowed there. A section without text or sections is a warning, and so is one
    that lacks where the type asks for it in words only.
    """
    model = model_of(body)
    if model is not None and body.structured is not None:
        rules = (*model.sections, *model.versioned.get(body.declared[model.mark] or "", ()))
        engine = engine_of(body)
        yield from engine.rules(body.structured, rules, _voice(model))
        for told in engine.rules(body.structured, model.advised, Voice(model.name, model.mark, "OURS")):
            yield replace(told, level=Level.WARNING)
    if body.structured is None:
        return
    for section in body.every("section"):
        names = {tag.rpartition("}")[2] for tag in body.document.tree.children(section)}
        if names.isdisjoint(("text", "component")):
            yield warning("cda.n3.no-narrative", where=body.document.where(section), expected="text", beyond=True)


@body_check("cda.body.templates", source=f"{SOURCE} ; IHE PCC TF-2, IHE PALM TF-3, IHE PHARM PRE")
def what_declares_a_template_keeps_it(body: ModelledBody) -> Iterator[Finding]:
    """What declares a template holds what the template promises.

    Pass: each section and entry has the parent templates, children, fixed codes, statuses and types of its templates.
    A template that is not in our tables is not judged.
    Fail: something promised is missing, repeated, forbidden, or has another value. A version given to a template that has
    none is a warning.
    """
    engine = engine_of(body)
    known = tables().templates
    model = model_of(body)
    own: dict[str, list[Any]] = {}
    for template in model.templates if model else ():
        own.setdefault(template.id, []).append(template)
    yield from _versioned(body)
    told: set[tuple[str, str | None, str | None, str | None]] = set()
    for element, root in body.declarations:
        for template in (*known.get(root, ()), *own.get(root, ())):
            for finding in engine.template(element, template):
                # Templates that specialise one another promise the same things: said once.
                key = (finding.code, finding.where.xpath, finding.expected, str(finding.values.get("element")))
                if key not in told:
                    told.add(key)
                    yield finding


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
        yield from _given_twice(body, body.structured)
    for element in body.every("pointer"):
        name = "value" if element.tag == _REFERENCE else "referencedObject"
        for target in (element.get(name) or "").split():
            bare = target.removeprefix("#")
            if bare not in ids and (target.startswith("#") or name == "referencedObject"):
                place = at(body.document, element, name)
                yield warning(
                    "cda.n3.dangling", where=place, expected=f'ID="{bare}"' if bare else "#…", got=target, beyond=True
                )


def _versioned(body: ModelledBody) -> Iterator[Finding]:
    """Templates of our tables that are declared in a version: they are published without, so this is another one."""
    known = tables().templates
    for element in body.every("template"):
        got, root = element.get("extension"), element.get("root", "")
        if got is not None and root in known:
            place = at(body.document, element, "extension")
            own = {"model": known[root][-1].name, "rule": root, "family": "OURS", "beyond": True}
            yield warning("cda.n3.unversioned", where=place, expected=root, got=got, **own)


def _given_twice(body: ModelledBody, structured: Element) -> Iterator[Finding]:
    ids: set[str] = set()
    for element in cast("list[Element]", _IDENTIFIED(structured)):
        own = element.get("ID", "")
        if own in ids:
            yield error("cda.n3.same-id", where=at(body.document, element, "ID"), got=own, beyond=True)
        ids.add(own)


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
