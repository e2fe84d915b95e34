"""The HTTP side: media types, statuses, OperationOutcomes, faults, and one record for each exchange."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from conformance.core.errors import UsageError
from conformance.evidence.journal import Journal, read_journal
from conformance.services.fhir.capability import Offer
from conformance.services.fhir.outcome import FhirFault
from conformance.services.fhir.search import Searches, SearchParam
from conformance.services.fhir.server import FhirApi
from conformance.services.http import HttpServer
from tests.services.conftest import Serve

FHIR = {"Content-Type": "application/fhir+json"}
ALL = ("read", "create", "update", "delete", "search-type")


class Client:
    """A plain client of one server."""

    def __init__(self, base: str, api: FhirApi) -> None:
        self.base, self.api = base, api
        self.web = requests.Session()
        self.web.trust_env = False

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        content = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.web.request(method, self.base + path, data=content, headers={**FHIR, **named}, timeout=10)


@pytest.fixture
def client(serve: Serve, journal: Journal) -> Any:
    server = HttpServer()
    base = server.url() + "/fhir"
    api = FhirApi(
        name="Essai",
        base=base,
        prefix="/fhir",
        offer=Offer({"Patient": ALL, "Task": ("create",)}, ("transaction", "batch")),
        searches=Searches({"Patient": (SearchParam("identifier", "token", "identifier"),)}),
        record=lambda exchange: exchange.record(journal, "essai", "main"),
        max_body=100_000,
    )
    serve(server, api.app())
    made = Client(base, api)
    yield made
    made.web.close()


def patient(value: str = "1234", **members: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": value}], **members}


def records(journal: Journal) -> list[Any]:
    return [r for r in read_journal(journal.folder) if r.kind == "essai.request"]


def test_a_resource_is_created_read_found_updated_and_deleted(client: Client) -> None:
    made = client.ask("POST", "/Patient", patient())
    assert (made.status_code, made.headers["Content-Type"]) == (201, "application/fhir+json; charset=utf-8")
    id = made.json()["id"]
    assert made.headers["Location"] == f"{client.base}/Patient/{id}/_history/1"
    assert client.ask("GET", f"/Patient/{id}").headers["ETag"] == 'W/"1"'
    assert client.ask("GET", "/Patient?identifier=urn:x|1234").json()["total"] == 1
    assert client.ask("POST", "/Patient/_search", b"identifier=1234").json()["total"] == 1
    updated = client.ask("PUT", f"/Patient/{id}", patient(id=id, active=True))
    assert (updated.status_code, updated.json()["meta"]["versionId"]) == (200, "2")
    assert client.ask("DELETE", f"/Patient/{id}").status_code == 204
    assert client.ask("GET", f"/Patient/{id}").status_code == 404


def test_a_conditional_creation_finds_what_is_there(client: Client) -> None:
    first = client.ask("POST", "/Patient", patient(), If_None_Exist="identifier=1234")
    again = client.ask("POST", "/Patient", patient(), If_None_Exist="identifier=1234")
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "/Patient", b"{", {}, 400),
        ("POST", "/Patient", b'{"a": NaN}', {}, 400),
        ("POST", "/Patient", b"[" * 3000, {}, 400),
        ("POST", "/Patient", b"[]", {}, 400),
        ("POST", "/Patient", b"<Patient/>", {"Content_Type": "application/fhir+xml"}, 415),
        ("POST", "/Patient", patient(), {"Accept": "application/fhir+xml"}, 406),
        ("POST", "/Patient", b'{"resourceType":"Patient","x":"' + b"x" * 200_000 + b'"}', {}, 413),
        ("POST", "/Task", patient(), {}, 400),
        ("GET", "/Task/1", None, {}, 405),
        ("GET", "/Organization", None, {}, 404),
        ("GET", "/a/b/c", None, {}, 404),
        ("GET", "/Patient/%20", None, {}, 400),
        ("PATCH", "/Patient/1", patient(), {}, 405),
        ("GET", "", None, {}, 404),
        ("POST", "", patient(), {}, 400),
        ("GET", "/Patient?unknown=1", None, {"Prefer": "handling=strict"}, 400),
        ("PUT", "/Patient/1", patient(id="2"), {}, 400),
    ],
)
def test_a_refusal_is_an_operation_outcome_and_a_record(
    client: Client, journal: Journal, method: str, path: str, body: Any, headers: dict[str, str], status: int
) -> None:
    answer = client.ask(method, path, body, **headers)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
    assert answer.json()["issue"][0]["diagnostics"]
    (record,) = records(journal)
    assert (record.data["status"], bool(record.data["issues"])) == (status, True)
    assert len(client.api.repository) == 0


def test_a_deep_resource_is_refused(client: Client) -> None:
    deep: Any = {}
    for _ in range(60):
        deep = {"extension": [deep]}
    assert client.ask("POST", "/Patient", patient(**deep)).json()["issue"][0]["code"] == "too-costly"


def test_the_statement_says_what_is_offered(client: Client) -> None:
    told = client.ask("GET", "/metadata").json()
    rest = told["rest"][0]
    assert (told["fhirVersion"], [r["type"] for r in rest["resource"]]) == ("4.0.1", ["Patient", "Task"])
    assert {i["code"] for i in rest["interaction"]} == {"transaction", "batch"}
    assert {p["name"] for p in rest["resource"][0]["searchParam"]} == {"_id", "_lastUpdated", "identifier"}


def test_an_exchange_is_recorded_with_its_bodies_and_marks_and_without_secrets(
    client: Client, journal: Journal
) -> None:
    entry = {"resource": patient("MARK-7"), "request": {"method": "POST", "url": "Patient"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    answer = client.ask(
        "POST", "/", bundle, Authorization="Bearer a-secret-that-nobody-writes", Prefer="return=minimal"
    )
    assert "resource" not in answer.json()["entry"][0]
    (record,) = records(journal)
    assert record.marks == ("mark-7",)
    assert (record.data["entries"], record.data["unresolved"], record.data["status"]) == ({"Patient": 1}, [], 200)
    assert json.loads(journal.store.get(record.blobs["request"])) == bundle
    assert json.loads(journal.store.get(record.blobs["answer"])) == answer.json()
    assert "a-secret-that-nobody-writes" not in record.to_line()


def test_faults_bear_on_the_requests_they_name_and_go(client: Client, journal: Journal) -> None:
    client.api.faults.put({"kind": "status", "status": 503, "method": "POST", "path": "Patient"})
    client.api.faults.put({"kind": "entry", "type": "Patient", "path": "", "method": "POST"})
    assert client.ask("GET", "/Patient").status_code == 200
    assert client.ask("POST", "/Patient", patient()).status_code == 503
    assert client.ask("POST", "/Patient", patient()).status_code == 422
    client.api.faults.put({"kind": "broken"})
    with pytest.raises(requests.JSONDecodeError):
        client.ask("GET", "/Patient").json()
    assert client.ask("POST", "/Patient", patient()).status_code == 201
    assert [r.data["fault"] for r in records(journal)] == [None, "status", "entry", "broken", None]
    client.api.faults.put({"kind": "slow", "seconds": 0, "times": 9})
    client.api.faults.clear()
    assert client.api.faults.take("GET", "Patient") is None


@pytest.mark.parametrize("asked", [{"kind": "odd"}, {"kind": "slow", "seconds": 1e9}, {"kind": "slow", "times": True}])
def test_a_fault_that_makes_no_sense_is_refused(client: Client, asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        client.api.faults.put(asked)


def test_who_is_not_admitted_is_told_so_and_changes_nothing(client: Client, journal: Journal) -> None:
    def admit(_request: Any) -> dict[str, Any]:
        raise FhirFault(401, "login", "fhirserver.token")

    client.api.admit = admit
    assert client.ask("POST", "/Patient", patient()).status_code == 401
    assert len(client.api.repository) == 0
    assert records(journal)[0].data["issues"] == ["login"]
