"""Fifty thousand random shapes, and transactions that grow."""

import copy
import json
import random
import sys

import pytest

from conformance.checks.fhir.judge import bundled_validator
from tests.fhir import corpus
from tests.fhir import documents as made
from tests.fhir.shapes import broken

pytestmark = pytest.mark.heavy


def test_fifty_thousand_random_shapes() -> None:
    documents = [made.patient_ins(), made.esms_task(), made.bundle(), made.questionnaire_response()]
    if corpus.FOLDER.is_dir():
        documents += [corpus.load(path) for path in sorted((corpus.FOLDER / "examples").glob("*/*.json"))]
    rng = random.Random(7)
    validator = bundled_validator()
    judged = 0
    for _ in range(50_000):
        document = broken(rng.choice(documents), rng)
        before = json.dumps(document)
        validator.validate(document)
        judged += json.dumps(document) == before
    assert judged == 50_000


def _calls(entries: int) -> int:
    """How many Python calls a transaction takes: a measure of work that no other process disturbs."""
    bundle = made.bundle()
    first, second = bundle["entry"]
    bundle["entry"] = []
    for i in range(entries // 2):
        pair = copy.deepcopy([first, second])
        for entry, mark in zip(pair, "ab", strict=True):
            entry["fullUrl"] = f"urn:uuid:00000000-0000-4000-800{mark}-{i:012d}"
        pair[1]["resource"]["subject"]["reference"] = pair[0]["fullUrl"]
        bundle["entry"] += pair
    counted = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal counted
        del frame, arg
        counted += event == "call"

    validator = bundled_validator()
    sys.setprofile(count)
    try:
        found = validator.validate(bundle)
    finally:
        sys.setprofile(None)
    assert not [f for f in found if f.level == "error"]
    return counted


def test_a_transaction_costs_in_proportion_to_its_entries() -> None:
    _calls(10)
    small, large = _calls(500), _calls(10_000)
    assert large < small * 20 * 1.1
