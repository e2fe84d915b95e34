"""The transaction engine: whole or not at all, references put right, conditions resolved."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.services.fhir.outcome import FhirFault
from conformance.services.fhir.repository import Repository
from conformance.services.fhir.search import Searches, SearchParam
from conformance.services.fhir.transaction import Engine

SEARCHES = Searches({"Patient": (SearchParam("identifier", "token", "identifier"),)})
UUID = "urn:uuid:0b7e1f1e-6a2a-4f3c-9f5d-0a1b2c3d4e5f"


@pytest.fixture
def repository() -> Repository:
    return Repository(clock=lambda: "2026-03-01T10:00:00.000Z")


@pytest.fixture
def engine(repository: Repository) -> Engine:
    return Engine(repository, SEARCHES)


def entry(resource: dict[str, Any], full_url: str = "", **request: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"], **request},
    }
    return {**made, "fullUrl": full_url} if full_url else made


def bundle(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def patient(value: str = "1", **members: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": value}], **members}


def visit(reference: str) -> dict[str, Any]:
    return {"resourceType": "Encounter", "status": "planned", "subject": {"reference": reference}}


def test_every_entry_is_created_and_answered_in_its_place(engine: Engine, repository: Repository) -> None:
    answer = engine.transaction(bundle(entry(visit(UUID)), entry(patient(), UUID)))
    first, second = answer["entry"]
    assert answer["type"] == "transaction-response"
    assert [e["response"]["status"] for e in answer["entry"]] == ["201 Created", "201 Created"]
    assert second["response"]["location"] == f"Patient/{second['resource']['id']}/_history/1"
    assert first["resource"]["subject"]["reference"] == f"Patient/{second['resource']['id']}"
    assert repository.get("Encounter", first["resource"]["id"])["meta"]["versionId"] == "1"


def test_a_reference_may_name_the_type_and_id_that_the_client_wrote(engine: Engine) -> None:
    answer = engine.transaction(bundle(entry(patient(id="p1")), entry(visit("Patient/p1"))))
    made = answer["entry"][0]["resource"]["id"]
    assert made != "p1"
    assert answer["entry"][1]["resource"]["subject"]["reference"] == f"Patient/{made}"
    assert engine.unresolved == []


def test_the_bundle_given_is_not_touched(engine: Engine) -> None:
    given = visit(UUID)
    engine.transaction(bundle(entry(patient(), UUID), entry(given)))
    assert given == visit(UUID)


def refused(engine: Engine, *entries: dict[str, Any]) -> FhirFault:
    with pytest.raises(FhirFault) as caught:
        engine.transaction(bundle(*entries))
    return caught.value


def test_a_fault_leaves_nothing_behind(engine: Engine, repository: Repository) -> None:
    repository.create(patient("old"))

    def gate(step: Any) -> None:
        if step.kind == "Encounter":
            raise FhirFault(422, "business-rule", "fhirserver.refused-entry", type=step.kind)

    engine.gate = gate
    assert refused(engine, entry(patient()), entry(visit("Patient/x"))).status == 422
    assert [p["identifier"][0]["value"] for p in repository.of_type("Patient")] == ["old"]


@pytest.mark.parametrize(
    ("wrong", "status", "place"),
    [
        ({"resource": patient()}, 400, "Bundle.entry[0].request"),
        (entry(patient(), method="BREW"), 400, "Bundle.entry[0].request.method"),
        (entry(patient(), method="PATCH", url="Patient/1"), 405, "Bundle.entry[0].request.method"),
        (entry(patient(), url="TDDUIPatientINS"), 400, "Bundle.entry[0].request.url"),
        (entry(patient(), url="../etc"), 400, "Bundle.entry[0].request.url"),
        ({"request": {"method": "POST", "url": "Patient"}}, 400, "Bundle.entry[0].resource"),
        ("nonsense", 400, "Bundle.entry[0].request"),
    ],
)
def test_an_unclear_entry_is_named(engine: Engine, repository: Repository, wrong: Any, status: int, place: str) -> None:
    fault = refused(engine, wrong, entry(patient("2")))
    assert (fault.status, fault.expression, len(repository)) == (status, place, 0)


def test_two_entries_cannot_bear_one_name(engine: Engine) -> None:
    assert refused(engine, entry(patient("1"), UUID), entry(patient("2"), UUID)).issue == "duplicate"


def test_a_conditional_creation_meets_what_is_there(engine: Engine, repository: Repository) -> None:
    kept = repository.create(patient("7"))
    condition = {"ifNoneExist": "identifier=urn:x|7"}
    answer = engine.transaction(bundle(entry(patient("7"), UUID, **condition), entry(visit(UUID))))
    assert answer["entry"][0]["response"]["status"] == "200 OK"
    assert answer["entry"][1]["resource"]["subject"]["reference"] == f"Patient/{kept['id']}"
    repository.create(patient("7"))
    assert refused(engine, entry(patient("7"), **condition)).status == 412


def test_a_conditional_reference_names_one_resource(engine: Engine, repository: Repository) -> None:
    kept = repository.create(patient("7"))
    answer = engine.transaction(bundle(entry(visit("Patient?identifier=urn:x|7"))))
    assert answer["entry"][0]["resource"]["subject"]["reference"] == f"Patient/{kept['id']}"
    assert refused(engine, entry(visit("Patient?identifier=urn:x|8"))).status == 412


def test_a_reference_that_leads_nowhere_is_told_or_refused(engine: Engine) -> None:
    engine.transaction(bundle(entry(visit("Patient/elsewhere"))))
    assert engine.unresolved == ["Bundle.entry[0]: Patient/elsewhere"]
    engine.integrity = True
    assert refused(engine, entry(visit("Patient/elsewhere"))).expression == "Bundle.entry[0].resource"
    assert refused(engine, entry(visit(UUID))).status == 400


def test_deletions_come_first_and_updates_count_versions(engine: Engine, repository: Repository) -> None:
    gone, kept = repository.create(patient("1")), repository.create(patient("2"))
    answer = engine.transaction(
        bundle(
            {"request": {"method": "GET", "url": "Patient?identifier=2"}},
            entry(patient("2", active=True, id=kept["id"]), method="PUT", url=f"Patient/{kept['id']}"),
            {"request": {"method": "DELETE", "url": f"Patient/{gone['id']}"}},
        )
    )
    read, updated, deleted = answer["entry"]
    assert read["resource"]["entry"][0]["resource"]["active"] is True
    assert updated["response"]["location"].endswith("/_history/2")
    assert (deleted["response"]["status"], len(repository)) == ("204 No Content", 1)


def test_a_batch_carries_out_what_it_can(engine: Engine, repository: Repository) -> None:
    answer = engine.batch(bundle(entry(patient()), entry(patient(), url="Encounter"), {"nothing": True}))
    assert [e["response"]["status"] for e in answer["entry"]] == ["201 Created", "400", "400"]
    assert answer["entry"][1]["response"]["outcome"]["resourceType"] == "OperationOutcome"
    assert len(repository) == 1


def test_a_full_repository_refuses_and_goes_back() -> None:
    repository = Repository(max_resources=1)
    assert refused(Engine(repository, SEARCHES), entry(patient("1")), entry(patient("2"))).status == 507
    assert len(repository) == 0


def test_ten_thousand_entries_are_one_transaction(engine: Engine, repository: Repository) -> None:
    engine.transaction(bundle(entry(patient(), UUID), *(entry(visit(UUID)) for _ in range(9_999))))
    assert len(repository) == 10_000
