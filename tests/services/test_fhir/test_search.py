"""Search: tokens, dates, strings, references, chaining, results and pages."""

from __future__ import annotations

import pytest

from conformance.services.fhir.matching import span
from conformance.services.fhir.outcome import FhirFault
from conformance.services.fhir.repository import Repository
from conformance.services.fhir.search import Searches, SearchParam

SEARCHES = Searches(
    {
        "DocumentReference": (
            SearchParam("type", "token", "type"),
            SearchParam("identifier", "token", "identifier"),
            SearchParam("date", "date", "date"),
            SearchParam("period", "date", "context.period"),
            SearchParam("patient", "reference", "subject"),
        ),
        "Patient": (
            SearchParam("identifier", "token", "identifier"),
            SearchParam("name", "string", "name"),
            SearchParam("active", "token", "active"),
        ),
    }
)
BASE = "https://x.test/fhir"


@pytest.fixture
def repository() -> Repository:
    repository = Repository(clock=lambda: "2026-03-02T10:00:00.000Z")
    patient = {"resourceType": "Patient", "name": [{"family": "ESSAI", "given": ["Ana"]}], "active": True}
    repository.create({**patient, "identifier": [{"system": "urn:x", "value": "P1"}]}, id="p1")
    repository.create(
        {
            "resourceType": "DocumentReference",
            "type": {"coding": [{"system": "http://loinc.org", "code": "57830-2"}]},
            "identifier": [{"system": "urn:d", "value": "D1"}],
            "date": "2026-03-01T10:00:00+01:00",
            "context": {"period": {"start": "2026-01-01", "end": "2026-01-31"}},
            "subject": {"reference": "Patient/p1"},
        },
        id="d1",
    )
    return repository


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("type", "57830-2", True),
        ("type", "http://loinc.org|57830-2", True),
        ("type", "http://loinc.org|", True),
        ("type", "urn:other|57830-2", False),
        ("type", "51848-0,57830-2", True),
        ("type:not", "57830-2", False),
        ("identifier", "urn:d|D1", True),
        ("identifier", "|D1", False),
        ("identifier:missing", "true", False),
        ("_id", "d1", True),
        ("_lastUpdated", "gt2026-03-01", True),
        ("_lastUpdated", "gt2026-03-02", False),
        ("_lastUpdated", "ge2026-03-02", True),
        ("_lastUpdated", "gt2026-03-02T09:59:59Z", True),
        ("date", "2026-03-01", True),
        ("date", "lt2026-03", False),
        ("date", "sa2026-02", True),
        ("date", "eb2027", True),
        ("date", "ne2026", False),
        ("period", "le2026-01-15", True),
        ("period", "ap2026-01-15", True),
        ("patient", "p1", True),
        ("patient", "Patient/p1", True),
        ("patient", "https://x.test/fhir/Patient/p1", False),
        ("patient:Patient", "p1", True),
        ("patient.identifier", "urn:x|P1", True),
        ("patient.identifier", "P2", False),
        ("patient.name", "ess", True),
    ],
)
def test_a_parameter_chooses(repository: Repository, name: str, value: str, fits: bool) -> None:
    assert bool(SEARCHES.find(repository, "DocumentReference", [(name, value)])) is fits


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("name", "an", True),
        ("name", "SSAI", False),
        ("name:contains", "SSAI", True),
        ("name:exact", "Ana", True),
        ("name:exact", "ana", False),
        ("active", "true", True),
        ("active", "false", False),
    ],
)
def test_strings_and_booleans(repository: Repository, name: str, value: str, fits: bool) -> None:
    assert bool(SEARCHES.find(repository, "Patient", [(name, value)])) is fits


def test_an_unknown_parameter_is_ignored_or_refused(repository: Repository) -> None:
    assert len(SEARCHES.find(repository, "Patient", [("colour", "blue")])) == 1
    with pytest.raises(FhirFault) as caught:
        SEARCHES.find(repository, "Patient", [("colour", "blue")], strict=True)
    assert caught.value.status == 400


@pytest.mark.parametrize("value", ["gtyesterday", "2026-13", "2026-02-30"])
def test_a_wrong_date_is_a_400(repository: Repository, value: str) -> None:
    with pytest.raises(FhirFault) as caught:
        SEARCHES.find(repository, "DocumentReference", [("date", value)])
    assert caught.value.status == 400


def test_elements_keep_the_id_and_say_that_something_is_missing(repository: Repository) -> None:
    answer = SEARCHES.answer(repository, BASE, "DocumentReference", [("_elements", "id")])
    shown = answer["entry"][0]["resource"]
    assert set(shown) == {"resourceType", "id", "meta"}
    assert shown["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert answer["entry"][0]["fullUrl"] == f"{BASE}/DocumentReference/d1"


def test_what_is_referred_to_comes_along(repository: Repository) -> None:
    query = [("_include", "DocumentReference:patient")]
    answer = SEARCHES.answer(repository, BASE, "DocumentReference", query)
    assert [(e["search"]["mode"], e["resource"]["id"]) for e in answer["entry"]] == [("match", "d1"), ("include", "p1")]
    assert answer["total"] == 1


def test_pages_lead_from_one_to_the_next(repository: Repository) -> None:
    for _ in range(4):
        repository.create({"resourceType": "Patient"})
    seen, query = [], [("_count", "2")]
    while query:
        answer = SEARCHES.answer(repository, BASE, "Patient", query)
        seen += [e["resource"]["id"] for e in answer["entry"]]
        following = [link["url"] for link in answer["link"] if link["relation"] == "next"]
        query = [tuple(p.split("=")) for p in following[0].partition("?")[2].split("&")] if following else []
    assert (len(seen), len(set(seen)), answer["total"]) == (5, 5, 5)
    assert "entry" not in SEARCHES.answer(repository, BASE, "Patient", [("_summary", "count")])
    with pytest.raises(FhirFault):
        SEARCHES.answer(repository, BASE, "Patient", [("_count", "-1")])


def test_a_span_is_as_wide_as_what_is_written() -> None:
    for text, seconds in (
        ("2026", 365 * 86400),
        ("2026-02", 28 * 86400),
        ("2026-02-01", 86400),
        ("2026-02-01T10:00Z", 60),
    ):
        start, end = span(text)
        assert (end - start).total_seconds() == seconds
    assert span("0000") is None
