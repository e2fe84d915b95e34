"""The validator: one resource, the definitions in force, and what comes of it.

Three outcomes per rule: violated (an error or a warning), satisfied (nothing), *not checkable* (a remark with code
``fhir.not-checkable.*`` that names what and why). Nothing is dropped silently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.checks.fhir.definitions import Tables
from conformance.checks.fhir.depth import DEPTH, too_deep
from conformance.checks.fhir.index import Index
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.report import Report
from conformance.checks.fhir.rules import own_rules
from conformance.checks.fhir.slicing import Slicer
from conformance.checks.fhir.walk import Walk
from conformance.core.finding import Finding

CHECK = "fhir.r4"


class Validator:
    """Judges resources against one set of tables; safe to keep for a process's life, holds nothing of a document."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._slicer = Slicer(tables)

    def validate(self, resource: Mapping[str, Any], *, profiles: Sequence[str] = ()) -> list[Finding]:
        """Every finding on one resource; ``profiles`` are asked of it beside those that it declares."""
        name = resource.get("resourceType") if isinstance(resource, dict) else None
        place = Place(None, name if isinstance(name, str) and name else "$this")
        if too_deep(resource):
            report = Report()
            report.error("fhir.resource.depth", place, DEPTH)
            return [finding.of(CHECK) for finding in report.findings]
        index = Index(resource if isinstance(resource, dict) else {})
        walk = Walk(self.tables, self._slicer, index)
        walk.resource(resource, place, profiles)
        found = [finding.of(CHECK) for finding in walk.report.ended(place)]
        if isinstance(resource, dict):
            found += own_rules(resource, index, profiles)
        return found
