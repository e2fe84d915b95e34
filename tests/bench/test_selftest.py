"""The proof of the checks, through the command."""

import json

from conformance.bench.profiles import shipped_profiles
from conformance.bench.reference import shipped_defects
from conformance.core.profile import load_profile
from conformance.core.words import Verification
from conformance.dossier.schema import validator
from conformance.selftest.defects import defects
from conformance.selftest.documents import document_matrix, document_mutants
from conformance.selftest.fhir import fhir_matrix, resource_mutants
from conformance.selftest.matrix import Matrix

SHARE = 9


def told(done):
    answer = json.loads(done.stdout)
    assert list(validator("selftest").iter_errors(answer)) == []
    return answer


def test_a_share_of_the_defects_is_seen_and_none_raises_a_false_alarm(conformance) -> None:
    """One in :data:`SHARE`; ``tox -e selftest`` plays them all."""
    share = list(shipped_defects())[::SHARE]
    done = conformance("selftest", "--format", "json", *(w for name in share for w in ("--defect", name)), timeout=600)
    answer = told(done)
    wrong = {name: answer[name] for name in ("survived", "unproven", "missed", "false_alarms")}
    assert wrong == {"survived": [], "unproven": [], "missed": [], "false_alarms": []}
    assert answer["ablation"]["survived"] == []
    assert answer["checks"] == answer["killed"] >= len(share) // 2
    assert done.returncode == 0


def test_every_check_of_a_profile_has_a_defect_that_it_must_fail_on() -> None:
    sins = (*defects(), *document_mutants(), *resource_mutants())
    proven = {check for sin in sins for check in sin.expected}
    automatic = {
        check
        for path in shipped_profiles().values()
        for requirement in load_profile(path).requirements
        for aspect in requirement.aspects
        if aspect.verification is Verification.AUTOMATIC
        for check in aspect.checks
    }
    assert sorted(automatic - proven) == []


def test_a_single_defect_can_be_looked_at(conformance) -> None:
    done = conformance("selftest", "--format", "json", "--defect", "drops-nil-header", "-n", "1", timeout=300)
    assert done.returncode == 0, done.stdout
    assert told(done)["matrix"] == {"mail.nil": ["drops-nil-header"]}


def test_mutants_of_documents_and_resources_are_all_seen() -> None:
    matrix = fhir_matrix(document_matrix(Matrix([])))
    assert (matrix.missed, matrix.false_alarms) == ([], [])
    assert set(matrix.killed) == {check for sin in (*document_mutants(), *resource_mutants()) for check in sin.expected}
