"""Checks on transfers of records: each fails on its fault, none crashes on what a product may send."""

import copy
import json
import random

import pytest
from conformance._bundled.fixtures.people import Population
from conformance._bundled.fixtures.tddui import record, transfer

from conformance.checks.subjects import transfer as subjects
from conformance.checks.tddui import holding, identity, receiving, sending
from conformance.core.words import Provenance
from tests.checks.journals import LANE, Play

PEOPLE = Population(11)
PERSON = PEOPLE.person("checks", "usager")
HELD = record.record_of(
    11,
    "checks",
    PERSON,
    structure=PEOPLE.structure,
    professional=PEOPLE.professional,
    today="2026-11-20T10:00:00+01:00",
)
LOCAL = f"3{PEOPLE.structure.finess}/u1"
GOOD = transfer.bundle_of(PERSON, LOCAL, HELD["contact"], transfer.numbered(LOCAL, HELD["items"]))
FHIR = "application/fhir+json"


def came(play, bundle, *, status=200, media=FHIR, fault=None, mark=PERSON.ins):
    body = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    data = {
        "method": "POST",
        "path": "",
        "status": status,
        "headers": {"content-type": media},
        "fault": fault,
        "issues": [],
    }
    return play.wire("tddui", "tddui.request", marks=(mark.lower(),), blobs={"request": body}, **data)


def asked(play, *, person=PERSON, after=0):
    told = {"person": person.as_json(), "contact": HELD["contact"], "items": HELD["items"]}
    play.bench("expectation", name="transfer", mark=PERSON.ins, after=after, marks=(PERSON.ins, PERSON.key), **told)


def codes(play, check):
    """The errors of a check, and how many subjects it was heard on."""
    return play.codes(check), len(play.subjects(check))


def sent(tmp_path, check, change=None, **how):
    bundle = copy.deepcopy(GOOD)
    if change:
        change(bundle)
    play = Play(tmp_path)
    asked(play)
    came(play, bundle, **how)
    return codes(play, check)


def of(bundle, profile):
    return next(e["resource"] for e in bundle["entry"] if profile in str(e["resource"]["meta"]["profile"]))


SENDING = ("sent", "transaction", "profiles", "entries", "references", "identity", "complete", "answers", "documents")


@pytest.mark.parametrize("check", SENDING)
def test_a_good_transfer_satisfies_every_check(tmp_path, check) -> None:
    assert sent(tmp_path, f"tddui.{check}") == ([], 1)


def test_the_record_of_an_unqualified_person_leaves_without_matricule(tmp_path) -> None:
    person = PEOPLE.person("checks", "usager", status="recuperee")
    play = Play(tmp_path)
    asked(play, person=person)
    came(play, GOOD)
    assert codes(play, "tddui.ins-withheld") == (["tddui.ins-withheld.sent"], 1)
    assert sent(tmp_path / "b", "tddui.ins-withheld") == ([], 0)


@pytest.mark.parametrize(
    ("check", "code", "change"),
    [
        ("transaction", "tddui.transaction.type", lambda b: b.update(type="collection")),
        ("transaction", "tddui.transaction.profile", lambda b: b.pop("meta")),
        ("profiles", "fhir.cardinality.min", lambda b: of(b, "repas").pop("status")),
        ("entries", "fhir.tddui.create-only", lambda b: b["entry"][0]["request"].update(method="PUT")),
        ("entries", "fhir.tddui.entry-profile", lambda b: of(b, "repas")["meta"].update(profile=["https://x.test/y"])),
        ("references", "tddui.references.outside", lambda b: of(b, "sejour")["subject"].update(reference="Patient/0")),
        ("identity", "tddui.identity.patients", lambda b: b["entry"].pop(0)),
        ("identity", "tddui.identity.patients", lambda b: b["entry"].append(copy.deepcopy(b["entry"][0]))),
        ("identity", "tddui.identity.matricule", lambda b: of(b, "patient-ins")["identifier"].pop(0)),
        ("identity", "tddui.identity.trait", lambda b: of(b, "patient-ins").update(birthDate="1900-01-01")),
        ("identity", "tddui.identity.trait", lambda b: of(b, "patient-ins").update(gender="unknown")),
        ("identity", "tddui.identity.trait", lambda b: of(b, "patient-ins")["extension"].pop()),
        ("complete", "tddui.complete.item", lambda b: b["entry"].pop()),
        ("complete", "tddui.complete.value", lambda b: of(b, "bilan")["input"].pop()),
        ("complete", "tddui.complete.value", lambda b: of(b, "patient-ins")["telecom"].pop()),
        ("answers", "tddui.answers.missing", lambda b: of(b, "questionnaire")["item"].pop()),
        ("answers", "tddui.answers.missing", lambda b: of(b, "questionnaire")["item"][0].pop("answer")),
        (
            "documents",
            "tddui.documents.missing",
            lambda b: b["entry"].remove(next(e for e in b["entry"] if "Doc" in str(e["request"]))),
        ),
        ("documents", "tddui.documents.stated", lambda b: of(b, "document")["content"][0]["attachment"].update(size=3)),
    ],
)
def test_a_fault_is_seen_by_its_check(tmp_path, check, code, change) -> None:
    assert sent(tmp_path, f"tddui.{check}", change)[0] == [code]


