"""Every fault that the published snapshots forbid, made in every published example and in every resource of ours."""

import pytest

from tests.fhir import corpus, sdo_bases, tddui_bases
from tests.fhir.test_mutations import silent

pytestmark = [pytest.mark.heavy, corpus.needed]


@pytest.mark.parametrize("path", sorted((corpus.FOLDER / "examples").glob("*/*.json")), ids=lambda p: p.name)
def test_no_fault_of_an_example_is_silent(path: corpus.Path) -> None:
    if path.parent.name == "tddui-old":
        pytest.skip("the guide of before 2.0 has no snapshot here")
    document = corpus.load(path)
    asked = corpus.asked_of_examples().get((path.parent.name, f"{document['resourceType']}/{document.get('id')}"))
    every = 8 if path.parent.name == "eprescription" else 1
    assert silent(document, [asked] if asked else [], every) == []


@pytest.mark.parametrize("base", [*tddui_bases.BASES, tddui_bases.transfer, *sdo_bases.BASES], ids=lambda b: b.__name__)
def test_no_fault_of_our_resources_is_silent(base: object) -> None:
    assert callable(base)
    assert silent(base(), [], 1) == []
