"""The document matrix: what proves the checks that no message of the reference can reach."""

import dataclasses

import pytest

import conformance.checks  # noqa: F401 - fills the register
from conformance.checks.subjects.cda_body import ModelledBody
from conformance.checks.subjects.xds_request import XdsRequest
from conformance.core.check import Registry
from conformance.core.errors import HarnessError
from conformance.selftest import documents
from conformance.selftest.documents import document_matrix, document_mutants, positives
from conformance.selftest.matrix import Matrix

BODIES = [check.id for subject in (ModelledBody, XdsRequest) for check in Registry.for_subject(subject)]


def test_every_check_of_bodies_and_requests_is_killed_and_proven():
    matrix = document_matrix(Matrix(checks=list(BODIES), unproven=list(BODIES)))
    assert (matrix.survived, matrix.unproven, matrix.missed, matrix.false_alarms) == ([], [], [], [])
    assert set(BODIES) <= set(matrix.killed)


def test_a_mutant_that_fails_another_check_than_announced_is_a_false_alarm(monkeypatch):
    (first, *_) = [m for m in document_mutants() if m.name == "leaves-an-observation-open"]
    wrong = dataclasses.replace(first, expected=frozenset({"cda.body.sections"}))
    monkeypatch.setattr(documents, "document_mutants", lambda: [wrong])
    matrix = document_matrix(Matrix(checks=list(BODIES)))
    assert matrix.missed == [{"check": "cda.body.sections", "lane": "document:leaves-an-observation-open"}]
    assert [row["check"] for row in matrix.false_alarms] == ["cda.body.templates"]
    assert "cda.body.sections" in matrix.survived


def test_a_positive_that_does_not_conform_is_a_false_alarm(monkeypatch):
    broken = next(m for m in document_mutants() if m.on == "fludt").of(positives()["fludt"]())
    monkeypatch.setattr(documents, "positives", lambda: {"fludt": lambda: broken})
    monkeypatch.setattr(documents, "document_mutants", list)
    matrix = document_matrix(Matrix(checks=list(BODIES)))
    assert {row["lane"] for row in matrix.false_alarms} == {"document:fludt"}


def test_a_change_that_meets_nothing_is_a_fault_of_the_file():
    mutant = dataclasses.replace(document_mutants()[0], changes=({"path": "//h:nothing", "remove": True},))
    with pytest.raises(HarnessError):
        mutant.of(positives()["fludt"]())
