"""Errors of a FHIR server: an HTTP status and an OperationOutcome (FHIR R4, http.html#2.21.0.4, operationoutcome.html)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.core.texts import say

Json = dict[str, Any]


class FhirFault(Exception):
    """A request that cannot be carried out.

    ``status`` is the HTTP status, ``issue`` a code of http://hl7.org/fhir/issue-type, ``code`` a sentence of the
    catalogue with its values, ``expression`` the FHIRPath of what is wrong in the request.
    """

    def __init__(self, status: int, issue: str, code: str, /, *, expression: str = "", **values: object) -> None:
        self.status = status
        self.issue = issue
        self.code = code
        self.expression = expression
        self.values = values
        super().__init__(code)

    def __str__(self) -> str:
        return say(self.code, "fr", **self.values)

    def at(self, place: str) -> FhirFault:
        """The same fault, its expression under ``place`` (``Bundle.entry[3]``)."""
        expression = f"{place}.{self.expression}" if self.expression else place
        return FhirFault(self.status, self.issue, self.code, expression=expression, **self.values)

    def outcome(self) -> Json:
        """The OperationOutcome of this fault alone."""
        return outcome([self])


def outcome(faults: Iterable[FhirFault]) -> Json:
    """One OperationOutcome, an issue of severity error for each fault."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(fault) for fault in faults]}


def all_is_well(text: str) -> Json:
    """An OperationOutcome that only informs: what ``Prefer: return=OperationOutcome`` asks for."""
    issue = {"severity": "information", "code": "informational", "diagnostics": text}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _issue(fault: FhirFault) -> Mapping[str, Any]:
    issue: Json = {"severity": "error", "code": fault.issue, "diagnostics": str(fault)}
    return {**issue, "expression": [fault.expression]} if fault.expression else issue
