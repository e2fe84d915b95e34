"""The impostors of a lane: each wrong in one way only, and what reaches them is recorded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from conformance.core.errors import UsageError
from conformance.evidence.journal import read_journal
from conformance.services.client import Bench


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("impostor") / "evidence"


@pytest.fixture(scope="module")
def bench(bench_home: Path, evidence: Path) -> Iterator[Bench]:
    with Bench.start(evidence, bench_home, ["main"]) as bench:
        yield bench


@pytest.fixture
def authority(bench: Bench, tmp_path: Path) -> str:
    (tmp_path / "ca.pem").write_text(bench.endpoints.ca_pem)
    return str(tmp_path / "ca.pem")


@pytest.mark.parametrize("fault", ["expired", "unknown-ca", "wrong-name"])
def test_a_client_that_looks_at_certificates_tells_it_nothing(
    bench: Bench, evidence: Path, authority: str, fault: str
) -> None:
    met = bench.act("main", "impostor", "open", fault=fault)
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get(f"{met['origin']}/secret", verify=authority, timeout=10)
    found = bench.await_record("main", "tls.handshake", met["domain"], after={}, timeout=5)
    assert found is not None
    assert not [r for r in read_journal(evidence) if r.kind == "impostor.request" and met["domain"] in r.marks]


@pytest.mark.parametrize("fault", ["revoked", "clear"])
def test_what_a_careless_client_tells_it_is_recorded(bench: Bench, evidence: Path, authority: str, fault: str) -> None:
    met = bench.act("main", "impostor", "open", fault=fault)
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(f"{met['origin']}/search?name=ESSAI", b"<x/>", verify=authority, timeout=10)
    assert answer.status_code == 404
    (record,) = [r for r in read_journal(evidence) if r.kind == "impostor.request" and met["domain"] in r.marks]
    assert (record.data["path"], record.data["query"], record.data["fault"]) == ("/search", "name=ESSAI", fault)
    assert "body" in record.blobs


def test_an_unknown_fault_is_refused(bench: Bench) -> None:
    with pytest.raises(UsageError):
        bench.act("main", "impostor", "open", fault="polite")
