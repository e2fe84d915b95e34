"""Whole records in the reference DUI: filled, exported, taken in, refused whole, shown."""

import copy
import json
import random

import pytest
import requests
from conformance._bundled.fixtures.people import Population
from conformance._bundled.fixtures.tddui import record, transfer
from conformance._bundled.fixtures.tddui.shapes import BY_KIND, SHAPES
from conformance._bundled.reference_dui.application import build
from conformance._bundled.reference_dui.faults import Fault
from conformance._bundled.reference_dui.tddui.export import bundle_for, export
from conformance._bundled.reference_dui.tddui.reception import receive

from conformance.checks.fhir.judge import bundled_validator
from conformance.core.words import Level
from conformance.portability.comparison import compare
from tests.checks.test_tddui import spoil
from tests.reference_dui.stub import TOKEN, StubTransport

PEOPLE = Population(21)
TODAY = "2026-11-20T10:00:00+01:00"


def held_by(person):
    return record.record_of(
        21, "dui", person, structure=PEOPLE.structure, professional=PEOPLE.professional, today=TODAY
    )


@pytest.fixture
def filled(dui, person):
    held = held_by(person)
    dui.records.fill(person.key, held["contact"], held["items"])
    return person


@pytest.fixture
def incoming():
    person = PEOPLE.person("dui", "venu")
    held = held_by(person)
    local = f"3{PEOPLE.structure.finess}/x1"
    return person, transfer.bundle_of(person, local, held["contact"], transfer.numbered(local, held["items"]))


def test_the_fixture_holds_something_of_every_kind(person) -> None:
    assert {item["kind"] for item in held_by(person)["items"]} == {shape.kind for shape in SHAPES}
    for item in held_by(person)["items"]:
        members = {member.name for member in BY_KIND[item["kind"]].members} - {"number"}
        optional = {"stay": {"end", "exit_mode"}}
        assert members - optional.get(item["kind"], set()) <= set(item), item["id"]


def test_a_bundle_shares_nothing_with_what_it_was_made_from(person) -> None:
    held = held_by(person)
    before = json.dumps(held)
    first = transfer.bundle_of(person, "3/x", held["contact"], held["items"])
    same = json.dumps(first)
    stack = [first]
    while stack:
        item = stack.pop()
        stack += [v for v in (item.values() if isinstance(item, dict) else item) if isinstance(v, (dict, list))]
        item.clear()
    assert json.dumps(held) == before
    assert json.dumps(transfer.bundle_of(person, "3/x", held["contact"], held["items"])) == same


def test_what_leaves_is_valid(dui, filled) -> None:
    found = bundled_validator().validate(bundle_for(dui, filled.key))
    assert [(f.code, str(f.where.fhirpath)) for f in found if f.level is Level.ERROR] == []


def test_an_unqualified_identity_leaves_without_matricule_and_valid(dui, people) -> None:
    person = people.person("dui", "autre", status="recuperee")
    dui.people.save(person.key, person.as_json())
    dui.records.fill(person.key, {}, held_by(person)["items"])
    bundle = bundle_for(dui, person.key)
    assert person.matricule not in json.dumps(bundle)
    assert [f.code for f in bundled_validator().validate(bundle) if f.level is Level.ERROR] == []


def test_items_are_numbered_by_the_structure(dui, filled) -> None:
    numbers = [item["number"] for item in dui.records.items(filled.key) if "number" in item]
    assert len(numbers) == len(set(numbers))
    assert all(number.startswith(dui.records.local_id(filled.key) + "-") for number in numbers)


@pytest.mark.parametrize(
    "items",
    [
        [{"kind": "unheard-of", "id": "a"}],
        [{"kind": "stay"}],
        [{"kind": "stay", "id": "a", "colour": "blue"}],
        [{"kind": "stay", "id": "a"}, {"kind": "meal", "id": "a"}],
        ["stay"],
    ],
)
def test_a_record_that_makes_no_sense_is_refused(dui, filled, items) -> None:
    before = dui.records.items(filled.key)
    with pytest.raises(Fault):
        dui.records.fill(filled.key, {}, items)
    assert dui.records.items(filled.key) == before


def test_an_export_needs_a_service(dui, filled) -> None:
    with pytest.raises(Fault):
        export(dui, "test", filled.key)


def test_a_record_that_comes_in_goes_out_again_whole(dui, incoming) -> None:
    person, bundle = incoming
    status, answer = receive(dui, "test", bundle)
    assert status == 200
    key = answer["entry"][0]["resource"]["id"]
    assert dui.people.get(key).ins == person.ins
    assert compare(bundle, bundle_for(dui, key)).lossless


def test_a_record_that_comes_twice_is_filed_once(dui, incoming) -> None:
    _, bundle = incoming
    first = receive(dui, "test", bundle)[1]["entry"][0]["resource"]["id"]
    count = len(dui.records.items(first))
    again = receive(dui, "test", copy.deepcopy(bundle))[1]["entry"][0]["resource"]["id"]
    assert (again, len(dui.records.items(again))) == (first, count)


def test_a_record_that_comes_again_with_more_is_completed(dui, incoming) -> None:
    _, bundle = incoming
    meal = next(e for e in bundle["entry"] if "repas" in str(e["resource"]["meta"]))
    key = receive(dui, "test", bundle)[1]["entry"][0]["resource"]["id"]
    count = len(dui.records.items(key))
    for number in range(1, 4):
        more = copy.deepcopy(meal)
        more["resource"]["identifier"][0]["value"] += f"0{number}"
        again = {**bundle, "entry": [bundle["entry"][0], more]}
        assert receive(dui, "test", again)[0] == 200
        assert len(dui.records.items(key)) == count + number


