"""Orientation decisions: fictitious, the same for a seed, and documents that say what the product must read."""

from datetime import datetime

import pytest
from conformance._bundled.fixtures.orientation.cda import SET_ROOT, decision_document, evaluation_document
from conformance._bundled.fixtures.orientation.decisions import decision_of
from conformance._bundled.fixtures.people import Population
from conformance._bundled.reference_dui.header import header_of

from conformance.checks.documents import judge_bytes
from conformance.core.words import Level

NOW = datetime.fromisoformat("2026-11-20T10:00:00+01:00")
# What the CI-SIS minimal structure asks and the « SI-ESMS » model does not have (published examples of the guide): its
# own type code and templates, the platform as author and custodian, no legal authenticator, act or encounter.
MODEL = {"cda.code", "cda.custodian", "cda.template-ids", "cda.legal-authenticator", "cda.documentation-of"} | {
    "cda.component-of",
    "cda.confidentiality",
}


@pytest.fixture
def decision():
    person = Population(3).person("place", "usager")
    return decision_of(3, "place", person, "1990000010", today=NOW)


def failing(content):
    return {f.check for f in judge_bytes(content).findings if f.level is Level.ERROR}


def test_the_same_seed_and_place_give_the_same_decision(decision) -> None:
    again = decision_of(3, "place", decision.person, "1990000010", today=NOW)
    elsewhere = decision_of(3, "elsewhere", decision.person, "1990000010", today=NOW)
    assert again == decision
    assert decision_document(again, NOW) == decision_document(decision, NOW)
    assert {elsewhere.national, elsewhere.document} & {decision.national, decision.document} == set()


def test_a_decision_needs_a_moment_with_its_zone(decision) -> None:
    with pytest.raises(ValueError, match="time zone"):
        decision_of(3, "place", decision.person, "1990000010", today=NOW.replace(tzinfo=None))


def test_the_document_says_who_it_is_about_and_which_decision(decision) -> None:
    header = header_of(decision_document(decision, NOW))
    assert header.traits.is_of(decision.person)
    assert header.set_id == f"{SET_ROOT}^{decision.national}"
    assert header.version == 1


def test_a_corrected_decision_replaces_the_former(decision) -> None:
    first = header_of(decision_document(decision, NOW))
    changed = decision.next_version()
    second = header_of(decision_document(changed, NOW))
    assert (second.version, second.replaces, second.set_id) == (2, first.unique_id, first.set_id)
    assert changed.right != decision.right


def test_decision_and_evaluation_are_linked_by_their_set(decision) -> None:
    made = (decision_document(decision, NOW), evaluation_document(decision, NOW))
    one, other = (header_of(content) for content in made)
    assert one.set_id == other.set_id
    assert one.unique_id != other.unique_id


def test_the_documents_are_sound_but_for_their_own_model(decision) -> None:
    """The decision holds the extension of the guide (``urn:cnsaSDO``), which the schema of CDA does not know."""
    assert failing(decision_document(decision, NOW)) <= MODEL | {"cda.structure"}
    assert failing(evaluation_document(decision, NOW)) <= MODEL


def test_a_person_without_matricule_is_named_by_the_mdph_alone() -> None:
    person = Population(3).person("place", "usager", status="validee")
    made = decision_of(3, "place", person, "1990000010", today=NOW)
    assert made.individual.encode() in decision_document(made, NOW)
    assert not header_of(decision_document(made, NOW)).traits.is_of(person)
