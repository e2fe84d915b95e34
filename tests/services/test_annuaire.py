"""The directory: its FHIR API, its pages, its key, its extraction, its faults."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from conformance._bundled.fixtures.directory import professionals

from conformance.checks.fhir.judge import bundled_validator
from conformance.core.errors import UsageError
from conformance.core.words import Level
from conformance.evidence.journal import read_journal
from conformance.services.annuaire.extraction import COLUMNS
from conformance.services.annuaire.professional import Professional
from conformance.services.client import Bench

Get = Callable[..., requests.Response]
HOMONYMS = [
    Professional(
        rpps=f"9900000{n:04d}", family="ÉPREUVE", given=f"Prénom{n:03d}", finess="960000001", mailbox=f"h{n}@m.test"
    )
    for n in range(120)
]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("annuaire") / "evidence"


@pytest.fixture(scope="module")
def bench(bench_home: Path, evidence: Path) -> Iterator[Bench]:
    with Bench.start(evidence, bench_home, ["main", "other"]) as bench:
        bench.act("main", "annuaire", "add", professionals=[one.as_json() for one in HOMONYMS])
        yield bench


@pytest.fixture
def here(bench: Bench) -> dict[str, Any]:
    return bench.service("main", "annuaire")


@pytest.fixture
def get(here: dict[str, Any], web: requests.Session) -> Get:
    def asked(path: str, key: str | None = "", **params: Any) -> requests.Response:
        headers = {} if key is None else {"ESANTE-API-KEY": key or here["api_key"]}
        url = path if path.startswith("https:") else here["url"] + path
        return web.get(url, params=params, headers=headers, timeout=10)

    return asked


def ids(bundle: dict[str, Any]) -> list[str]:
    return [entry["resource"]["id"] for entry in bundle["entry"]]


def test_everything_served_is_valid_under_the_public_data_profiles(get: Get) -> None:
    roles = get("/PractitionerRole", **{"mailbox-mss": "h1@m.test", "_include": "*"}).json()
    bundles = [roles, get("/Practitioner", family="epreuve", _count=2).json(), get("/Practitioner", _count=20).json()]
    for bundle in bundles:
        resources = [entry["resource"] for entry in bundle["entry"]]
        assert resources
        for resource in resources:
            found = [f for f in bundled_validator().validate(resource) if f.level is Level.ERROR]
            assert found == [], resource["resourceType"]
    assert {entry["search"]["mode"] for entry in roles["entry"]} == {"match", "include"}


def test_pages_follow_one_another_to_the_last(get: Get) -> None:
    seen: list[str] = []
    url: str | None = "/Practitioner?family=epreuve"
    while url:
        bundle = get(url).json()
        assert bundle["total"] == len(HOMONYMS)
        seen += ids(bundle)
        url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
    assert len(seen) == len(set(seen)) == len(HOMONYMS)


@pytest.mark.parametrize(
    ("type", "params", "count"),
    [
        ("Practitioner", {"family": "EPREUVE"}, 50),
        ("Practitioner", {"family:exact": "epreuve", "given": "prenom00"}, 10),
        ("Practitioner", {"identifier": "https://rpps.esante.gouv.fr|99000000007"}, 1),
        ("Practitioner", {"identifier": "899000000007"}, 1),
        ("Practitioner", {"identifier": "urn:oid:1.2.250.1.71.4.2.1|899000000007"}, 1),
        ("Practitioner", {"mailbox-mss:contains": "7@m.test"}, 12),
        ("Practitioner", {"name": "Prenom007"}, 1),
        ("Practitioner", {"family": "NOBODY"}, 0),
        ("PractitionerRole", {"practitioner": "Practitioner/essai-pp-99000000007"}, 1),
        ("Organization", {"identifier": "https://finess.esante.gouv.fr|960000001"}, 1),
        ("Device", {"_count": "5"}, 0),
    ],
)
def test_a_search_finds_what_it_names(get: Get, type: str, params: dict[str, str], count: int) -> None:
    answer = get(f"/{type}", **params)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json"
    assert len(answer.json()["entry"]) == count


def test_a_search_by_post_is_the_same_search(here: dict[str, Any], web: requests.Session) -> None:
    headers = {"ESANTE-API-KEY": here["api_key"]}
    answer = web.post(here["url"] + "/Practitioner/_search", data={"given": "Prénom011"}, headers=headers, timeout=10)
    assert ids(answer.json()) == ["essai-pp-99000000011"]


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/Practitioner?family=x", None, 401),
        ("/Practitioner?family=x", "wrong", 403),
        ("/Practitioner?colour=blue", "", 400),
        ("/Practitioner?_count=lots", "", 400),
        ("/Practitioner?identifier=urn:x|1", "", 400),
        ("/Practitioner?family:below=x", "", 400),
        ("/Patient?family=x", "", 404),
        ("/Practitioner/nobody", "", 404),
        ("?_page=gone", "", 410),
    ],
)
def test_what_cannot_be_answered_is_an_operation_outcome(get: Get, path: str, key: str | None, status: int) -> None:
    answer = get(path, key)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_one_resource_is_read_by_its_id(get: Get) -> None:
    assert get("/Practitioner/essai-pp-99000000003").json()["name"][0]["given"] == ["Prénom003"]
    assert get("/PractitionerRole/essai-se-99000000003-960000001").json()["resourceType"] == "PractitionerRole"
    assert get("/metadata", None).json()["resourceType"] == "CapabilityStatement"


def test_faults_come_as_often_as_they_were_asked_for(bench: Bench, get: Get) -> None:
    bench.act("main", "annuaire", "fault", fault="unavailable", times=2)
    bench.act("main", "annuaire", "fault", fault="too-many")
    statuses = [get("/Practitioner", family="epreuve").status_code for _ in range(4)]
    assert statuses == [503, 503, 429, 200]
    bench.act("main", "annuaire", "fault", fault="unavailable", times=9)
    bench.act("main", "annuaire", "clear")
    assert get("/Practitioner", family="epreuve").status_code == 200
    with pytest.raises(UsageError):
        bench.act("main", "annuaire", "fault", fault="nothing")
    with pytest.raises(UsageError):
        bench.act("main", "annuaire", "add", professionals=[{"rpps": 3}])


def test_an_expired_page_is_gone(bench: Bench, get: Get) -> None:
    link = get("/Practitioner", family="epreuve").json()["link"][-1]["url"]
    assert bench.act("main", "annuaire", "expire")["pages"] > 0
    assert get(link).status_code == 410


def test_lanes_see_their_own_entries_only(bench: Bench, here: dict[str, Any], web: requests.Session) -> None:
    other = bench.service("other", "annuaire")
    assert other["api_key"] != here["api_key"]
    headers = {"ESANTE-API-KEY": other["api_key"]}
    answer = web.get(other["url"] + "/Practitioner", params={"family": "epreuve"}, headers=headers, timeout=10)
    assert answer.json()["total"] == 0
    assert web.get(other["url"] + "/Practitioner", headers={"ESANTE-API-KEY": "x"}, timeout=10).status_code == 403


def test_the_extraction_holds_every_entry_and_changes_with_them(
    bench: Bench, here: dict[str, Any], web: requests.Session
) -> None:
    def lines() -> tuple[str, list[list[str]]]:
        with zipfile.ZipFile(io.BytesIO(web.get(here["extraction_url"], timeout=10).content)) as archive:
            (name,) = archive.namelist()
            return name, [line.split("|") for line in archive.read(name).decode().splitlines()]

    first, rows = lines()
    assert tuple(rows[0]) == COLUMNS
    assert {len(row) for row in rows} == {56}
    by_rpps = {row[1]: row for row in rows}
    assert by_rpps["99000000003"][7:9] == ["ÉPREUVE", "Prénom003"]
    changed = Professional(rpps="99000000003", family="NOUVEAU", given="Prénom003", finess="960000001")
    bench.act("main", "annuaire", "add", professionals=[changed.as_json()])
    second, rows = lines()
    assert second > first
    assert {row[1]: row[7] for row in rows}["99000000003"] == "NOUVEAU"
    bench.act("main", "annuaire", "remove", rpps="99000000003")
    assert "99000000003" not in {row[1] for row in lines()[1]}


def test_the_key_is_never_written_down(evidence: Path, here: dict[str, Any], get: Get) -> None:
    assert get("/Practitioner", family=here["api_key"]).status_code == 200
    records = list(read_journal(evidence))
    assert any(record.kind == "annuaire.search" for record in records)
    assert here["api_key"] not in "\n".join(record.to_line() for record in records)


def test_the_same_seed_draws_the_same_people() -> None:
    few, many = list(professionals(4, 50, "m.test")), list(professionals(4, 500, "m.test"))
    assert many[:50] == few
    assert len({one.rpps for one in many}) == 500
    assert list(professionals(5, 50, "m.test")) != few


def test_fhirpy_reads_the_directory(here: dict[str, Any], get: Get, pki: Any) -> None:
    fhirpy = pytest.importorskip("fhirpy", reason="fhirpy is not installed")
    client = fhirpy.SyncFHIRClient(
        here["url"], extra_headers={"ESANTE-API-KEY": here["api_key"]}, requests_config={"verify": str(pki.ca_file)}
    )
    found = client.resources("Practitioner").search(family="epreuve").fetch_all()
    assert len(found) == get("/Practitioner", family="epreuve").json()["total"]
    assert (
        client.resources("PractitionerRole").search(practitioner=found[5].to_reference()).first().resource_type
        == "PractitionerRole"
    )


def test_what_the_guide_offers_and_is_not_played_is_told_apart(get, evidence):
    for query in ("PractitionerRole?role=10", "PractitionerRole?colour=blue"):
        assert get(f"/{query}").status_code == 400
    told = [
        r.data for r in read_journal(evidence) if r.kind == "annuaire.search" and r.data["type"] == "PractitionerRole"
    ]
    assert [one["unplayed"] for one in told[-2:]] == [True, False]