def test_the_same_instant_with_another_offset_is_there(tmp_path) -> None:
    when = of(GOOD, "evenement")["period"]["start"]
    assert when.endswith("T10:30:00+01:00")
    assert sent(
        tmp_path, "tddui.complete", lambda b: of(b, "evenement")["period"].update(start=when[:10] + "T09:30:00Z")
    ) == ([], 1)


def test_an_answer_in_a_group_under_its_own_link_is_there(tmp_path) -> None:
    def grouped(bundle):
        response = of(bundle, "questionnaire")
        items = [{**item, "linkId": f"q{i}"} for i, item in enumerate(response["item"])]
        response["item"] = [{"linkId": "g", "item": items}]

    assert sent(tmp_path, "tddui.answers", grouped) == ([], 1)


def test_other_media_types_and_bodies_are_told(tmp_path) -> None:
    assert sent(tmp_path, "tddui.transaction", media="application/json; charset=utf-8")[0] == [
        "tddui.transaction.media-type"
    ]
    play = Play(tmp_path / "b")
    asked(play)
    came(play, b"<Bundle/>", status=415, media="application/fhir+xml")
    assert codes(play, "tddui.transaction")[0] == ["tddui.transaction.media-type", "tddui.transaction.type"]


def test_a_body_nested_without_end_is_no_transaction(tmp_path) -> None:
    play = Play(tmp_path)
    asked(play)
    came(
        play,
        b'{"resourceType": "Bundle", "type": "transaction", "entry": ' + b"[" * 400 + b"]" * 400 + b"}",
        status=400,
    )
    assert codes(play, "tddui.transaction")[0] == ["tddui.transaction.type"]
    assert codes(play, "tddui.profiles") == ([], 1)


def test_a_record_that_never_came_or_was_refused_is_told(tmp_path) -> None:
    play = Play(tmp_path / "a")
    asked(play)
    assert codes(play, "tddui.sent")[0] == ["tddui.sent.none"]
    assert sent(tmp_path / "b", "tddui.sent", status=422)[0] == ["tddui.sent.refused"]


def test_nothing_is_said_of_a_record_that_did_not_come_in_an_open_window(tmp_path) -> None:
    play = Play(tmp_path)
    asked(play)
    play.close("aborted")
    assert codes(play, "tddui.sent") == ([], 0)


def test_a_transfer_that_came_before_the_stimulus_does_not_count(tmp_path) -> None:
    play = Play(tmp_path)
    came(play, GOOD)
    asked(play, after=1)
    assert codes(play, "tddui.sent")[0] == ["tddui.sent.none"]


def test_a_part_sent_after_a_refusal_is_told(tmp_path) -> None:
    for name, again, expected in (
        ("a", GOOD, []),
        ("b", {**GOOD, "entry": GOOD["entry"][:3]}, ["tddui.sent-whole.part"]),
    ):
        play = Play(tmp_path / name)
        came(play, GOOD, status=422, fault="entry")
        came(play, again)
        assert codes(play, "tddui.sent-whole") == (expected, 1)
    play = Play(tmp_path / "c")
    came(play, GOOD, status=422, fault="entry")
    assert codes(play, "tddui.sent-whole") == ([], 0)


# --- the product as a consumer ---------------------------------------------------------------------------------------


def answer(change=None):
    entries = [
        {"response": {"status": "201 Created", "location": f"{e['resource']['resourceType']}/x{i}/_history/1"}}
        for i, e in enumerate(GOOD["entry"])
    ]
    made = {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}
    if change:
        change(made)
    return made


def probed(tmp_path, check, told, *, status=200, faulty=False):
    play = Play(tmp_path)
    data = {"window": play.window, "faulty": faulty, "status": status, "content_type": FHIR}
    blobs = {
        "request": json.dumps(GOOD).encode(),
        "answer": told if isinstance(told, bytes) else json.dumps(told).encode(),
    }
    play.bench("population.person", marks=(PERSON.key,))
    play.journal.append(
        "scenario", LANE, "tddui.probe", provenance=Provenance.PROBE, data=data, blobs=blobs, marks=(PERSON.key,)
    )
    return codes(play, check)


