"""What an element states of a value: a fixed value, a pattern, a length, bounds, invariants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from conformance.checks.fhir import primitives
from conformance.checks.fhir.element import Constraint, Element
from conformance.checks.fhir.expressions import NotCheckable, Scope, evaluate
from conformance.checks.fhir.invariants import native
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.presence import presence

if TYPE_CHECKING:
    from conformance.checks.fhir.walk import Walk

# Marked by R4 itself as good practice, not as a rule (elementdefinition-bestpractice).
PRACTICE = ("dom-6",)
BACKBONE = ("BackboneElement", "Element")


def judge_stated(value: Any, element: Element, place: Place, walk: Walk) -> None:
    """Judge a value against the fixed value and the pattern of an element."""
    if element.fixed is not None and not primitives.same(value, element.fixed):
        walk.report.error("fhir.value.fixed", place, element.fixed, value, profile=element.structure)
    if element.pattern is not None and not primitives.matches(value, element.pattern):
        walk.report.error("fhir.value.pattern", place, element.pattern, value, profile=element.structure)


def judge_measured(value: Any, code: str, element: Element, place: Place, walk: Walk) -> None:
    """Judge a primitive value against the greatest length and the bounds of an element."""
    if element.max_length and isinstance(value, str) and len(value) > element.max_length:
        walk.report.error("fhir.value.length", place, str(element.max_length), len(value))
    if primitives.beyond(code, value, element.lowest, element.highest):
        walk.report.error("fhir.value.bounds", place, f"{element.lowest}…{element.highest}", value)


def judge_invariants(
    constraints: Sequence[Constraint], value: Any, element: Element, place: Place, walk: Walk, base: str = ""
) -> None:
    """Judge a value against invariants; ``base`` is its type where the element's path does not tell it."""
    for constraint in constraints:
        if _answer(constraint, value, element, place, walk, base) is False:
            if constraint.key in PRACTICE:
                walk.report.info("fhir.invariant.practice", place, constraint.expression, None, key=constraint.key)
                continue
            tell = walk.report.error if constraint.severity == "error" else walk.report.warning
            code = "fhir.invariant.error" if constraint.severity == "error" else "fhir.invariant.warning"
            tell(code, place, constraint.expression, None, key=constraint.key)


def _answer(constraint: Constraint, value: Any, element: Element, place: Place, walk: Walk, base: str) -> bool | None:
    subject = f"{constraint.key} ({element.structure})"
    if not constraint.expression:
        walk.report.not_checkable("invariant-expression", place, subject)
        return None
    rule = native(constraint.key, constraint.expression)
    if rule is not None and isinstance(value, dict):
        answer = rule(value, walk.frame)
        if answer is None:
            walk.report.not_checkable("invariant-precision", place, subject)
        return answer
    plain = presence(constraint.expression)
    if plain is not None and isinstance(value, dict):
        return plain(value)
    try:
        typed = base or (place.type if place.type and place.type not in BACKBONE else element.path)
        return evaluate(constraint.expression, value, typed, Scope(walk.frame, walk.index))
    except NotCheckable as exc:
        walk.report.not_checkable("invariant", place, subject, str(exc))
        return None
