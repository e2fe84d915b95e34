"""What fuzzing found before, replayed: each file of ``findings`` is an input that once broke its target."""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

FOLDER = Path(__file__).parent / "findings"
FOUND = sorted(FOLDER.iterdir()) if FOLDER.is_dir() else []


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_an_input_that_once_broke_a_target_reads(path):
    name = next(name for name in sorted(TARGETS, key=len, reverse=True) if path.name.startswith(name))
    TARGETS[name].read(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_reads_its_seeds(name):
    seeds = TARGETS[name].seeds()
    assert all(seeds)
    assert [TARGETS[name].read(seed) for seed in seeds] == [None] * len(seeds)
