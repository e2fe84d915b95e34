"""Certificate, token, establishment; and what the service can be told to do wrong."""

from __future__ import annotations

import time

import pytest
import requests

from conformance.core.errors import UsageError
from conformance.services.pki import Pki


def test_no_certificate_no_connection(client, records) -> None:
    with requests.Session() as bare:
        bare.trust_env = False
        with pytest.raises(requests.RequestException):
            bare.get(client.here["fhir_base"] + "/Task", verify=client.session.verify, timeout=10)
    deadline = time.monotonic() + 5
    while records("tls.handshake")[-1].data["outcome"] != "failed" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert records("tls.handshake")[-1].data["client_certificate"] is None


@pytest.mark.parametrize(
    ("headers", "status", "refusal"),
    [
        ({"Authorization": ""}, 401, "token-missing"),
        ({"Authorization": "Basic eDp5"}, 401, "token-missing"),
        ({"Authorization": "Bearer not-a-token"}, 401, "token-unknown"),
        ({"struct_idnat": ""}, 403, "no-structure"),
        ({"struct_idnat": "1990000002"}, 403, "structure"),
        ({"struct_idnat": "990000010"}, 403, "structure"),
    ],
)
def test_a_call_without_its_rights_is_refused(client, records, headers, status, refusal) -> None:
    answer = client.get("Task", headers=headers)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
    assert records("sdo.call")[-1].data["refusal"] == refusal
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_the_other_establishment_has_its_own_decisions(client, decisions) -> None:
    answer = client.get("DocumentReference?type=57830-2", headers={"struct_idnat": "1990000028"})
    assert (answer.status_code, answer.json()["total"]) == (200, 0)
    path = f"DocumentReference/{decisions[0]['document']}"
    assert client.get(path, headers={"struct_idnat": "1990000028"}).status_code == 404


def test_the_certificate_of_another_entity_gets_no_token(client, bench_home, tmp_path, records) -> None:
    other = tmp_path / "other.pem"
    other.write_text("".join(Pki.open(bench_home / "pki").client("AUTRE", "1990000036")), encoding="ascii")
    form = {"grant_type": "client_credentials"}
    credentials = (client.here["client_id"], client.here["client_secret"])
    with requests.Session() as session:
        session.trust_env = False
        session.verify, session.cert = client.session.verify, str(other)
        refused = session.post(client.here["token_endpoint"], data=form, auth=credentials, timeout=10)
        headers = {"Authorization": f"Bearer {client.token}", "struct_idnat": client.here["struct_idnat"]}
        stolen = session.get(client.here["fhir_base"] + "/Task", headers=headers, timeout=10)
    assert refused.status_code == 403
    assert (stolen.status_code, records("sdo.call")[-1].data["refusal"]) == (403, "certificate")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"client_secret": "another"}, "invalid_request"),
    ],
)
def test_only_client_credentials_give_a_token(client, records, form, error) -> None:
    assert client.ask_token(**form).json()["error"] == error
    assert records("sdo.token")[-1].data["error"] == error


def test_a_token_ends(client) -> None:
    assert client.act("expire_tokens")["expired"] >= 1
    assert client.get("Task").status_code == 401
    client.token = client.ask_token().json()["access_token"]
    assert client.get("Task").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status"), [("forbidden", 403), ("too-many", 429), ("broken", 500), ("unavailable", 503)]
)
def test_a_fault_comes_as_many_times_as_asked(client, fault, status) -> None:
    client.act("fault", fault=fault, on="search", times=2)
    answers = [client.get("Task") for _ in range(3)]
    assert [a.status_code for a in answers] == [status, status, 200]
    assert answers[0].json()["resourceType"] == "OperationOutcome"
    assert ("Retry-After" in answers[0].headers) == (fault == "too-many")


def test_a_fault_on_another_interaction_is_not_met(client, decisions) -> None:
    client.act("fault", fault="broken", on="read")
    assert client.get("Task").status_code == 200
    assert client.get(f"DocumentReference/{decisions[0]['document']}").status_code == 500


def test_an_answer_can_be_cut_in_its_middle(client, decisions) -> None:
    client.act("fault", fault="cut", on="read")
    with pytest.raises(requests.RequestException):
        client.get(f"DocumentReference/{decisions[0]['document']}")
    assert client.get(f"DocumentReference/{decisions[0]['document']}").status_code == 200


def test_an_answer_can_be_slow_and_the_token_endpoint_can_fail(client) -> None:
    client.act("fault", fault="slow", on="search", delay=0.2)
    assert client.get("Task").status_code == 200
    client.act("fault", fault="unavailable", on="token")
    assert [client.ask_token().status_code for _ in range(2)] == [503, 200]
    client.act("fault", fault="broken", times=5)
    client.act("clear")
    assert client.get("Task").status_code == 200


@pytest.mark.parametrize(
    ("action", "members"),
    [
        ("fault", {"fault": "unheard-of"}),
        ("fault", {"fault": "slow", "delay": 1000}),
        ("populate", {"decisions": [{"unknown": 1}]}),
        ("populate", {"decisions": 3}),
        ("populate", {"count": 10_000}),
        ("withdraw", {"national": "unheard-of"}),
        ("change", {"national": "unheard-of", "content": ""}),
        ("configure", {"page_size": 0}),
    ],
)
def test_what_the_bench_may_not_ask_is_told(client, action, members) -> None:
    with pytest.raises(UsageError):
        client.act(action, **members)
