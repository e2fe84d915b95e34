"""What is exchanged with the SI-SDO, on journals played by hand: each fault, and what is none."""

import pytest

import conformance.checks  # noqa: F401 - fills the register
from conformance.core.words import Basis
from tests.checks.sdo_window import NATIONAL, Sdo, consent, task

OTHER = "SDO-2"
NEW = [["type", "57830-2"], ["_lastUpdated", "gt2026-11-20"], ["_elements", "id"]]
EVALUATION = [["identifier", NATIONAL], ["type", "51848-0"]]
TRANSITIONS = {"sdo": {"transitions": {"39": ["41"], "41": ["42"], "49": []}}}


@pytest.fixture
def play(tmp_path):
    return Sdo(tmp_path)


@pytest.mark.parametrize(
    ("parameters", "codes"),
    [
        (NEW, []),
        (NEW[:2], ["sdo.search.parameter"]),
        ([NEW[0], ["_lastUpdated", "ge2026-11-20"], NEW[2]], ["sdo.search.parameter"]),
        ([NEW[0], ["_lastUpdated", "gt2026-11-20T10:00:00Z"], NEW[2]], ["sdo.search.parameter"]),
        ([*NEW, NEW[1]], ["sdo.search.parameter"]),
        ([*NEW, ["_count", "100"]], ["sdo.search.other"]),
        ([], ["sdo.search.parameter"] * 3),
    ],
)
def test_decisions_are_looked_for_as_the_guide_says(play, parameters, codes):
    play.searches("DocumentReference", parameters)
    assert play.codes("sdo.decisions-search") == codes


def test_the_pages_that_the_service_hands_out_are_not_searches_of_the_product(play):
    play.searches("DocumentReference", [*NEW, ["_sdoPage", "1"]])
    assert play.subjects("sdo.decisions-search") == []


def test_a_decision_is_read_in_its_latest_version(play):
    play.decision(version=1)
    play.decision(version=2)
    play.reads(f"doc-{NATIONAL}", 1)
    assert play.codes("sdo.decisions-complete") == ["sdo.decision.unread"]


def test_a_cut_read_is_none(play):
    play.decision()
    play.reads(f"doc-{NATIONAL}", 1, fault="cut")
    assert play.codes("sdo.decisions-complete") == ["sdo.decision.unread"]


def test_in_an_open_window_nothing_is_concluded_of_what_was_not_read(play):
    play.decision()
    play.hinder()
    assert play.subjects("sdo.decisions-complete") == []


@pytest.mark.parametrize(
    ("parameters", "codes"),
    [
        (EVALUATION, []),
        (EVALUATION[:1], ["sdo.search.parameter"]),
        (EVALUATION[1:], ["sdo.search.parameter"]),
        ([*EVALUATION, ["_elements", "id"]], ["sdo.search.other"]),
    ],
)
def test_an_evaluation_is_looked_for_as_the_guide_says(play, parameters, codes):
    play.searches("DocumentReference", parameters)
    assert play.codes("sdo.evaluation-search") == codes


def test_consent_for_one_decision_opens_no_other(play):
    play.sends("Consent", consent(OTHER), OTHER)
    play.searches("DocumentReference", EVALUATION)
    assert play.codes("sdo.consent-first") == ["sdo.evaluation.no-consent"]


def test_a_refused_consent_opens_nothing_and_a_taken_one_opens(play):
    play.sends("Consent", consent(), status=503)
    play.searches("DocumentReference", EVALUATION)
    play.sends("Consent", consent())
    play.searches("DocumentReference", EVALUATION)
    assert play.codes("sdo.consent-first") == ["sdo.evaluation.no-consent"]


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("gt2026-11-20T10:00:00+01:00", []),
        ("gt2026-11-20T10:00:00.123Z", []),
        ("gt2026-11-20T10:00:00 01:00", ["sdo.search.parameter"]),
        ("gt2026-11-20", ["sdo.search.parameter"]),
        ("2026-11-20T10:00:00Z", ["sdo.search.parameter"]),
    ],
)
def test_statuses_are_looked_for_by_an_instant(play, value, codes):
    play.searches("Task", [["_lastUpdated", value]])
    assert play.codes("sdo.statuses-search") == codes


def test_a_first_search_goes_back_a_month_and_the_next_a_day(play):
    play.searches("Task", [["_lastUpdated", "gt2020-01-01T00:00:00Z"]])
    assert play.codes("sdo.statuses-window") == ["sdo.statuses.too-far"]


