"""The matrix of FHIR resources: every rule is killed by a named fault, beside its positive control."""

import dataclasses

import pytest

from conformance.checks.fhir.rules import RULES
from conformance.checks.fhir.validator import CHECK
from conformance.core.errors import HarnessError
from conformance.selftest import fhir
from conformance.selftest.fhir import fhir_matrix, positives, resource_mutants
from conformance.selftest.matrix import Matrix


def test_every_rule_is_killed_and_nothing_else_is_told():
    matrix = fhir_matrix(Matrix(checks=[]))
    assert (matrix.survived, matrix.missed, matrix.false_alarms) == ([], [], [])
    assert set(matrix.killed) == {CHECK, *RULES}


def test_a_fault_that_is_told_by_another_rule_than_announced_is_a_false_alarm(monkeypatch):
    wrong = dataclasses.replace(resource_mutants()[0], expected=frozenset({"ig:tddui#2.3/create-only"}))
    monkeypatch.setattr(fhir, "resource_mutants", lambda: [wrong])
    matrix = fhir_matrix(Matrix(checks=[]))
    assert [row["check"] for row in matrix.missed] == ["ig:tddui#2.3/create-only"]
    assert {row["lane"] for row in matrix.false_alarms} == {f"fhir:{wrong.name}"}


def test_a_resource_that_is_not_sound_is_a_false_alarm(monkeypatch):
    mutant = next(m for m in resource_mutants() if m.on == "status")
    broken = mutant.of(positives()["status"]())
    monkeypatch.setattr(fhir, "positives", lambda: {"status": lambda: broken})
    monkeypatch.setattr(fhir, "resource_mutants", list)
    assert {row["lane"] for row in fhir_matrix(Matrix(checks=[])).false_alarms} == {"fhir:status"}


@pytest.mark.parametrize("path", ["input.99.type", "nowhere.at.all", "input.x"])
def test_a_path_that_meets_nothing_is_a_fault_of_the_file(path):
    mutant = dataclasses.replace(resource_mutants()[0], change={"path": path, "remove": True})
    with pytest.raises(HarnessError):
        mutant.of(positives()["status"]())
