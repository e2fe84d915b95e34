"""Faults generated from the published snapshots: each is told, or said to be not checkable, never silent."""

from functools import cache
from itertools import islice
from typing import Any

import pytest

from conformance.checks.fhir.definitions import FR_CORE_STRICT, bundled
from conformance.checks.fhir.validator import Validator
from conformance.core.words import Level
from tests.fhir import corpus, mutations, sdo_bases, tddui_bases

# The compiled snapshots are those of the later fr-core.
STRICT = Validator(bundled(fr_core=FR_CORE_STRICT))
LOOKED_UP = ("fhir.not-checkable.code-list", "fhir.not-checkable.code-list-partial", "fhir.binding.no-system")
# One fault in so many: the whole campaign is in tests/heavy.
EVERY = 80


def told(document: Any, asked: list[str]) -> set[tuple[str, str, str | None, str | None]]:
    found = STRICT.validate(document, profiles=asked)
    return {
        (f.code, f.where.fhirpath, f.expected, f.got) for f in found if f.level is Level.ERROR or f.code in LOOKED_UP
    }


def silent(document: Any, asked: list[str], every: int) -> list[tuple[str, str]]:
    """The faults of a document that nothing tells."""
    before = told(document, asked)
    errors = {t for t in before if t[0] not in LOOKED_UP}
    missed = []
    for mutant in islice(mutations.mutants(document, asked), 0, None, every):
        after = told(mutant.of(document), asked)
        kept = {t for t in after if t[0] not in LOOKED_UP}
        looked_up = mutant.kind == "code" and any(t[0] in LOOKED_UP for t in after)
        if not kept - errors and not looked_up:
            missed.append((mutant.kind, mutant.element))
    return missed


@cache
def examples() -> list[tuple[str, str]]:
    folder = corpus.FOLDER / "examples"
    # The guide of before 2.0 has no snapshot here; the bundles of prescriptions are for the campaign.
    left_out = ("tddui-old", "eprescription")
    return [(p.parent.name, p.name) for p in sorted(folder.glob("*/*.json")) if p.parent.name not in left_out]


@corpus.needed
@pytest.mark.parametrize("example", examples(), ids="/".join)
def test_faults_of_published_examples_are_told(example: tuple[str, str]) -> None:
    guide, name = example
    document = corpus.load(corpus.FOLDER / "examples" / guide / name)
    asked = corpus.asked_of_examples().get((guide, f"{document['resourceType']}/{document.get('id')}"))
    assert silent(document, [asked] if asked else [], EVERY) == []


@corpus.needed
@pytest.mark.parametrize("base", [*tddui_bases.BASES, *sdo_bases.BASES], ids=lambda base: base.__name__)
def test_faults_of_our_own_resources_are_told(base: Any) -> None:
    assert silent(base(), [], EVERY // 4) == []
