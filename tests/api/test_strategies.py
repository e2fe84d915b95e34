"""Every valid strategy passes, every near miss trips the check that it announces and no other."""

from datetime import datetime

import pytest
from conformance._bundled.fixtures.documents.codes import DOCUMENT_TYPES
from conformance._bundled.fixtures.documents.model import document_of
from conformance._bundled.fixtures.documents.n1 import n1_of
from conformance._bundled.fixtures.people import Population
from hypothesis import HealthCheck, given, settings

from conformance import check_document, strategies
from conformance.checks.ins import read
from conformance.core.words import Level
from conformance.strategies import faults, misses
from conformance.strategies.documents import archive_of, message_of

few = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TABLES = [(n1_of, faults.CDA, misses.altered), (archive_of, faults.XDM, misses._in_metadata)]
TABLES.append((message_of, faults.MESSAGE, misses._in_headers))
EACH = [
    pytest.param(make, act, fault, id=f"{fault.check}: {name}") for make, t, act in TABLES for name, fault in t.items()
]


def well_formed(ins):
    """Whether a matricule has its form, and the key that goes with it."""
    matricule = read(ins)
    return matricule is not None and matricule.key == matricule.expected_key


def told(content):
    """What a document is told, less mere notes."""
    return {(f.check, f.level) for f in check_document(content).findings if f.level is not Level.INFO}


@pytest.fixture(scope="module")
def spec():
    people = Population(7)
    return document_of(
        7,
        "api",
        "document",
        person=people.person("api", "usager", origin="corsica"),
        author=people.professional,
        structure=people.structure,
        act_date=datetime.fromisoformat("2026-03-04T10:00:00+01:00"),
    )


@pytest.mark.parametrize(("make", "act", "fault"), EACH)
def test_each_fault_trips_its_check_alone(spec, make, act, fault):
    base = make(spec)
    assert told(base) == set()
    assert told(act(base, fault)) == {(fault.check, fault.level)}


@few
@given(strategies.cda_documents())
def test_every_cda_document_conforms(content):
    check_document(content).raise_if_invalid()


@pytest.mark.parametrize("code", sorted(DOCUMENT_TYPES))
def test_every_type_of_the_sector_makes_a_document_that_conforms(code):
    people = Population(7)
    made = document_of(
        7,
        "types",
        code,
        person=people.person("types", "usager"),
        author=people.professional,
        structure=people.structure,
        act_date=datetime.fromisoformat("2026-03-04T10:00:00+01:00"),
        type_code=code,
    )
    assert told(n1_of(made)) == set()


@few
@given(strategies.xdm_archives())
def test_every_archive_conforms(content):
    check_document(content).raise_if_invalid()


@few
@given(strategies.mss_messages())
def test_every_message_conforms(content):
    check_document(content).raise_if_invalid()


@settings(few, max_examples=12)
@given(strategies.near_misses())
def test_every_near_miss_trips_the_announced_check_on_any_document(near_miss):
    assert told(near_miss.base) == set()
    assert told(near_miss.content) == {(near_miss.check, near_miss.level)}


@settings(few, max_examples=40)
@given(strategies.ins_matricules(), strategies.near_ins_matricules())
def test_matricules_have_their_key_and_near_ones_do_not(ins, near):
    assert well_formed(ins)
    assert not well_formed(near)


@settings(few, max_examples=20)
@given(strategies.persons(status=None))
def test_only_a_retrieved_or_qualified_identity_has_a_matricule(person):
    assert bool(person.matricule) == (person.status in {"recuperee", "qualifiee"})


@settings(few, max_examples=20)
@given(strategies.professionals())
def test_professionals_have_an_address_and_a_national_identifier(who):
    assert who.address.endswith(".test")
    assert who.identifier[0] == ("8" if who.kind == "PER" else "1")


@few
@given(strategies.cda_near_misses(check="cda.ins"))
def test_near_misses_may_be_kept_to_one_check(near_miss):
    assert near_miss.check == "cda.ins"
    assert "cda.ins" in repr(near_miss)


def test_a_check_without_near_miss_says_which_have_one():
    with pytest.raises(ValueError, match=r"cda\.realm"):
        strategies.cda_near_misses(check="cda.never")
