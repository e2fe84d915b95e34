"""TDDUI and SDO: sound resources pass, and each single fault is told by its finding, at its place."""

from types import ModuleType
from typing import Any

import pytest

from conformance.checks.fhir.judge import bundled_validator
from conformance.core.words import Level
from tests.fhir import documents as made
from tests.fhir import sdo_bases, sdo_faults, tddui_bases, tddui_faults

TABLES = ((tddui_bases, tddui_faults.FAULTS), (sdo_bases, sdo_faults.FAULTS))
BASES = [
    *tddui_bases.BASES,
    lambda: tddui_bases.transport("professionnel"),
    tddui_bases.transfer,
    *sdo_bases.BASES,
]


def errors(document: Any) -> set[tuple[str, str]]:
    found = bundled_validator().validate(document)
    return {(f.code, f.where.fhirpath) for f in found if f.level is Level.ERROR}


@pytest.mark.parametrize("base", BASES)
def test_a_sound_resource_has_no_error(base: Any) -> None:
    assert errors(base()) == set()


@pytest.mark.parametrize("table", TABLES, ids=["tddui", "sdo"])
def test_there_are_enough_faults_and_each_once(table: tuple[ModuleType, list[Any]]) -> None:
    faults = [(base, path, str(value)) for base, path, value, _, _ in table[1]]
    assert len(faults) == len(set(faults)) > 60


@pytest.mark.parametrize(
    ("bases", "fault"),
    [(bases, fault) for bases, faults in TABLES for fault in faults],
    ids=lambda value: f"{value[0]}-{value[1]}-{value[3]}" if isinstance(value, tuple) else "",
)
def test_a_fault_is_told_by_its_finding_at_its_place(bases: ModuleType, fault: tuple[Any, ...]) -> None:
    base, path, value, code, place = fault
    assert (f"fhir.{code}", place) in errors(made.put(getattr(bases, base)(), path, value))
