"""The comparison: blind to what belongs to servers, sharp on everything else."""

import copy
import json
import random
import uuid

import pytest

from conformance.portability.comparison import compare
from conformance.portability.units import units_of
from tests.portability.records import made

A = made()


def resource(bundle, profile):
    return next(e["resource"] for e in bundle["entry"] if profile in e["resource"]["meta"]["profile"][0])


def differences(before, after):
    return [(d.kind, d.path, d.why) for report in compare(before, after).reports for d in report.differences]


def altered(profile, change):
    after = copy.deepcopy(A)
    change(resource(after, profile))
    return differences(A, after)


def served(bundle, seed=1):
    """The same Bundle as another server would export it: other ids, versions, order, absolute references, narrative."""
    draw = random.Random(seed)
    after = copy.deepcopy(bundle)
    names = {}
    for entry in after["entry"]:
        kept = entry["resource"]
        kept["id"] = str(uuid.UUID(int=draw.getrandbits(128)))
        names[entry["fullUrl"]] = f"https://autre.test/fhir/{kept['resourceType']}/{kept['id']}"
    text = json.dumps(after, ensure_ascii=False)
    for old, new in names.items():
        text = text.replace(old, new)
    after = json.loads(text)
    for entry in after["entry"]:
        entry.pop("request")
        kept = entry["resource"]
        kept["meta"] |= {"versionId": "7", "lastUpdated": "2027-01-01T00:00:00Z", "source": "#x"}
        kept["text"] = {"status": "generated", "div": "<div>x</div>"}
        for name, value in kept.items():
            if isinstance(value, list) and value and isinstance(value[0], dict) and name != "item":
                draw.shuffle(value)
    draw.shuffle(after["entry"])
    return {**after, "type": "collection"}


def test_a_record_is_itself() -> None:
    found = compare(A, A)
    assert (found.lossless, found.reports, found.kept) == (True, (), found.values[0])
    assert found.share == 1


@pytest.mark.parametrize("seed", range(5))
def test_what_belongs_to_a_server_is_no_difference(seed) -> None:
    found = compare(A, served(A, seed))
    assert found.reports == ()
    assert found.kept == found.values[0]


def test_local_numbers_are_told_and_lose_nothing() -> None:
    found = compare(A, made(number="u9"))
    assert found.lossless
    assert {d.why for r in found.reports for d in r.differences} == {"renumbered"}
    assert found.kept == found.values[0]


def test_a_lost_resource_is_told_once_with_what_it_held() -> None:
    after = made(change=lambda items: [i for i in items if i["kind"] != "review"])
    found = compare(A, after)
    (report,) = found.reports
    (difference,) = report.differences
    assert (report.profile, difference.kind, difference.path, difference.why) == (
        "tddui-task-bilan",
        "lost",
        "Task",
        "resource",
    )
    assert found.values[0] - found.kept == difference.values
    back = compare(after, A)
    assert [(d.kind, d.why) for r in back.reports for d in r.differences] == [("added", "new-resource")]
    assert back.lossless


@pytest.mark.parametrize(
    ("profile", "change", "expected"),
    [
        ("sejour", lambda r: r["period"].pop("start"), ("lost", "Encounter.period.start", "absent")),
        (
            "evenement",
            lambda r: r["period"].update(start="2026-11-17"),
            ("changed", "Encounter.period.start", "precision"),
        ),
        (
            "evenement",
            lambda r: r["period"].update(start="2026-11-17T09:30:00Z"),
            ("equivalent", "Encounter.period.start", "same-instant"),
        ),
        (
            "evenement",
            lambda r: r["period"].update(start="2026-11-18T10:30:00+01:00"),
            ("changed", "Encounter.period.start", "date"),
        ),
        ("organization", lambda r: r.update(name=r["name"].lower()), ("changed", "Organization.name", "spelling")),
        ("organization", lambda r: r.update(name=r["name"][:9]), ("changed", "Organization.name", "truncated")),
        ("projet-vie", lambda r: r["description"].update(text="x"), ("changed", "Goal.description.text", "value")),
        ("projet-vie", lambda r: r.update(lifecycleStatus="x"), ("changed", "Goal.lifecycleStatus", "value")),
        (
            "evenement",
            lambda r: r["type"][0]["coding"][0].update(code="MED-1"),
            (
                "changed",
                "Encounter.type[0].coding[system=https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis].code",
                "code",
            ),
        ),
        (
            "document",
            lambda r: r["content"][0]["attachment"].pop("title"),
            ("lost", "DocumentReference.content[0].attachment.title", "absent"),
        ),
        (
            "document",
            lambda r: r["content"][0]["attachment"].update(data="AAAA"),
            ("changed", "DocumentReference.content[0].attachment.data", "content"),
        ),
        (
            "evenement",
            lambda r: r.pop("partOf"),
            ("lost", "Encounter.partOf", "absent"),
        ),
        (
            "objectif",
            lambda r: r["addresses"][0].update(reference="ServiceRequest/elsewhere"),
            ("changed", "Goal.addresses[0].reference", "target"),
        ),
        ("questionnaire", lambda r: r["item"].pop(1), ("lost", "QuestionnaireResponse.item[linkId=2]", "absent")),
        (
            "questionnaire",
            lambda r: r["item"][1]["answer"][0].update(valueInteger="2"),
            ("changed", "QuestionnaireResponse.item[linkId=2].answer[0].valueInteger", "kind"),
        ),
        (
            "repas",
            lambda r: r.pop("extension"),
            ("lost", "Observation.extension", "extension"),
        ),
        (
            "sejour",
            lambda r: r["extension"].append({"url": "https://x.test/y", "valueString": "z"}),
            ("added", "Encounter.extension[y]", "new"),
        ),
        (
            "bilan",
            lambda r: r["input"][0].update(valueString="Autre"),
            ("changed", "Task.input[perimetre].valueString", "value"),
        ),
    ],
)
def test_a_difference_is_placed_and_explained(profile, change, expected) -> None:
    assert altered(profile, change) == [expected]


