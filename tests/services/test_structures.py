"""The certificates of fictitious structures: each as asked, wrong in one way at most."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from conformance.core.errors import UsageError
from conformance.services.client import Bench


@pytest.fixture(scope="module")
def bench(bench_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench.start(tmp_path_factory.mktemp("structures") / "evidence", bench_home, ["main"]) as bench:
        yield bench


@pytest.mark.parametrize(("kind", "unit"), [("finess", "19"), ("siren", "29"), ("siret", "39"), ("rpps-rang", "49")])
def test_the_unit_holds_the_number_with_its_prefix(bench: Bench, kind: str, unit: str) -> None:
    made = bench.act("main", "structures", "issue", kind=kind, number="9")
    shown = x509.load_pem_x509_certificate(made["certificate_pem"].encode())
    assert made["identifier"] == unit
    assert shown.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value == unit


@pytest.mark.parametrize(
    ("fault", "over", "ours"), [("", False, True), ("expired", True, True), ("unknown-ca", False, False)]
)
def test_a_certificate_is_wrong_in_the_way_asked(bench: Bench, fault: str, over: bool, ours: bool) -> None:
    made = bench.act("main", "structures", "issue", kind="finess", number="1", fault=fault)
    shown = x509.load_pem_x509_certificate(made["certificate_pem"].encode())
    authority = x509.load_pem_x509_certificate(bench.endpoints.ca_pem.encode())
    assert (shown.not_valid_after_utc < datetime.now(UTC)) == over
    assert (shown.issuer == authority.subject) == ours


def test_what_is_not_known_is_refused(bench: Bench) -> None:
    for asked in ({"kind": "ape"}, {"kind": "finess", "fault": "polite"}):
        with pytest.raises(UsageError):
            bench.act("main", "structures", "issue", number="1", **asked)
