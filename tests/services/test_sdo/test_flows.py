"""Each call of the guide, met as a client meets it, and what the validator says of every answer."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conformance.checks.fhir.judge import bundled_validator
from conformance.core.words import Level

GUIDE = "https://interop.esante.gouv.fr/ig/fhir/sdo"
SINCE = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%d")
NEW = f"DocumentReference?type=57830-2&_lastUpdated=gt{SINCE}&_elements=id"


def consent(national: str, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "meta": {"source": "urn:oid:1.2.250.1.71.4.2.2#1990000010"},
        "status": "active",
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "dateTime": "2026-11-20",
        "policyRule": {"text": "accord"},
        "provision": {
            "data": [
                {"meaning": "related", "reference": {"identifier": {"use": "official", "value": national}}},
            ]
        },
        **changes,
    }


def task(one: dict[str, Any], status: str) -> dict[str, Any]:
    def given(code: str, **value: Any) -> dict[str, Any]:
        system = f"{GUIDE}/CodeSystem/input-task-sdo-codesystem"
        return {"type": {"coding": [{"system": system, "code": code}]}, **value}

    coded = "https://mos.esante.gouv.fr/NOS/TRE_R357-StatutPersonnePriseCharge/FHIR/TRE-R357-StatutPersonnePriseCharge"
    return {
        "resourceType": "Task",
        "meta": {"lastUpdated": "2026-11-20T10:00:00+01:00"},
        "status": "completed",
        "intent": "plan",
        "input": [
            given("idNat_Struct", valueIdentifier={"value": "1990000010"}),
            given("nomESMS", valueString="ESMS"),
            given("idDecision", valueIdentifier={"value": one["decision"]}),
            given("idNat_Decision", valueIdentifier={"value": one["national"]}),
            given("statutESMS", valueCodeableConcept={"coding": [{"system": coded, "code": status}]}),
        ],
    }


def errors(resource: dict[str, Any], profile: str) -> list[str]:
    found = bundled_validator().validate(resource, profiles=[f"{GUIDE}/StructureDefinition/{profile}"])
    return [f"{f.code} {f.where}" for f in found if f.level is Level.ERROR]


held = pytest.mark.usefixtures("decisions")


def test_new_decisions_are_listed_by_their_id_alone(client, decisions) -> None:
    answer = client.get(NEW)
    assert answer.headers["content-type"].startswith("application/fhir+json")
    found = answer.json()
    assert (found["type"], found["total"]) == ("searchset", 3)
    assert {e["resource"]["id"] for e in found["entry"]} == {d["document"] for d in decisions}
    assert all(set(e["resource"]) == {"resourceType", "id", "meta"} for e in found["entry"])


@held
def test_a_day_is_over_before_anything_is_after_it(client) -> None:
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    assert client.ids(f"DocumentReference?type=57830-2&_lastUpdated=gt{today}&_elements=id") == []
    assert len(client.ids(f"DocumentReference?type=57830-2&_lastUpdated=ge{today}&_elements=id")) == 3


@held
def test_pages_follow_each_other_to_the_end(client) -> None:
    client.act("configure", page_size=2)
    first = client.get(NEW).json()
    links = {link["relation"]: link["url"] for link in first["link"]}
    second = client.get(links["next"]).json()
    assert (len(first["entry"]), len(second["entry"]), first["total"]) == (2, 1, 3)
    assert {link["relation"] for link in second["link"]} == {"self"}


def test_a_decision_is_read_with_its_document_and_its_version(client, decisions) -> None:
    answer = client.get(f"DocumentReference/{decisions[0]['document']}")
    found = answer.json()
    assert answer.headers["etag"] == 'W/"1"'
    assert found["content"][0]["attachment"]["data"] == decisions[0]["content"]
    assert {i["use"]: i["value"] for i in found["identifier"]} == {
        "usual": decisions[0]["decision"],
        "official": decisions[0]["national"],
    }
    assert errors(found, "esms-document-reference") == []


def test_a_changed_decision_has_a_new_version(client, decisions) -> None:
    content = base64.b64encode(b"<ClinicalDocument/>").decode()
    assert client.act("change", national=decisions[1]["national"], content=content) == {"version": 2}
    answer = client.get(f"DocumentReference/{decisions[1]['document']}")
    assert (answer.headers["etag"], answer.json()["content"][0]["attachment"]["data"]) == ('W/"2"', content)


def test_an_evaluation_shows_once_consent_was_received(client, decisions, records) -> None:
    wanted = f"DocumentReference?identifier={decisions[0]['national']}&type=51848-0"
    assert client.get(wanted).json()["entry"] == []
    assert client.get(f"DocumentReference/{decisions[0]['evaluation_id']}").status_code == 404
    sent = consent(decisions[0]["national"])
    assert errors(sent, "esms-consent") == []
    made = client.call("POST", "Consent", json=sent)
    assert made.status_code == 201
    assert made.headers["location"].endswith("/_history/1")
    found = client.get(wanted).json()
    assert [e["resource"]["id"] for e in found["entry"]] == [decisions[0]["evaluation_id"]]
    assert errors(found, "esms-bundle-resultat-recherche-decision-evaluation") == []
    kept = records("sdo.call")[-2]
    assert kept.data["decision"] == decisions[0]["national"]
    assert kept.marks == (decisions[0]["national"].lower(),)


def test_a_refused_consent_opens_nothing(client, decisions) -> None:
    assert client.call("POST", "Consent", json=consent(decisions[0]["national"], status="rejected")).status_code == 201
    assert client.ids(f"DocumentReference?identifier={decisions[0]['national']}&type=51848-0") == []


def test_statuses_follow_each_other_as_the_table_says(client, decisions, records) -> None:
    one = decisions[0]
    sent = task(one, "41")
    assert errors(sent, "esms-task") == []
    assert client.call("POST", "Task", json=sent).status_code == 201
    refused = client.call("POST", "Task", json=task(one, "48"))
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (422, "business-rule")
    assert (records("sdo.call")[-1].data["before"], records("sdo.call")[-1].data["after"]) == ("41", "48")
    client.act("configure", enforced=False)
    assert client.call("POST", "Task", json=task(one, "48")).status_code == 201


def test_statuses_are_searched_by_instant(client, decisions) -> None:
    before = (datetime.now(UTC) - timedelta(seconds=5)).isoformat(timespec="milliseconds")
    client.call("POST", "Task", json=task(decisions[0], "41"))
    announced = client.act("announce", national=decisions[1]["national"], status="49")["task"]
    found = client.get("Task", params={"_lastUpdated": f"gt{before}"}).json()
    assert found["total"] == 2
    assert found["entry"][1]["resource"]["id"] == announced
    assert errors(found, "esms-bundle-resultat-recherche-notification-esms") == []
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat(timespec="milliseconds")
    assert client.get("Task", params={"_lastUpdated": f"gt{later}"}).json()["total"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "DocumentReference/unheard-of", None, 404, "not-found"),
        ("GET", "Patient", None, 405, "not-supported"),
        ("PUT", "Task/1", b"{}", 405, "not-supported"),
        ("GET", "Task?_lastUpdated=gtyesterday", None, 400, "invalid"),
        ("GET", "Task?_lastUpdated=gt2026-11-20T10:00:00+01:00", None, 400, "invalid"),
        ("GET", "Task?_sdoPage=x", None, 400, "invalid"),
        ("POST", "Consent", b"<xml/>", 400, "structure"),
        ("POST", "Consent", b"[" * 100_000, 400, "structure"),
        ("POST", "Task", b'{"resourceType": "Consent"}', 400, "structure"),
        ("POST", "Task", b'{"resourceType": "Task", "input": [3, {"type": 4}]}', 422, "business-rule"),
    ],
)
def test_what_cannot_be_done_is_told_in_an_operation_outcome(client, method, path, body, status, code):
    answer = client.call(method, path, data=body)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
    assert answer.json()["issue"][0]["code"] == code


def test_a_body_without_end_is_refused_and_recorded(client, records) -> None:
    answer = client.call("POST", "Task", data=b" " * (1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (413, "too-long")
    assert records("sdo.call")[-1].data["status"] == 413


def test_capabilities_are_told(client) -> None:
    told = client.get("metadata").json()
    assert {r["type"] for r in told["rest"][0]["resource"]} == {"Consent", "DocumentReference", "Task"}
    json.dumps(told)


def test_a_withdrawn_decision_is_listed_and_gone(client, decisions) -> None:
    client.act("withdraw", national=decisions[0]["national"])
    assert decisions[0]["document"] in client.ids(NEW)
    answer = client.get(f"DocumentReference/{decisions[0]['document']}")
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (410, "deleted")


def test_decisions_can_be_drawn_for_a_desk(client) -> None:
    assert client.act("populate", count=3, seed=9) == {"held": 3}
    first = client.ids(NEW)
    client.act("populate", count=3, seed=9)
    assert client.ids(NEW) == first
    assert errors(client.get(f"DocumentReference/{first[0]}").json(), "esms-document-reference") == []