def test_an_answer_entry_by_entry_is_good(tmp_path) -> None:
    assert probed(tmp_path, "tddui.import-answer", answer()) == ([], 1)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("tddui.import-answer.type", lambda a: a.update(type="batch-response")),
        ("tddui.import-answer.count", lambda a: a["entry"].pop()),
        ("tddui.import-answer.count", lambda a: a.update(entry=5)),
        ("tddui.import-answer.entry", lambda a: a["entry"][0]["response"].update(status="200 OK")),
        ("tddui.import-answer.location", lambda a: a["entry"][0]["response"].pop("location")),
        ("tddui.import-answer.location", lambda a: a["entry"][0]["response"].update(location="Patient/x0")),
        ("tddui.import-answer.location", lambda a: a["entry"][0]["response"].update(location="Task/x0/_history/1")),
    ],
)
def test_an_answer_that_does_not_tell_is_seen(tmp_path, code, change) -> None:
    assert probed(tmp_path, "tddui.import-answer", answer(change))[0] == [code]


def test_a_good_record_must_be_taken(tmp_path) -> None:
    assert probed(tmp_path, "tddui.import-answer", b"", status=500)[0] == ["tddui.import-answer.status"]


@pytest.mark.parametrize(
    ("told", "status", "expected"),
    [
        ({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}, 422, []),
        (
            {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]},
            422,
            ["tddui.import-refused.unexplained"],
        ),
        (b"", 400, ["tddui.import-refused.unexplained"]),
        (b"", 0, ["tddui.import-refused.unexplained"]),
        (answer(), 200, ["tddui.import-refused.taken"]),
    ],
)
def test_a_refusal_says_why(tmp_path, told, status, expected) -> None:
    assert probed(tmp_path, "tddui.import-refused", told, status=status, faulty=True) == (expected, 1)


@pytest.mark.parametrize(
    ("what", "check"), [("import", "import-shown"), ("after-fault", "nothing-left"), ("round-trip", "nothing-lost")]
)
def test_what_is_shown_is_what_was_wanted(tmp_path, what, check) -> None:
    more = {**GOOD, "entry": [*GOOD["entry"], {"resource": {"resourceType": "Task", "status": "draft", "id": "t"}}]}
    less = {**GOOD, "entry": GOOD["entry"][:-1]}
    seen = {}
    for name, bundle in (("same", GOOD), ("more", more), ("less", less)):
        play = Play(tmp_path / name)
        data = {"window": play.window, "name": "shown", "what": what, "mark": PERSON.ins, "after": 0}
        blobs = {"bundle": json.dumps(GOOD).encode()}
        play.journal.append(
            "scenario", LANE, "expectation", provenance=Provenance.HARNESS, data=data, blobs=blobs, marks=(PERSON.ins,)
        )
        came(play, bundle)
        seen[name] = codes(play, f"tddui.{check}")
    assert seen["same"] == ([], 1)
    assert seen["less"][0] == ["tddui.not-kept.resource"]
    assert seen["more"][0] == (["tddui.not-kept.new-resource"] if what == "after-fault" else [])


# --- whatever comes --------------------------------------------------------------------------------------------------


ODD = (None, 3, "", "x", [], {}, [None], [3], ["x"], {"a": [None]}, True, [[]], {"reference": 3}, {"coding": 3})


@pytest.mark.parametrize("seed", range(40))
def test_no_shape_of_json_breaks_a_check(seed) -> None:
    draw = random.Random(seed)
    bundle = copy.deepcopy(GOOD)
    for _ in range(4):
        spoil(draw, bundle)
    of_record = subjects.TransferOfRecord({"person": PERSON.as_json(), **HELD}, bundle, ("a/b/1",))
    one = subjects.Transfer({"status": 200, "headers": {}}, bundle, ("a/b/1",))
    told = subjects.ImportAnswer(False, 200, FHIR, GOOD, bundle, ("a/b/1",))
    heard = [
        *sending.a_record_is_one_transaction(one),
        *sending.every_resource_is_valid(one),
        *sending.every_entry_creates_a_known_resource(one),
        *sending.every_reference_leads_to_an_entry(one),
        *sending.a_refused_record_is_sent_again_whole(subjects.RefusedTransfer(one, (one,), ())),
        *identity.the_identity_is_the_records(of_record),
        *identity.an_unqualified_identity_carries_no_matricule(of_record),
        *holding.everything_is_there(of_record),
        *holding.every_answer_is_there(of_record),
        *holding.every_document_is_there(of_record),
        *receiving.a_record_is_answered_entry_by_entry(told),
        *receiving.a_fault_is_refused_with_its_reason(told),
        *receiving.a_round_trip_loses_nothing(subjects.Shown(GOOD, bundle, ())),
        *receiving.a_round_trip_loses_nothing(subjects.Shown(bundle, GOOD, ())),
    ]
    assert heard
    json.dumps([f.as_json("fr") for f in heard])


def spoil(draw, bundle):
    """Put something odd at some place."""
    places = []
    stack = [bundle]
    while stack:
        item = stack.pop()
        if isinstance(item, (dict, list)):
            keys = list(item) if isinstance(item, dict) else list(range(len(item)))
            places += [(item, key) for key in keys]
            stack += [item[key] for key in keys]
    item, key = draw.choice(places)
    item[key] = copy.deepcopy(draw.choice(ODD))
