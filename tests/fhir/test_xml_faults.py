"""The faults of TDDUI and SDO in XML: the same findings, at the same places, as in JSON."""

from types import ModuleType
from typing import Any

import pytest

from conformance.checks.fhir.judge import bundled_validator
from conformance.checks.fhir.subject import FhirResource
from conformance.core.words import Level
from tests.fhir import documents as made
from tests.fhir import sdo_bases, sdo_faults, tddui_bases, tddui_faults
from tests.fhir.test_xml import written

FAULTS = [(b, f) for b, t in ((tddui_bases, tddui_faults), (sdo_bases, sdo_faults)) for f in t.FAULTS]
# Faults of the JSON form, which XML cannot write: a type of value, an unknown name, a broken array.
JSON_ONLY = ("fhir.element.", "fhir.primitive.type", "fhir.resource.type")


def told(document: Any) -> set[tuple[str, str]]:
    found = bundled_validator().validate(document)
    return {(f.code, f.where.fhirpath) for f in found if f.level is not Level.INFO}


@pytest.mark.parametrize("rank", range(0, len(FAULTS), 6))
def test_a_fault_is_told_alike_in_both_forms(rank: int) -> None:
    compared = 0
    for bases, fault in FAULTS[rank : rank + 6]:
        document = made.put(_base(bases, fault[0]), fault[1], fault[2])
        expected = told(document)
        if any(code.startswith(JSON_ONLY) for code, _ in expected):
            continue
        read = FhirResource.from_bytes(written(document).encode())
        assert read.remarks == ()
        assert told(read.resource) == expected
        compared += 1
    assert compared


def _base(bases: ModuleType, name: str) -> dict[str, Any]:
    made_: dict[str, Any] = getattr(bases, name)()
    return made_