def test_an_instant_that_cannot_be_read_says_nothing_of_the_window(play):
    play.searches("Task", [["_lastUpdated", "gt2020-01-01T00:00:00 01:00"]])
    play.searches("Task", [])
    assert play.codes("sdo.statuses-window") == []


def test_resources_of_the_reference_conform(play):
    play.sends("Consent", consent())
    play.sends(
        "Task",
        task(unit={"id": "u", "name": "n", "category": "01", "mode": "46", "status": "182", "date": "2026-11-20"}),
    )
    assert play.codes("sdo.consent-profile") == []
    assert play.codes("sdo.task-profile") == []


@pytest.mark.parametrize("changes", [{"status": "rejected"}, {"dateTime": None}, {"meta": {}}])
def test_a_consent_off_its_profile_is_told(play, changes):
    made = consent(**changes)
    play.sends("Consent", {name: value for name, value in made.items() if value is not None})
    found = play.findings("sdo.consent-profile")
    assert found
    assert {f.basis for f in found} == {Basis.GUIDE}


def test_a_body_that_is_no_object_is_told(play):
    play.sends("Consent", [3])
    play.sends("Task", "x")
    assert play.codes("sdo.consent-profile") == ["sdo.sent.unread"]
    assert play.codes("sdo.task-profile") == ["sdo.sent.unread"]
    assert play.codes("sdo.consent-dossier") == ["sdo.dossier.structure"]
    assert play.codes("sdo.task-dossier") == ["sdo.dossier.structure"]


@pytest.mark.parametrize(
    ("made", "codes"),
    [
        (consent(), []),
        (consent(patient={"identifier": {"value": "299999999999999"}}), []),
        (consent(OTHER), ["sdo.dossier.other"]),
        (consent(individual="ind-SDO-2"), ["sdo.dossier.person"]),
        (consent(structure="1990000028"), ["sdo.dossier.structure"]),
        (consent(provision={"data": [3, {"reference": 4}]}), ["sdo.dossier.other"]),
    ],
)
def test_a_consent_is_about_its_person(play, made, codes):
    play.decision()
    play.bench("expectation", name="sdo-consent", national=NATIONAL, person="p")
    play.sends("Consent", made)
    assert play.codes("sdo.consent-dossier") == codes


@pytest.mark.parametrize(
    ("made", "codes"),
    [
        (task(), []),
        (task(OTHER), ["sdo.dossier.other"]),
        (task(decision="mdph-SDO-2"), ["sdo.dossier.pair"]),
        (task(structure="1990000028"), ["sdo.dossier.structure"]),
    ],
)
def test_a_task_names_one_decision(play, made, codes):
    play.decision()
    play.sends("Task", made)
    assert play.codes("sdo.task-dossier") == codes


def expect_status(play, status="41"):
    play.bench("expectation", name="sdo-status", national=NATIONAL, status=status, day="2026-11-20")


def test_what_was_lost_is_told_with_the_refusals_met(play):
    expect_status(play)
    play.bench("expectation", name="sdo-consent", national=NATIONAL, person="p")
    play.sends("Task", task(), status=503, before="39", after="41")
    play.sends("Task", task(status="42"), before="39", after="42")
    assert play.codes("sdo.reported") == ["sdo.reported.lost"] * 2
    assert [f.got for f in play.findings("sdo.reported")] == ["∅", "503"]


def test_what_arrives_after_an_error_is_fine(play):
    expect_status(play)
    play.sends("Task", task(), status=503, before="39", after="41")
    play.sends("Task", task(), before="39", after="41")
    assert play.codes("sdo.reported") == []
    assert play.codes("sdo.once") == []


def test_what_arrives_twice_is_told(play):
    expect_status(play)
    for _ in range(2):
        play.sends("Task", task(), before="39", after="41")
    assert play.codes("sdo.once") == ["sdo.once.again"]


def test_what_never_arrived_is_no_proof_of_once(play):
    expect_status(play)
    assert play.subjects("sdo.once") == []


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ("39", "41", []),
        ("41", "41", []),
        ("39", "42", ["sdo.status.order"]),
        ("49", "42", ["sdo.status.order"]),
        ("37", "42", []),
        ("39", "", []),
    ],
)
def test_statuses_follow_the_table_where_it_speaks(play, before, after, codes):
    play.sends("Task", task(status=after), before=before, after=after)
    assert play.codes("sdo.status-order", TRANSITIONS) == codes
    assert play.codes("sdo.status-order") == []
    assert play.codes("sdo.status-order", {"sdo": {"transitions": {"39": "41", "41": 5, "49": {}}}}) == []
