"""Fictitious people are coherent, unique, and the same for the same seed."""

from __future__ import annotations

import re

import pytest
from conformance._bundled.fixtures.identifiers import Draw, ins_key, luhn_digit, oid
from conformance._bundled.fixtures.people import Population, citizen_address
from conformance._bundled.fixtures.places import NAMES, PLACES
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.population import OID_INS_TEST

roles = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
quick = settings(deadline=None, max_examples=60)


# The first, of Corsica, and the last are published test identities; the other two are worked out from the rule.
@pytest.mark.parametrize(
    ("matricule", "key"),
    [("180032B020401", "23"), ("1810363220456", "76"), ("2810363220456", "26"), ("2790351215189", "89")],
)
def test_key_follows_the_published_rule(matricule, key):
    assert ins_key(matricule) == key


@quick
@given(st.integers(0, 10**13 - 1))
def test_key_makes_the_number_divisible_by_97(number):
    key = ins_key(f"{number:013d}")
    assert (number + int(key)) % 97 == 0
    assert 1 <= int(key) <= 97
    assert len(key) == 2


@pytest.mark.parametrize("malformed", ["", "123", "18003AB020401", "1800320B0401X", "١٨٠٠٣٢٠٠٢٠٤٠١"])
def test_key_of_a_malformed_matricule_is_refused(malformed):
    with pytest.raises(ValueError, match="not a matricule"):
        ins_key(malformed)


@pytest.mark.parametrize("number", ["750803447", "10002422979", "99700218896"])
def test_luhn_digit_agrees_with_published_identifiers(number):
    assert luhn_digit(number[:-1]) == number[-1]


@quick
@given(st.integers(0, 2**32), roles)
def test_matricule_says_what_the_traits_say(seed, role):
    person = Population(seed).person("essai", role)
    sex, year, month = person.matricule[0], person.matricule[1:3], person.matricule[3:5]
    assert (sex, year, month) == (
        {"M": "1", "F": "2"}[person.sex],
        person.birth_date[2:4],
        person.birth_date[5:7],
    )
    assert person.matricule[5:10] == person.birth_place
    assert person.cle == ins_key(person.matricule)
    assert len(person.ins) == 15
    assert person.oid == OID_INS_TEST


@quick
@given(st.integers(0, 2**32), roles)
def test_nobody_real_can_bear_the_matricule(seed, role):
    person = Population(seed).person("essai", role)
    assert person.birth_place in NAMES
    assert int(person.matricule[10:]) >= 900


@quick
@given(st.integers(0, 2**32), roles)
def test_names_are_spelt_as_insi_returns_them(seed, role):
    person = Population(seed).person("essai", role)
    for name in (person.birth_name, *person.birth_first_names, *filter(None, [person.used_name])):
        assert re.fullmatch(r"[A-Z][A-Z' -]*", name)


def test_same_seed_gives_the_same_people_in_any_order(population):
    again = Population(population.seed)
    wanted = [("a", "x"), ("b", "x"), ("a", "y")]
    first = [population.person(*who) for who in wanted]
    assert [again.person(*who) for who in reversed(wanted)] == first[::-1]
    assert Population(population.seed + 1).person("a", "x") != first[0]


def test_a_run_has_no_two_people_alike(population):
    people = [population.person(f"scenario {n % 20}", f"role {n}") for n in range(400)]
    assert len({p.matricule for p in people}) == len({p.key for p in people}) == 400
    assert len({(p.birth_name, p.first_name) for p in people}) == 400


def test_correspondents_have_their_own_address_and_identifier(population):
    found = [
        population.correspondent("s", f"r{n}", domain="cabinet.test", kind=kind)
        for n in range(100)
        for kind in ("PER", "ORG", "APP")
    ]
    assert len({c.address for c in found}) == len({c.identifier for c in found}) == 300
    for someone in found:
        assert re.fullmatch(r"[a-z0-9.-]+@cabinet\.test", someone.address)
        national = someone.identifier[1:]
        assert luhn_digit(national[:-1]) == national[-1]
        assert (someone.identifier[0], len(national)) == (("8", 11) if someone.kind == "PER" else ("1", 9))


def test_unknown_kind_of_correspondent_is_refused(population):
    with pytest.raises(ValueError, match="PATIENT"):
        population.correspondent("s", "r", domain="cabinet.test", kind="PATIENT")


def test_only_retrieved_and_qualified_identities_have_a_matricule(population):
    by_status = {
        status: population.person("s", "r", status=status)
        for status in ("provisoire", "recuperee", "validee", "qualifiee")
    }
    assert {status for status, person in by_status.items() if person.ins} == {"recuperee", "qualifiee"}
    assert {person.oid for person in by_status.values()} == {"", OID_INS_TEST}
    assert len({(person.key, person.birth_name, person.birth_date) for person in by_status.values()}) == 1


@pytest.mark.parametrize("origin", ["mainland", "corsica", "abroad"])
def test_origin_chooses_the_birth_place(population, origin):
    person = population.person("s", "r", origin=origin)
    place = {place.code: place for place in PLACES[origin]}[person.birth_place]
    assert int(person.birth_date[:4]) >= place.since


def test_structure_and_professional_are_fictitious_and_well_formed(population):
    finess, rpps = population.structure.finess, population.professional.identifier[1:]
    assert finess.startswith("96")
    assert rpps.startswith("99")
    for number in (finess, rpps):
        assert luhn_digit(number[:-1]) == number[-1]
    assert population.structure == Population(population.seed).structure


def test_citizen_address_needs_a_matricule(population):
    person = population.person("s", "r")
    assert citizen_address(person, "patient.test") == f"{person.ins}@patient.test"
    assert citizen_address(person, "patient.test", digits=13) == f"{person.matricule}@patient.test"
    with pytest.raises(ValueError, match="no matricule"):
        citizen_address(population.person("s", "r", status="validee"), "patient.test")


@quick
@given(st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_oid_is_an_oid_that_xds_accepts(parts):
    made = oid(*parts)
    assert re.fullmatch(r"2\.25\.[1-9][0-9]*", made)
    assert len(made) <= 64
    assert made == oid(*parts)


def test_draw_covers_its_range():
    draw = Draw("essai")
    assert {draw.below(5) for _ in range(200)} == {0, 1, 2, 3, 4}