def test_a_record_joins_the_one_of_the_same_matricule(dui, filled, incoming) -> None:
    _, bundle = incoming
    other = copy.deepcopy(bundle)
    other["entry"][0]["resource"]["identifier"][0]["value"] = filled.ins
    assert receive(dui, "test", other)[1]["entry"][0]["resource"]["id"] == filled.key


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda b: b.update(type="batch"), 400),
        (lambda b: b["entry"][5]["request"].update(method="PUT"), 400),
        (lambda b: b["entry"][5]["request"].update(url="Sejour"), 400),
        (lambda b: b["entry"][5].pop("resource"), 400),
        (lambda b: b["entry"][5]["resource"]["meta"].update(profile=["https://x.test/y"]), 400),
        (lambda b: b["entry"].pop(0), 400),
        (lambda b: b["entry"].append(copy.deepcopy(b["entry"][0])), 400),
        (lambda b: b["entry"][0]["resource"].pop("birthDate"), 422),
        (lambda b: b.update(entry=b["entry"][:1]), 400),
    ],
)
def test_a_fault_leaves_nothing_behind(dui, incoming, change, status) -> None:
    _, bundle = incoming
    change(bundle)
    before = len(dui.people.all())
    told, outcome = receive(dui, "test", bundle)
    assert (told, outcome["resourceType"]) == (status, "OperationOutcome")
    assert len(dui.people.all()) == before


def test_answers_that_would_be_lost_are_refused(dui, incoming) -> None:
    _, bundle = incoming
    response = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "QuestionnaireResponse")
    response["item"] = [{"linkId": "g", "text": "Groupe", "item": response["item"]}]
    status, outcome = receive(dui, "test", bundle)
    assert (status, outcome["issue"][0]["expression"]) == (400, ["QuestionnaireResponse.item[0]"])


def test_two_products_exchange_a_record_and_the_loss_report_is_empty(dui, filled, tmp_path) -> None:
    """Portability between two instances: each with its own database, structure numbers and keys."""
    sent = bundle_for(dui, filled.key)
    other = build(tmp_path / "other", transport=StubTransport)
    try:
        other.people.save("somebody-else", PEOPLE.person("dui", "premier").as_json())
        other.records.local_id("somebody-else")
        status, answer = receive(other, "test", sent)
        back = bundle_for(other, answer["entry"][0]["resource"]["id"])
    finally:
        other.stop()
    found = compare(sent, back)
    assert (status, found.lossless, found.kept) == (200, True, found.values[0])
    assert {d.why for r in found.reports for d in r.differences} == {"renumbered"}


@pytest.mark.parametrize("nonsense", [None, 3, [], {"resourceType": "Bundle", "type": "transaction", "entry": [3]}])
def test_nonsense_is_refused(dui, nonsense) -> None:
    assert receive(dui, "test", nonsense)[0] == 400


def test_the_endpoint_asks_for_the_token_and_speaks_fhir(served, incoming) -> None:
    _, bundle = incoming
    with requests.Session() as web:
        web.trust_env = False
        told = web.get(served + "/fhir/metadata", timeout=10)
        refused = web.post(served + "/fhir", json=bundle, timeout=10)
        web.headers["Authorization"] = f"Bearer {TOKEN}"
        broken = web.post(served + "/fhir", data=b"{", timeout=10)
        taken = web.post(served + "/fhir", json=bundle, timeout=10)
    assert (told.json()["fhirVersion"], told.headers["Content-Type"]) == ("4.0.1", "application/fhir+json")
    assert [r.status_code for r in (refused, broken, taken)] == [401, 400, 200]
    assert refused.json()["resourceType"] == broken.json()["resourceType"] == "OperationOutcome"
    assert {e["response"]["status"] for e in taken.json()["entry"]} == {"201 Created"}


def test_the_control_api_fills_imports_and_says_where_it_receives(served, person, incoming) -> None:
    held, (_, bundle) = held_by(person), incoming
    with requests.Session() as web:
        web.trust_env = False
        web.headers["Authorization"] = f"Bearer {TOKEN}"
        root = served + "/conformance/v1"
        filled = web.put(f"{root}/persons/{person.key}/record", json=held, timeout=10)
        taken = web.post(f"{root}/imports", json={"bundle": bundle}, timeout=10).json()
        where = web.get(f"{root}/services/tddui/reception", timeout=10).json()
        elsewhere = web.get(f"{root}/services/dmp/reception", timeout=10)
    assert filled.json()["items"] == len(held["items"])
    assert (taken["status"], taken["response"]["type"]) == (200, "transaction-response")
    assert (where, elsewhere.status_code) == ({"url": "/fhir"}, 404)


def test_the_page_of_a_person_shows_the_record_and_transfers_it(dui, browser, filled) -> None:
    browser.log_in()
    page = browser.get(f"/personnes/{filled.key}").text
    assert "Visite d&#39;essai à domicile" in page
    assert "Le jardin, l&#39;après-midi (fictif)" in page
    assert dui.records.items(filled.key)[3]["number"] in page
    refused = browser.post(f"/personnes/{filled.key}/transfert", {}, token=browser.token(f"/personnes/{filled.key}"))
    assert (refused.status_code, "tddui" in refused.text) == (404, True)
    assert "refdui." not in page


@pytest.mark.parametrize("seed", range(40))
def test_no_shape_of_json_breaks_the_reception(dui, incoming, seed) -> None:
    _, bundle = incoming
    draw = random.Random(seed)
    for _ in range(3):
        spoil(draw, bundle)
    status, answer = receive(dui, "test", bundle)
    assert status in (200, 400, 422)
    json.dumps(answer)
    for person in dui.people.all():
        bundle_for(dui, person.key)
