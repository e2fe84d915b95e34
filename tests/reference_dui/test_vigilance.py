"""The reference DUI's own rules of identity, held against the table of facts: the exact status, which no document shows."""

from __future__ import annotations

import pytest
from conformance._bundled.reference_dui.faults import Conflict, Fault
from conformance._bundled.reference_dui.insi.envelope import Told
from conformance._bundled.reference_dui.insi.teleservice import Teleservice

from conformance import rniv
from conformance.bench.acts import vigilance

CASES = {f"{group} {case.name}": case for group, cases in rniv.GROUPS.items() for case in cases}


@pytest.fixture
def identity(dui, people, monkeypatch):
    """A person created from the mandatory traits, what INSi will answer, and every call made to it."""
    there = people.person("dui", "vigilance")
    told = {name: value for name, value in there.as_json().items() if name in rniv.MANDATORY}
    dui.people.save(there.key, {**told, "oid": ""})
    answers = {"code": "00", "calls": 0}

    def ask(_self, _who, _key, operation, _body):
        answers["calls"] += 1
        if answers["code"] != "00" or operation.startswith("verifier"):
            return Told(answers["code"])
        return Told(
            "00", there.matricule, there.cle, there.oid, there.birth_name, there.birth_first_names, there.sex,
            there.birth_date, there.birth_place,
        )  # fmt: skip

    monkeypatch.setattr(Teleservice, "_ask", ask)
    dui.connections.keep("insi", {"verification": {"operation": "verifier", "namespace": "urn:t"}})
    return there, answers


def act(dui, there, answers, one):
    codes = {"insi": "00", "insi-none": "01", "insi-several": "02", "denied": "KO"}
    answers["code"] = codes.get(one.name, "00")
    match one.name:
        case "insi" | "insi-none" | "insi-several":
            dui.identities.search("t", there.key, "traits", {})
        case "insi-card":
            dui.identities.search("t", there.key, "card", there.as_json())
        case "document":
            dui.identities.confirm("t", there.key, one.value)
        case "denied":
            dui.identities.verify("t", there.key)
        case "change":
            dui.identities.correct("t", there.key, {one.value: vigilance.other(there, one.value)})
        case _:
            dui.identities.mark("t", there.key, one.value, marked=one.name == "mark")


@pytest.mark.parametrize("name", CASES)
def test_the_acts_of_a_case_give_its_status(dui, identity, name) -> None:
    there, answers = identity
    for one in CASES[name].acts:
        try:
            act(dui, there, answers, one)
        except Conflict:
            # Refusing an act on a marked identity is one way to keep it as it is.
            assert not CASES[name].calls
    found = dui.people.get(there.key)
    assert found.status == CASES[name].status
    assert bool(found.matricule) == (found.status in ("recuperee", "qualifiee"))
    if not CASES[name].calls:
        assert answers["calls"] == 0


def test_an_attribute_that_is_none_is_refused(dui, identity) -> None:
    with pytest.raises(Fault):
        dui.identities.mark("t", identity[0].key, "autre", marked=True)


def test_a_person_who_is_not_there_is_not_marked(dui) -> None:
    with pytest.raises(Fault):
        dui.identities.mark("t", "personne", "douteuse", marked=True)


def test_the_table_is_consistent() -> None:
    for cases in rniv.GROUPS.values():
        assert cases[0].carried, "each group begins with its control"
        assert len({case.name for case in cases}) == len(cases)
    for case in CASES.values():
        names = {one.name for one in case.acts}
        assert case.source
        if case.carried:
            assert {"insi", "document"} <= names
        if not case.calls:
            assert "mark" in names


def test_each_act_of_the_table_has_its_way_to_be_asked() -> None:
    assert {one.name for case in CASES.values() for one in case.acts} <= set(vigilance.ACTS)


@pytest.mark.parametrize(
    ("letters", "found"),
    [("", 2), ("goff", 0), ("le-g", 1), ("LE G", 1), ("leg", 1), ("él", 1), ("us", 1), ("m", 1), ("x", 0)],
)
def test_persons_are_found_by_birth_date_and_letters(dui, people, letters, found) -> None:
    first, second = people.person("dui", "un"), people.person("dui", "deux")
    day = first.birth_date
    for person, name, given, used in ((first, "LE GOFF", "ÉLOI", "USAGE"), (second, "MARTIN", "ZOE", "")):
        traits = {"birth_name": name, "birth_first_names": [given], "used_name": used, "birth_date": day}
        dui.people.save(person.key, {**person.as_json(), **traits})
    assert len(dui.people.born(day, letters, dui.sins)) == found
    assert dui.people.born("1899-12-31", letters, dui.sins) == []


def test_a_batch_lowers_whom_insi_denies_and_asks_nothing_of_the_doubtful(dui, people, monkeypatch) -> None:
    known, denied, doubtful, bare = (people.person("dui", role) for role in ("connu", "dementi", "doute", "nu"))
    for person in (known, denied, doubtful):
        dui.people.save(person.key, person.as_json())
    dui.people.save(bare.key, {**bare.as_json(), "status": "provisoire", "matricule": "", "cle": "", "oid": ""})
    dui.identities.mark("t", doubtful.key, "douteuse", marked=True)
    asked = []

    def ask(_self, _who, _key, operation, body):
        if operation == "deposit":
            asked.extend(one.get("Reference") for one in body)
            return Told("00", batch="LOT-1")
        return Told("00", verified=((known.key, "00"), (denied.key, "KO")))

    monkeypatch.setattr(Teleservice, "_ask", ask)
    shape = {"deposit": "deposit", "collect": "collect", "namespace": "urn:t"}
    dui.connections.keep("insi", {"verification": shape})
    dui.identities.verify_batch("t", [p.key for p in (known, denied, doubtful, bare)])
    assert asked == [known.key, denied.key]
    assert [dui.people.get(p.key).status for p in (known, denied)] == ["qualifiee", "validee"]
    assert [row["matricule"] for row in dui.identities.history("t", denied.key)] == [denied.matricule]


def test_without_a_right_strict_traits_of_a_qualified_identity_are_locked(dui, person) -> None:
    for trait in rniv.STRICT:
        with pytest.raises(Conflict):
            dui.identities.correct_as_user("t", person.key, {trait: vigilance.other(person, trait)})
    dui.identities.correct_as_user("t", person.key, {"used_name": "AUTRE"})
    found = dui.people.get(person.key)
    assert (found.status, found.matricule, found.used_name) == ("qualifiee", person.matricule, "AUTRE")
    dui.identities.correct("t", person.key, {"birth_name": "AUTRE"})
    dui.identities.correct_as_user("t", person.key, {"birth_name": "ENCORE"})
    assert dui.people.get(person.key).birth_name == "ENCORE"
    assert [(r["previous"], r["status"]) for r in dui.identities.status_history("t", person.key)] == [
        ("qualifiee", "validee")
    ]