def test_a_label_beside_a_code_is_no_loss() -> None:
    kind = "Encounter.identifier[system=https://identifiant-medicosocial-sejour.esante.gouv.fr].type.coding"
    place = f"{kind}[system=https://interop.esante.gouv.fr/ig/fhir/tddui/CodeSystem/tddui-encounter-identifier].display"
    assert altered("sejour", lambda r: r["identifier"][0]["type"]["coding"][0].pop("display")) == [
        ("equivalent", place, "display")
    ]


def test_a_person_is_compared_even_when_everything_changed() -> None:
    after = made(seed=6)
    found = compare({"entry": A["entry"][:1]}, {"entry": after["entry"][:1]})
    assert {"changed"} <= {d.kind for r in found.reports for d in r.differences}
    assert found.number("lost") + found.number("changed") > 3


def test_a_lost_profile_does_not_look_like_a_lost_resource() -> None:
    assert altered("repas", lambda r: r.pop("meta")) == [("lost", "Observation.meta", "absent")]


def test_the_order_of_given_names_is_told() -> None:
    after = copy.deepcopy(A)
    resource(A, "patient")["name"][0]["given"] = ["ANA", "LOU"]
    resource(after, "patient")["name"][0]["given"] = ["LOU", "ANA"]
    try:
        assert differences(A, after) == [("equivalent", "Patient.name[use=official].given", "order")]
    finally:
        resource(A, "patient")["name"][0]["given"] = resource(made(), "patient")["name"][0]["given"]


@pytest.mark.parametrize("seed", range(40))
def test_any_value_taken_away_is_seen(seed) -> None:
    """Remove one value anywhere (but a label): the report is no longer lossless."""
    draw = random.Random(seed)
    after = copy.deepcopy(A)
    places = [
        (item, name)
        for entry in after["entry"]
        for item, name in holders(entry["resource"])
        if name not in ("display", "resourceType")
    ]
    item, name = draw.choice(places)
    del item[name]
    assert not compare(A, after).lossless


def holders(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, (dict, list)):
                yield from holders(inner)
            else:
                yield value, name
    elif isinstance(value, list):
        for inner in value:
            yield from holders(inner)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"entry": 3}, {"entry": [3, None, {}, {"resource": 3}, {"resource": {"resourceType": 3}}]}],
)
def test_what_is_no_resource_is_passed_over(wrong) -> None:
    assert units_of(wrong) == []
    assert compare(wrong, wrong).lossless


def test_odd_shapes_are_compared_without_a_crash() -> None:
    odd = {"resourceType": "Patient", "identifier": "x", "name": [None, 3, ["a"]], "meta": 3, "code": {"coding": [3]}}
    even = {"resourceType": "Patient", "identifier": [{"value": 3}], "name": "x", "meta": {"profile": 3}, "code": []}
    found = compare({"entry": [{"resource": odd}]}, {"entry": [{"resource": even}]})
    assert not found.lossless


def test_many_alike_resources_are_paired_each_with_its_own() -> None:
    def meals(order):
        return {"entry": [{"resource": {"resourceType": "Observation", "n": i, "x": ["y"] * 3}} for i in order]}

    assert compare(meals(range(300)), meals(reversed(range(300)))).lossless


def test_twins_are_told_apart_by_what_they_are_tied_to() -> None:
    """Three stays alike to the letter, each with an event of its own and a meal-like note: renumbered and shuffled, none is lost."""

    def bundle(base, order):
        entries = []
        for i in order:
            number = {"system": "https://identifiant-medicosocial-sejour.esante.gouv.fr", "value": f"{base}-{i}"}
            stay = {"resourceType": "Encounter", "id": f"s{base}{i}", "identifier": [number], "status": "finished"}
            event = {"resourceType": "Encounter", "id": f"e{base}{i}", "partOf": {"reference": f"Encounter/s{base}{i}"}}
            note = {
                "resourceType": "Observation",
                "id": f"o{base}{i}",
                "encounter": {"reference": f"Encounter/e{base}{i}"},
            }
            entries += [{"resource": r} for r in (stay, event, {**note, "valueString": f"note {i}"})]
        return {"resourceType": "Bundle", "entry": entries}

    found = compare(bundle("a", (0, 1, 2)), bundle("b", (2, 0, 1)))
    assert found.lossless
    assert {d.why for r in found.reports for d in r.differences} == {"renumbered"}


def test_a_thousand_resources_of_one_kind_are_compared_whole() -> None:
    before = {
        "entry": [{"resource": {"resourceType": "Task", "id": f"t{i}", "description": f"n {i}"}} for i in range(1000)]
    }
    after = {"entry": [{"resource": {**e["resource"], "id": f"u{i}"}} for i, e in enumerate(reversed(before["entry"]))]}
    assert compare(before, after).reports == ()
