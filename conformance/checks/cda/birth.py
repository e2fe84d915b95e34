"""The dates of a header against the birth of the person: nothing is written of anybody before it."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.cda import forms
from conformance.checks.cda.rules import at
from conformance.checks.subjects.cda import CdaDocument
from conformance.core.finding import Finding, warning

_DATED = (
    "h:effectiveTime",
    "h:author/h:time",
    "h:legalAuthenticator/h:time",
    "h:documentationOf/h:serviceEvent/h:effectiveTime/h:low",
    "h:componentOf/h:encompassingEncounter/h:effectiveTime/h:low",
)


def before_birth(document: CdaDocument) -> Iterator[Finding]:
    """A warning for each date of the header that precedes the birth, at the precision of the shorter of the two."""
    born = forms.moment(document.birth_date)
    if born is None:
        return
    birth = document.birth_date or ""
    for path in _DATED:
        for element in document.find(path):
            value = element.get("value", "")
            read = forms.moment(value)
            digits = min(born.digits, read.digits, 8) if read else 0
            if value[:digits] < birth[:digits]:
                place = at(document, element, "value")
                yield warning("cda.time.before-birth", where=place, expected=f"≥ {birth}", got=value, beyond=True)
