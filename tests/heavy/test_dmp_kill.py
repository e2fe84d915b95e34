"""Kill the DMP while documents are fed: what it accepted is there when it comes back, once, and was written down."""

import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest
from conformance._bundled.fixtures.documents.n1 import n1
from conformance._bundled.fixtures.people import Population
from conformance._bundled.reference_dui import writing
from conformance._bundled.reference_dui.connections import Connections
from conformance._bundled.reference_dui.dmp.client import Client
from conformance._bundled.reference_dui.faults import MailFault
from conformance._bundled.reference_dui.sins import Sins
from conformance._bundled.reference_dui.store import Store

from conformance.evidence.journal import read_journal
from conformance.services.client import Bench
from tests.services.test_dmp.conftest import document_of

pytestmark = [
    pytest.mark.heavy,
    # A client whose server dies in the middle of an answer leaves its socket to the collector.
    pytest.mark.filterwarnings("ignore:.*unclosed <ssl.SSLSocket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*<ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"),
]
ROUNDS = int(os.environ.get("DMP_KILL_ROUNDS", "100"))
SEED = int(os.environ.get("KILL_SEED", "1"))
# Bytes added to the PDF of every other document, so that some are held where they stand in their message, some are not.
PADDING = 150_000


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def connected(bench, store) -> Client:
    settings = bench.service("main", "dmp")
    connections = Connections(store)
    connections.keep("dmp", {**settings, "user": settings["users"][0]})
    return Client(connections, Sins())


def large(spec) -> bytes:
    return n1(spec, writing.write(spec, Sins())[0] + b"%" * PADDING)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_kill_while_feeding_loses_no_accepted_document(
    tmp_path: Path, home: Path, round_: int, record_property
) -> None:
    chance = random.Random(f"{SEED}/{round_}")
    person = Population(round_).person("kill", "usager")
    store = Store(tmp_path / "client.sqlite3")
    accepted, tried = {}, []
    bench = Bench.start(tmp_path / "evidence", home, ["main"])
    try:
        calling = connected(bench, store)
        told = {"ins": person.ins, "oid": person.oid, "state": "open", "traits": person.as_json()}
        bench.act("main", "dmp", "patient", **told)
        pid = bench.endpoints.pid
        killer = threading.Timer(chance.uniform(0.3, 2.5), os.kill, (pid, signal.SIGKILL))
        killer.start()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            spec, cda = document_of(person)
            cda = large(spec) if len(tried) % 2 else cda
            tried.append((spec, cda))
            try:
                calling.feed(spec, cda)
            except MailFault:
                break
            accepted[spec.unique_id] = cda
        killer.join()
    finally:
        bench.stop()
    written = [r for r in read_journal(tmp_path / "evidence") if r.kind == "dmp.submission"]
    recorded = {d["unique_id"] for r in written if r.data["outcome"] == "ok" for d in r.data["documents"]}
    record_property("accepted", len(accepted))
    assert set(accepted) <= recorded
    with Bench.start(tmp_path / "evidence", home, ["main"]) as again:
        calling = connected(again, store)
        calling.authorise(person, "AJOUT")
        for unique_id, cda in accepted.items():
            assert calling.get(person, unique_id) is not None
            assert calling.retrieve(person, unique_id) == cda
        # The one that was under way goes again, and is there once whether it had been taken or not.
        calling.feed(*tried[-1])
        assert calling.retrieve(person, tried[-1][0].unique_id) == tried[-1][1]
        held = again.act("main", "dmp", "count")["documents"]
        assert held == 2 * len({*accepted, tried[-1][0].unique_id})
    store.close()
