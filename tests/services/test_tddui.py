"""The TDDUI consumer of a lane, met as any FHIR client would: by requests, and by an independent library."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from conformance._bundled.fixtures.people import Population
from conformance._bundled.fixtures.tddui import record, transfer

from conformance.core.errors import UsageError
from conformance.evidence.journal import read_journal
from conformance.services.client import Bench
from conformance.services.tddui.service import TYPES

FHIR = {"Content-Type": "application/fhir+json"}
PEOPLE = Population(3)


def bundle_of(role: str) -> tuple[Any, dict[str, Any]]:
    person = PEOPLE.person("service", role)
    held = record.record_of(
        3, role, person, structure=PEOPLE.structure, professional=PEOPLE.professional, today="2026-11-20T10:00:00+01:00"
    )
    local = f"3{PEOPLE.structure.finess}/{role}"
    return person, transfer.bundle_of(person, local, held["contact"], transfer.numbered(local, held["items"]))


class Consumer:
    """The consumer of a bench, and what opens it."""

    def __init__(self, bench: Bench, folder: Path, evidence: Path) -> None:
        self.bench, self.evidence = bench, evidence
        self.told = bench.service("main", "tddui")
        self.pem, self.ca = folder / "client.pem", folder / "ca.pem"
        self.pem.write_text(self.told["client_certificate_pem"] + self.told["client_key_pem"], encoding="ascii")
        self.ca.write_text(bench.endpoints.ca_pem, encoding="ascii")
        self.base = str(self.told["base"])
        self.web = requests.Session()
        self.web.trust_env = False
        self.web.verify, self.web.cert = str(self.ca), str(self.pem)

    def act(self, action: str, **members: Any) -> dict[str, Any]:
        return self.bench.act("main", "tddui", action, **members)

    def post(self, bundle: Any, **headers: str) -> requests.Response:
        return self.web.post(self.base, data=json.dumps(bundle), headers={**FHIR, **headers}, timeout=30)

    def records(self) -> list[Any]:
        return [r for r in read_journal(self.evidence) if r.kind == "tddui.request"]


@pytest.fixture(scope="module")
def consumer(bench_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consumer]:
    folder = tmp_path_factory.mktemp("tddui")
    with Bench.start(folder / "evidence", bench_home, ["main"]) as bench:
        made = Consumer(bench, folder, folder / "evidence")
        yield made
        made.web.close()


def test_a_record_is_taken_entry_by_entry_and_its_references_follow(consumer: Consumer) -> None:
    person, bundle = bundle_of("un")
    answer = consumer.post(bundle)
    entries = answer.json()["entry"]
    assert (answer.status_code, len(entries)) == (200, len(bundle["entry"]))
    assert {e["response"]["status"] for e in entries} == {"201 Created"}
    assert all(e["resource"]["meta"]["versionId"] == "1" for e in entries)
    patient = entries[0]["resource"]["id"]
    assert "urn:uuid:" not in answer.text
    held = consumer.web.get(
        f"{consumer.base}/Encounter?identifier={bundle['entry'][4]['resource']['identifier'][0]['value']}", timeout=10
    )
    assert held.json()["entry"][0]["resource"]["subject"]["reference"] == f"Patient/{patient}"
    last = consumer.records()[-2]
    assert (last.data["entries"]["Task"], last.data["unresolved"]) == (4, [])
    assert last.data["client_certificate"].startswith("CN=dui-main")
    assert person.ins.lower() in last.marks
    assert consumer.act("received", mark=person.ins)["bundle"] == bundle


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda b: b["entry"][3]["request"].update(url="TDDUIRelatedPersonContact"), 400),
        (lambda b: b["entry"][3]["request"].update(method="PUT", url="RelatedPerson/1"), 405),
        (lambda b: b["entry"][3].pop("resource"), 400),
        (lambda b: b.update(type="batch"), 405),
        (lambda b: b.update(type="collection"), 400),
    ],
)
def test_a_fault_refuses_the_whole(consumer: Consumer, change: Any, status: int) -> None:
    person, bundle = bundle_of("fautif")
    change(bundle)
    answer = consumer.post(bundle)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
    found = consumer.web.get(f"{consumer.base}/Patient?identifier={person.ins}", timeout=10).json()
    assert found["total"] == 0
    assert consumer.act("received", mark=person.ins) == {"bundle": None}


def test_the_published_example_is_refused_for_its_urls(consumer: Consumer) -> None:
    import conformance

    folder = Path(conformance.__file__).resolve().parents[2] / "shared" / "corpus" / "fhir" / "examples" / "tddui"
    if not folder.is_dir():
        pytest.skip("the published examples are not beside the repository")
    published = json.loads((folder / "Bundle-ExampleTDDUIBundle-as-published.json").read_text(encoding="utf-8"))
    assert consumer.post(published).json()["issue"][0]["expression"] == ["Bundle.entry[0].request.url"]
    mended = json.loads((folder / "Bundle-ExampleTDDUIBundle-fixed-urls.json").read_text(encoding="utf-8"))
    assert consumer.post(mended).status_code == 200
    assert consumer.records()[-1].data["unresolved"] == ["Bundle.entry[3]: Practitioner/tddui-practitioner-example"]


def test_who_comes_without_certificate_is_refused_unless_told_otherwise(consumer: Consumer) -> None:
    with requests.Session() as web:
        web.trust_env = False
        web.verify = str(consumer.ca)
        refused = web.get(consumer.base + "/metadata", timeout=10)
        consumer.act("authentication", kind="none")
        taken = web.get(consumer.base + "/metadata", timeout=10)
        consumer.act("authentication", kind="token")
        other = web.get(consumer.base + "/metadata", headers={"Authorization": "Bearer x.y.z"}, timeout=10)
        consumer.act("authentication", kind="certificate")
    assert (refused.status_code, taken.status_code, other.status_code) == (401, 200, 401)
    assert [r.data["token_outcome"] for r in consumer.records()[-2:-1]] == ["none"]
    with pytest.raises(UsageError):
        consumer.act("authentication", kind="password")


def test_faults_are_put_on_and_taken_off(consumer: Consumer) -> None:
    _, bundle = bundle_of("panne")
    consumer.act("fault", kind="entry", type="Goal", method="POST")
    consumer.act("fault", kind="status", status=503, method="POST", times=2)
    refused = consumer.post(bundle)
    first = next(i for i, e in enumerate(bundle["entry"]) if e["resource"]["resourceType"] == "Goal")
    assert (refused.status_code, refused.json()["issue"][0]["expression"]) == (422, [f"Bundle.entry[{first}].resource"])
    assert consumer.post(bundle).status_code == 503
    consumer.act("clear")
    assert consumer.post(bundle).status_code == 200
    assert [r.data["fault"] for r in consumer.records()[-3:]] == ["entry", "status", None]


def test_an_independent_client_reads_the_statement_sends_a_record_and_reads_it_back(consumer: Consumer) -> None:
    fhirpy = pytest.importorskip("fhirpy", reason="the independent client fhirpy is not installed")
    config = {"verify": str(consumer.ca), "cert": str(consumer.pem)}
    client = fhirpy.SyncFHIRClient(consumer.base, requests_config=config, extra_headers=FHIR)
    statement = client.execute("metadata", method="get")
    assert {r["type"] for r in statement["rest"][0]["resource"]} == set(TYPES)
    person, bundle = bundle_of("indépendant")
    answer = client.execute("", method="post", data=bundle)
    assert len(answer["entry"]) == len(bundle["entry"])
    found = client.resources("Patient").search(identifier=person.ins).fetch_all()
    assert [p["birthDate"] for p in found] == [person.birth_date]
    stays = (
        client.resources("Encounter")
        .search(identifier=bundle["entry"][4]["resource"]["identifier"][0]["value"])
        .fetch_all()
    )
    assert stays[0]["subject"].to_resource()["id"] == found[0].id
    wrong = copy.deepcopy(bundle)
    wrong["entry"][0]["request"]["url"] = "Personne"
    with pytest.raises(fhirpy.base.exceptions.OperationOutcome):
        client.execute("", method="post", data=wrong)
