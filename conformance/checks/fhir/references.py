"""References: their form, where they lead, what they may point to, and how (aggregation).

Sources: FHIR R4 4.0.1, references.html, bundle.html#references, http.html#trules (conditional references).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from conformance.checks.fhir.definitions import HL7, Tables
from conformance.checks.fhir.element import TypeRef
from conformance.checks.fhir.index import ABSOLUTE, RESTFUL, Found, Frame, Index
from conformance.checks.fhir.path import Place
from conformance.checks.fhir.report import Report

ANY = HL7 + "Resource"
_LOCAL = ("urn:uuid:", "urn:oid:")


class Walking(Protocol):
    """What the judgement of a reference needs of the walk."""

    index: Index
    tables: Tables
    report: Report

    @property
    def frame(self) -> Frame:
        """The resource being walked."""
        ...

    def conforms(self, value: Any, canonical: str, *, typed: str = "") -> bool:
        """Whether a value conforms to a profile."""
        ...


def judge_reference(value: Mapping[str, Any], refs: Iterable[TypeRef], place: Place, walk: Walking) -> None:
    """Judge one Reference against the types that its element allows."""
    literal = value.get("reference")
    found = walk.index.resolve(value, walk.frame)
    if isinstance(literal, str) and literal:
        _form(literal, found, place, walk)
        _aggregated(found, refs, place, walk.report)
    targets = tuple(dict.fromkeys(url.split("|")[0] for ref in refs for url in ref.targets))
    kind = _kind(value, found)
    said = value.get("type")
    if found.resource is not None and isinstance(said, str) and kind and said.rpartition("/")[2] != kind:
        walk.report.error("fhir.reference.said-type", place, said, kind)
    if targets and ANY not in targets:
        _targeted(found, kind, targets, place, walk)


def _form(literal: str, found: Found, place: Place, walk: Walking) -> None:
    report, index = walk.report, walk.index
    if literal.startswith("#"):
        if found.resource is None:
            report.error("fhir.reference.contained", place, None, literal)
        return
    if found.resource is not None:
        return
    if literal.startswith(_LOCAL):
        if index.is_bundle:
            report.error("fhir.reference.dangling", place, None, literal)
    elif "?" in literal and not ABSOLUTE.match(literal):
        # Alone, a resource may still become the entry of a transaction: then the server resolves it.
        if index.bundle_type not in ("transaction", "batch"):
            tell = report.error if index.is_bundle else report.warning
            tell("fhir.reference.conditional", place, "Type/id", literal)
    elif not ABSOLUTE.match(literal):
        _relative(literal, place, walk)


def _relative(literal: str, place: Place, walk: Walking) -> None:
    match = RESTFUL.match(literal)
    if match is None or walk.tables.root(match["type"]) is None:
        walk.report.error("fhir.reference.form", place, "Type/id", literal)
    elif walk.index.in_entry(walk.frame.root) and walk.index.address(walk.frame.root) is None:
        walk.report.error("fhir.reference.relative", place, "fullUrl", literal)


def _aggregated(found: Found, refs: Iterable[TypeRef], place: Place, report: Report) -> None:
    modes = {mode for ref in refs for mode in ref.aggregation}
    # An entry of the same Bundle is also, for whoever reads the resource alone, a referenced one.
    if modes and found.kind not in modes and not (found.kind == "bundled" and "referenced" in modes):
        report.error("fhir.reference.aggregation", place, "/".join(sorted(modes)), found.kind)


def _kind(value: Mapping[str, Any], found: Found) -> str | None:
    if found.resource is not None:
        kind = found.resource.get("resourceType")
        return kind if isinstance(kind, str) else None
    literal = value.get("reference")
    if isinstance(literal, str):
        match = RESTFUL.match(literal.split("|")[0])
        if match:
            return match["type"]
        if "?" in literal and not ABSOLUTE.match(literal):
            return literal.partition("?")[0]
    said = value.get("type")
    return said.rpartition("/")[2] if isinstance(said, str) else None


def _targeted(found: Found, kind: str | None, targets: tuple[str, ...], place: Place, walk: Walking) -> None:
    types = {url: walk.tables.structure(url) for url in targets}
    unknown = [url for url, structure in types.items() if structure is None]
    allowed = sorted({structure.type for structure in types.values() if structure})
    if kind and kind not in allowed and not unknown and not {"Resource", "DomainResource"} & set(allowed):
        walk.report.error("fhir.reference.type", place, ", ".join(allowed), kind)
        return
    fitting = [url for url, structure in types.items() if structure and structure.type == kind]
    if found.resource is None:
        if kind and fitting and HL7 + kind not in fitting and isinstance(place.name, str):
            walk.report.not_checkable("target", place, ", ".join(fitting))
        return
    if HL7 + str(kind) in fitting or (not fitting and unknown):
        if unknown:
            walk.report.not_checkable("profile", place, ", ".join(unknown))
        return
    resource = found.resource
    if fitting and not any(walk.conforms(resource, url) for url in fitting) and not unknown:
        walk.report.error("fhir.reference.profile", place, ", ".join(fitting), _label(resource))


def _label(resource: Mapping[str, Any]) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id', '?')}"
