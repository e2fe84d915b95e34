"""Slices: each value of a sliced element goes to its slice, then every slice counts and judges its own.

Source: FHIR R4 4.0.1, profiling.html#slicing (rules closed, open, openAtEnd; ordered).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conformance.checks.fhir.definitions import HL7
from conformance.checks.fhir.element import Element
from conformance.checks.fhir.locating import Seen
from conformance.checks.fhir.members import Item
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.slicing import Plan
from conformance.checks.fhir.values import judge_value

if TYPE_CHECKING:
    from conformance.checks.fhir.walk import Walk


def judge_slices(sliced: Element, owner: Element, items: Sequence[Item], place: Place, walk: Walk) -> None:
    """Judge the values of an element against its slices; ``owner`` is the element, or the slice that is sliced again."""
    slicing = owner.slicing or sliced.slicing
    rules = slicing.rules if slicing else "open"
    plans = walk.slicer.plans(sliced, owner)
    groups: dict[str, list[Item]] = {plan.name: [] for plan in plans}
    ranks: list[int] = []
    for item in items:
        rank = _rank(plans, item, sliced, walk)
        if rank is None:
            _unsliced(item, sliced, plans, rules, walk)
        else:
            groups[plans[rank].name].append(item)
            if slicing and slicing.ordered and any(r > rank for r in ranks if r < len(plans)):
                walk.report.error("fhir.slice.order", item.place, None, plans[rank].name, element=sliced.id)
            if rules == "openAtEnd" and len(plans) in ranks:
                walk.report.error("fhir.slice.at-end", item.place, None, plans[rank].name, element=sliced.id)
        ranks.append(len(plans) if rank is None else rank)
    for plan in plans:
        if plan.tests is not None:
            _slice(plan, groups[plan.name], sliced, place, walk)


def _slice(plan: Plan, items: Sequence[Item], sliced: Element, place: Place, walk: Walk) -> None:
    part, count = plan.element, len(items)
    values = {"slice": plan.name, "element": part.id, "profile": part.structure}
    if count < part.min:
        walk.report.error("fhir.slice.min", Place(place, sliced.stem), part.min, count, **values)
    if count > part.max:
        walk.report.error("fhir.slice.max", Place(place, sliced.stem), part.max, count, **values)
    walk.light += 1
    for item in items:
        judge_value(item, part, walk)
    walk.light -= 1
    if part.slices:
        judge_slices(sliced, part, items, place, walk)


def _rank(plans: Sequence[Plan], item: Item, sliced: Element, walk: Walk) -> int | None:
    seen = Seen(item.value if item.value is not None else item.sibling, item.place.type)
    for rank, plan in enumerate(plans):
        if plan.tests is None:
            walk.report.not_checkable("slicing", item.place, plan.element.id, sliced.structure)
        elif all(test(seen, walk) for test in plan.tests):
            return rank
    return None


def _unsliced(item: Item, sliced: Element, plans: Sequence[Plan], rules: str, walk: Walk) -> None:
    known = ", ".join(plan.name for plan in plans)
    if rules == "closed" and all(plan.tests is not None for plan in plans):
        walk.report.error("fhir.slice.closed", item.place, known, None, element=sliced.id)
    if sliced.path != "Extension.extension" or sliced.structure == HL7 + "Extension":
        return
    url = item.value.get("url") if isinstance(item.value, dict) else None
    if isinstance(url, str) and "://" not in url and not url.startswith("urn:"):
        walk.report.error("fhir.extension.part", item.place, known, url)
