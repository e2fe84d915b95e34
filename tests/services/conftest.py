"""One PKI for all the tests of this folder (keys are slow to make), and a journal for each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from starlette.types import ASGIApp

from conformance.evidence.journal import Journal
from conformance.services.http import HttpServer
from conformance.services.pki import Pki
from conformance.services.tls import TlsRecorder

Serve = Callable[[HttpServer, ASGIApp], None]


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


@pytest.fixture
def web(pki: Pki) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(pki.ca_file)
        yield session


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve applications in a loop of its own, so that a test can be an ordinary client."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    servers: list[HttpServer] = []

    def start(server: HttpServer, app: ASGIApp) -> None:
        servers.append(server)
        asyncio.run_coroutine_threadsafe(server.start(app), loop).result(10)

    yield start
    for server in servers:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()
