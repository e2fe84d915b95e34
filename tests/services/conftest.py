"""One PKI for all the tests of this folder (keys are slow to make), and a journal for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.evidence.journal import Journal
from conformance.services.pki import Pki
from conformance.services.tls import TlsRecorder


@pytest.fixture(scope="session")
def bench_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def pki(bench_home: Path) -> Pki:
    return Pki.open(bench_home / "pki")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "evidence", "services")
    yield journal
    journal.close()


@pytest.fixture
def recorder(journal: Journal, pki: Pki) -> TlsRecorder:
    return TlsRecorder(journal, pki)
