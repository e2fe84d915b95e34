"""The rules of bodies on published examples and mutants, where they are: no false alarm, and the families they cover."""

import importlib.util
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "benchmarks" / "documents_bodies.py"


@pytest.fixture(scope="module")
def measured(shared):
    folder = shared / "corpus" / "cda"
    if not folder.is_dir():
        pytest.skip("the published CDA examples are not beside this repository")
    made = importlib.util.spec_from_file_location("documents_bodies", BENCH)
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    return module.measure(folder, bodies_only=False, blind_spots=False)


def test_examples_that_the_chain_finds_clean_are_clean_here(measured):
    assert measured["examples"]["clean"] > 50
    assert measured["examples"]["alarms"] == {}


def test_no_benign_mutant_is_rejected(measured):
    assert measured["benign_rejected"] == []


def test_most_of_what_only_the_other_families_reject_is_rejected(measured):
    for family, counted in measured["only_other_families"].items():
        assert counted["of"], family
        assert counted["rejected"] >= 0.8 * counted["of"], (family, measured["missed"])
