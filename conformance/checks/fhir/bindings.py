"""Codes against the lists that elements are bound to.

Source: FHIR R4 4.0.1, terminologies.html#binding. Required: not a member is an error. Extensible: not a member is a
warning (it may be right when no member fits). Preferred: a remark. The list of maxValueSet may never be left by a code of
its systems; a code of another system is a warning.
"""

from __future__ import annotations

from typing import Any

from conformance.checks.fhir.codes import holds
from conformance.checks.fhir.definitions import CodeList, Tables
from conformance.checks.fhir.element import Binding
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.report import Report

BOUND = ("code", "Coding", "CodeableConcept", "Quantity", "string", "uri", "Duration", "Money")


def judge_binding(value: Any, binding: Binding, place: Place, tables: Tables, report: Report) -> None:
    """Judge one bound value; a list that is absent or partial makes it not checkable, never silent."""
    if isinstance(value, dict) and place.type == "Coding" and "code" in value and "system" not in value:
        # A code without a system means nothing; the official validator warns, and asks no list.
        report.warning("fhir.binding.no-system", place, None, value)
        return
    coded = _coded(value)
    if coded is None:
        if binding.strength == "required" and isinstance(value, dict) and place.type == "CodeableConcept":
            report.error("fhir.binding.required", place, binding.value_set, value, value_set=binding.value_set)
        return
    _against(coded, binding.strength, binding.value_set, place, tables, report)
    if binding.ceiling:
        _against(coded, "ceiling", binding.ceiling, place, tables, report)


def _against(value: Any, strength: str, canonical: str, place: Place, tables: Tables, report: Report) -> None:
    listed = tables.code_list(canonical)
    if listed is None:
        report.not_checkable("code-list", place, canonical)
        return
    answer = holds(listed, value)
    if answer is None:
        report.not_checkable("code-list-partial", place, canonical, _missing(listed.unknown, value))
    elif not answer and strength == "ceiling" and _foreign(value, listed):
        report.warning("fhir.binding.ceiling", place, canonical, value, value_set=canonical)
    elif not answer and strength in ("required", "ceiling"):
        report.error(f"fhir.binding.{strength}", place, canonical, value, value_set=canonical)
    elif not answer and strength == "extensible":
        report.warning("fhir.binding.extensible", place, canonical, value, value_set=canonical)
    elif not answer:
        report.info("fhir.binding.preferred", place, canonical, value, value_set=canonical)


def _foreign(value: Any, listed: CodeList) -> bool:
    """Whether every coding is of a system that the list knows nothing of.

    Guides bind languages to tables of their own under a ceiling of BCP 47 (TRE_G00-Langue in the Annuaire): the official
    chain lets these pass.
    """
    codings = value.get("coding", [value]) if isinstance(value, dict) else []
    systems = [c.get("system") for c in codings if isinstance(c, dict)] if isinstance(codings, list) else []
    return bool(systems) and not any(s is None or s in listed.codes for s in systems if not isinstance(s, (dict, list)))


def _missing(unknown: tuple[str, ...], value: Any) -> str:
    if unknown:
        return ", ".join(unknown)
    codings = value.get("coding", [value]) if isinstance(value, dict) else []
    systems = {str(c.get("system")) for c in codings if isinstance(c, dict)} if isinstance(codings, list) else set()
    return ", ".join(sorted(systems)) or "?"


def _coded(value: Any) -> Any:
    """The value where it carries a code, else ``None`` (text only, extension only, broken shape)."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("coding"), list):
        return value if any(isinstance(c, dict) and "code" in c for c in value["coding"]) else None
    if "unit" in value or "value" in value:
        return {"system": value.get("system"), "code": value["code"]} if "code" in value else None
    return value if "code" in value else None
