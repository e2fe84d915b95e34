"""One value against one element: resource, extension, datatype or primitive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conformance.checks.fhir import extensions, primitives
from conformance.checks.fhir.attachments import judge_attachment
from conformance.checks.fhir.bindings import BOUND, judge_binding
from conformance.checks.fhir.element import Element, TypeRef
from conformance.checks.fhir.members import Item
from conformance.checks.fhir.narrative import narrative_fault
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.references import judge_reference
from conformance.checks.fhir.statements import BACKBONE, judge_invariants, judge_measured, judge_stated

if TYPE_CHECKING:
    from conformance.checks.fhir.walk import Walk

_EXTENSIONS = ("extension", "modifierExtension")


def judge_value(item: Item, element: Element, walk: Walk) -> None:
    """Judge one value against an element, or against one slice of it."""
    ref = item.ref
    if ref is not None and element.types:
        ref = element.by_code.get(ref.code)
        if ref is None:
            allowed = ", ".join(t.code for t in element.types)
            walk.report.error("fhir.element.type-excluded", item.place, allowed, item.place.type)
            return
    if ref is not None and ref.primitive:
        _primitive(item, element, ref, walk)
    elif not isinstance(item.value, dict):
        if not walk.light:
            walk.report.error("fhir.element.object", item.place, "{…}", item.value)
    elif ref is None:
        _untyped(item.value, element, item.place, walk)
    elif ref.code == "Extension":
        _extension(item.value, element, ref, item.place, walk)
    elif walk.names_resource(ref.code):
        _resource(item.value, ref, item.place, walk)
    else:
        _complex(item.value, element, ref, item.place, walk)


def _untyped(value: Mapping[str, Any], element: Element, place: Place, walk: Walk) -> None:
    """An element that takes its content from another one (contentReference)."""
    target = walk.referred(element)
    if target is not None:
        place.type = target.path
        walk.object(value, target, place)
    if element.children or target is None:
        walk.object(value, element, place)


def _complex(value: Mapping[str, Any], element: Element, ref: TypeRef, place: Place, walk: Walk) -> None:
    if ref.code in BACKBONE:
        walk.object(value, element, place)
        return
    base = walk.tables.root(ref.code)
    if element.children:
        walk.object(value, element, place)
        if base is not None:
            judge_invariants(base.constraints, value, base, place, walk)
    else:
        judge_stated(value, element, place, walk)
        judge_invariants(element.constraints, value, element, place, walk, ref.code)
        if base is not None:
            walk.object(value, base, place)
    walk.profiled(value, ref, place)
    if element.binding is not None and ref.code in BOUND:
        judge_binding(value, element.binding, place, walk.tables, walk.report)
    if ref.code == "Reference":
        judge_reference(value, (ref,), place, walk)
    elif ref.code == "Attachment" and not walk.light:
        judge_attachment(value, place, walk.frame, walk.index, walk.report)


def _resource(value: Mapping[str, Any], ref: TypeRef, place: Place, walk: Walk) -> None:
    kind = value.get("resourceType")
    if ref.code not in ("Resource", "DomainResource") and kind != ref.code:
        walk.report.error("fhir.element.type-excluded", place, ref.code, kind)
        return
    inside = place.name == "contained"
    if not walk.light:
        walk.resource(value, place, inside=inside)
    if ref.profiles:
        place.type, place.resource = str(kind), True
        with walk.entered(value, inside=inside):
            walk.profiled(value, ref, place)


def _primitive(item: Item, element: Element, ref: TypeRef, walk: Walk) -> None:
    value, place = item.value, item.place
    _beside(item, element, walk)
    if value is None:
        return
    if not walk.light and not _formed(value, ref.code, place, walk):
        return
    if isinstance(value, (dict, list)) or ref.code == "xhtml":
        return
    judge_stated(value, element, place, walk)
    judge_measured(value, ref.code, element, place, walk)
    if element.binding is not None and ref.code in BOUND:
        judge_binding(value, element.binding, place, walk.tables, walk.report)
    if element.constraints:
        judge_invariants(element.constraints, value, element, place, walk, ref.code)


def _formed(value: Any, code: str, place: Place, walk: Walk) -> bool:
    if code == "xhtml" and isinstance(value, str):
        wrong = narrative_fault(value)
        if wrong is not None:
            walk.report.error(wrong[0], place, None, wrong[1])
        return wrong is None
    fault = primitives.fault_of(code, value)
    if fault is not None:
        told = "fhir.element.empty" if fault == "empty" else f"fhir.primitive.{fault}"
        walk.report.error(told, place, code, value, type=code)
    return fault is None


def _beside(item: Item, element: Element, walk: Walk) -> None:
    """The id and extensions of a primitive value, and what the element demands of them."""
    beside = item.sibling
    if isinstance(beside, dict):
        root = walk.tables.root("Element")
        if element.children:
            walk.object(beside, element, item.place)
        elif root is not None:
            walk.object(beside, root, item.place)
        if item.value is None and not beside.get("extension") and not walk.light:
            walk.report.error("fhir.element.empty", item.place, None, beside)
    elif beside is not None:
        if not walk.light:
            walk.report.error("fhir.element.object", item.place, "{…}", beside)
    else:
        for child in element.wanted:
            if child.name in _EXTENSIONS:
                walk.values(child, [], item.place)


def _extension(value: Mapping[str, Any], element: Element, ref: TypeRef, place: Place, walk: Walk) -> None:
    url = value.get("url")
    place.url = url if isinstance(url, str) else ""
    base = walk.tables.root("Extension")
    if base is not None and not walk.met(value, base):
        walk.object(value, base, place)
        if extensions.shape_fault(value):
            walk.report.error("fhir.extension.shape", place, None, place.url)
        found = extensions.definition_of(url, place, walk.tables, walk.report)
        if found is not None and found.root is not None:
            walk.object(value, found.root, place)
    if element.children:
        walk.object(value, element, place)
    walk.profiled(value, ref, place)
