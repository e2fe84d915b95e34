"""How the SI-SDO is reached, on journals played by hand: connections, tokens, establishments, and who is no SI-SDO."""

import pytest

import conformance.checks  # noqa: F401 - fills the register
from tests.checks.sdo_window import Sdo


@pytest.fixture
def play(tmp_path):
    return Sdo(tmp_path)


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
