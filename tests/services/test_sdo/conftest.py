"""A bench that plays the SI-SDO, and a client with the certificate that it was given."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from conformance._bundled.fixtures.orientation.cda import decision_document, evaluation_document
from conformance._bundled.fixtures.orientation.decisions import decision_of
from conformance._bundled.fixtures.people import Population

from conformance.evidence.journal import read_journal
from conformance.services.client import Bench

NOW = datetime.now().astimezone()


class Client:
    """The SI-SDO seen from an establishment."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench = bench
        self.here = bench.service("main", "sdo")
        self.folder = folder
        pem = folder / "client.pem"
        pem.write_text(self.here["client_certificate_pem"] + self.here["client_key_pem"], encoding="ascii")
        ca = folder / "ca.pem"
        ca.write_text(bench.endpoints.ca_pem, encoding="ascii")
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify, self.session.cert = str(ca), str(pem)
        self.token = self.ask_token().json()["access_token"]

    def act(self, action: str, **members: Any) -> dict[str, Any]:
        return self.bench.act("main", "sdo", action, **members)

    def ask_token(self, **form: str) -> requests.Response:
        form = {"grant_type": "client_credentials", **form}
        credentials = (self.here["client_id"], self.here["client_secret"])
        return self.session.post(self.here["token_endpoint"], data=form, auth=credentials, timeout=10)

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> requests.Response:
        given = {"Authorization": f"Bearer {self.token}", "struct_idnat": self.here["struct_idnat"], **(headers or {})}
        url = path if path.startswith("https://") else f"{self.here['fhir_base']}/{path}"
        return self.session.request(method, url, headers={k: v for k, v in given.items() if v}, timeout=10, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.call("GET", path, **more)

    def ids(self, path: str) -> list[str]:
        return [e["resource"]["id"] for e in self.get(path).json()["entry"]]


@pytest.fixture(scope="session")
def sdo_bench(bench_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    evidence = tmp_path_factory.mktemp("sdo") / "evidence"
    with Bench.start(evidence, bench_home, ["main"]) as bench:
        bench.evidence = evidence  # type: ignore[attr-defined]
        yield bench


@pytest.fixture(scope="session")
def session_client(sdo_bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = Client(sdo_bench, tmp_path_factory.mktemp("client"))
    yield client
    client.session.close()


@pytest.fixture
def client(session_client: Client) -> Client:
    session_client.act("populate", decisions=[])
    session_client.act("configure", page_size=50, enforced=True)
    session_client.token = session_client.ask_token().json()["access_token"]
    return session_client


@pytest.fixture
def decisions(client: Client) -> list[dict[str, Any]]:
    """Three decisions of the establishment, with their documents."""
    people = Population(5)
    made = []
    for role in ("un", "deux", "trois"):
        one = decision_of(5, "service", people.person("service", role), client.here["struct_idnat"], today=NOW)
        made.append(
            {
                "document": one.document,
                "decision": one.decision,
                "national": one.national,
                "structure": one.structure,
                "content": base64.b64encode(decision_document(one, NOW)).decode(),
                "evaluation_id": one.evaluation,
                "evaluation": base64.b64encode(evaluation_document(one, NOW)).decode(),
            }
        )
    client.act("populate", decisions=made)
    return made


@pytest.fixture
def records(sdo_bench: Bench) -> Any:
    """The records of the SI-SDO so far, of one kind."""

    def read(kind: str) -> list[Any]:
        found = read_journal(sdo_bench.evidence)  # type: ignore[attr-defined]
        return sorted((r for r in found if r.kind == kind), key=lambda r: r.seq)

    return read
