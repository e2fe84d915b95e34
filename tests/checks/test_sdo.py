"""What is judged at the SI-SDO, on journals played by hand: each fault, and what is none."""

import json

import pytest
from conformance._bundled.reference_dui.sdo import resources
from conformance._bundled.reference_dui.sins import Sins

import conformance.checks  # noqa: F401 - fills the register
from conformance.core.words import Basis
from tests.checks.journals import Play

NATIONAL, OTHER = "SDO-1", "SDO-2"
STRUCTURE = "1990000010"
NEW = [["type", "57830-2"], ["_lastUpdated", "gt2026-11-20"], ["_elements", "id"]]
EVALUATION = [["identifier", NATIONAL], ["type", "51848-0"]]
TRANSITIONS = {"sdo": {"transitions": {"39": ["41"], "41": ["42"], "49": []}}}


@pytest.fixture
def play(tmp_path):
    made = Sdo(tmp_path)
    made.bench(
        "stimulus",
        operation="configure_service",
        parameters={"service": "sdo", "settings": {"client_id": "esms-a", "struct_idnat": STRUCTURE}},
    )
    return made


class Sdo(Play):
    """A window in which the product speaks to the SI-SDO."""

    def handshakes(self, **members):
        given = {"outcome": "ok", "client_certificate": "CN=x", "alert_by": None, "reason": None, **members}
        return self.wire("sdo", "tls.handshake", session="s1", **given)

    def asks_token(self, **members):
        given = {"grant_type": "client_credentials", "client_id": "esms-a", "outcome": "ok", "error": None, **members}
        return self.wire("sdo", "sdo.token", **given)

    def calls(self, body=None, **members):
        given = {
            "method": "GET",
            "path": "/fhir/Task",
            "query": "",
            "status": 200,
            "token": "ok",
            "token_id": "t1",
            "structure": STRUCTURE,
            "refusal": "",
            **members,
        }
        blobs = {"body": json.dumps(body).encode()} if body is not None else None
        return self.wire("sdo", "sdo.call", blobs=blobs, **given)

    def searches(self, resource, parameters, **members):
        return self.calls(interaction="search", resource=resource, parameters=parameters, **members)

    def reads(self, document, version, **members):
        return self.calls(interaction="read", resource="DocumentReference", id=document, version=version, **members)

    def sends(self, kind, body, national=NATIONAL, status=201, **members):
        return self.calls(body, interaction="create", resource=kind, decision=national, status=status, **members)

    def decision(self, national=NATIONAL, version=1):
        self.bench(
            "expectation",
            name="sdo-decision",
            document=f"doc-{national}",
            decision=f"mdph-{national}",
            national=national,
            individual=f"ind-{national}",
            structure=STRUCTURE,
            version=version,
            person="p",
            ins="299999999999999",
        )


def consent(national=NATIONAL, structure=STRUCTURE, individual=f"ind-{NATIONAL}", **changes):
    made = resources.consent(
        national=national, individual=individual, structure=structure, day="2026-11-20", sins=Sins()
    )
    return {**made, **changes}


def task(national=NATIONAL, status="41", unit=None, **changes):
    members = {
        "national": national,
        "decision": f"mdph-{national}",
        "structure": STRUCTURE,
        "name": "ESMS",
        "status": status,
        "day": "2026-11-20",
        "unit": unit or {},
        "now": "2026-11-20T10:00:00+00:00",
        "sins": Sins(),
    }
    return resources.task(**{**members, **changes})


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({}, []),
        ({"outcome": "failed", "client_certificate": None, "alert_by": "server"}, ["sdo.tls.no-certificate"]),
        ({"outcome": "failed", "client_certificate": None, "alert_by": "client"}, []),
        ({"outcome": "failed", "client_certificate": None, "reason": "cut"}, []),
        ({"outcome": "failed", "reason": "CERTIFICATE_VERIFY_FAILED", "alert_by": "server"}, ["sdo.tls.refused"]),
    ],
)
def test_a_connection_shows_its_certificate(play, members, codes):
    play.handshakes(**members)
    assert play.codes("sdo.mutual-tls") == codes


def test_another_service_s_handshake_is_not_judged_here(play):
    play.handshake(outcome="failed")
    assert play.subjects("sdo.mutual-tls") == []


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({}, []),
        ({"outcome": "refused", "error": "unavailable"}, []),
        ({"grant_type": "password"}, ["sdo.token.grant"]),
        ({"client_id": "another"}, ["sdo.token.client"]),
        ({"outcome": "refused", "error": "invalid_client"}, ["sdo.token.refused"]),
    ],
)
def test_a_token_is_asked_as_it_must(play, members, codes):
    play.asks_token(**members)
    assert play.codes("sdo.token-request") == codes


def test_an_expired_token_is_met_once(play):
    play.calls()
    play.calls(token="expired", refusal="token-expired")
    assert play.codes("sdo.bearer") == []


@pytest.mark.parametrize("token", ["missing", "unknown"])
def test_a_call_without_its_token_is_told(play, token):
    play.calls(token=token, token_id=None, refusal=f"token-{token}")
    assert play.codes("sdo.bearer") == [f"sdo.bearer.{token}"]


def test_a_worn_token_is_told(play):
    for _ in range(2):
        play.calls(token="expired", refusal="token-expired")
    assert play.codes("sdo.bearer") == ["sdo.bearer.worn"]


@pytest.mark.parametrize(("seconds", "codes"), [(0.2, []), (5.0, ["sdo.bearer.worn"])])
def test_calls_side_by_side_may_meet_the_same_refusal(play, clock, seconds, codes):
    play.calls(token="expired", refusal="token-expired")
    clock.now += seconds
    play.calls(path="/fhir/DocumentReference", token="expired", refusal="token-expired")
    assert play.codes("sdo.bearer") == codes


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({}, []),
        ({"structure": "1990000002", "refusal": "structure"}, ["sdo.structure.other"]),
        ({"structure": "1990000028"}, ["sdo.structure.other"]),
        ({"structure": "", "refusal": "no-structure"}, ["sdo.structure.other"]),
    ],
)
def test_a_call_names_its_establishment(play, members, codes):
    play.calls(**members)
    assert play.codes("sdo.structure") == codes


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


MET = {"session": "i1", "domain": "impostor.test", "fault": "unknown-ca"}


def impostor_shaken(play, outcome="failed"):
    play.wire("impostor", "tls.handshake", outcome=outcome, alert_by="client", client_certificate=None, **MET)


def test_an_impostor_that_is_refused_is_proof(play):
    play.bench("expectation", name="sdo-impostor", domain="impostor.test")
    impostor_shaken(play)
    assert play.codes("sdo.refuses-impostor") == []
    assert len(play.subjects("sdo.refuses-impostor")) == 1
    assert play.subjects("sdo.mutual-tls") == []


def test_an_impostor_that_was_never_met_is_none(play):
    play.bench("expectation", name="sdo-impostor", domain="impostor.test")
    assert play.subjects("sdo.refuses-impostor") == []


@pytest.mark.parametrize("asked", [True, False])
def test_an_impostor_that_is_believed_is_told(play, asked):
    play.bench("expectation", name="sdo-impostor", domain="impostor.test")
    impostor_shaken(play, "ok")
    if asked:
        play.wire("impostor", "impostor.request", method="POST", path="/oauth2/token", query="", **MET)
    assert play.codes("sdo.refuses-impostor") == ["sdo.impostor.accepted"]
