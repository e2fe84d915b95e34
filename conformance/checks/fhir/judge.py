"""A FHIR document given alone: read, validated, told as findings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from conformance.checks.fhir.definitions import bundled
from conformance.checks.fhir.json_reader import ReadFault
from conformance.checks.fhir.subject import FhirResource
from conformance.checks.fhir.validator import CHECK, Validator
from conformance.core.finding import Finding, Where, error


@cache
def bundled_validator() -> Validator:
    """The validator on the tables of the package, made once per process."""
    return Validator(bundled())


def judge_fhir(content: bytes, *, profiles: Sequence[str] = (), validator: Validator | None = None) -> list[Finding]:
    """Every finding on one FHIR document in JSON or XML; ``validator`` where packs of the machine count too."""
    judging = validator or bundled_validator()
    return judge_resource(FhirResource.from_bytes(content, tables=judging.tables), judging, profiles=profiles)


def judge_resource(
    subject: FhirResource, validator: Validator | None = None, *, profiles: Sequence[str] = ()
) -> list[Finding]:
    """Every finding on a resource that was read; one that was not is its fault alone."""
    if subject.resource is None:
        fault = subject.fault or ReadFault("fhir.read.not-an-object")
        return [_told(fault).of(CHECK, subject.evidence)]
    found = [_told(remark).of(CHECK, subject.evidence) for remark in subject.remarks]
    judging = validator or bundled_validator()
    return found + [f.of(f.check, subject.evidence) for f in judging.validate(subject.resource, profiles=profiles)]


def _told(fault: ReadFault) -> Finding:
    where = Where(line=fault.line, column=fault.column)
    return error(fault.code, where=where, expected=fault.expected, got=fault.got, **dict(fault.values))
