"""One DMP for the tests of this folder, and the reference DUI's client towards it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from conformance._bundled.fixtures.people import Population
from conformance._bundled.reference_dui import writing
from conformance._bundled.reference_dui.connections import Connections
from conformance._bundled.reference_dui.dmp.client import Client
from conformance._bundled.reference_dui.dmp.link import Link
from conformance._bundled.reference_dui.sins import Sins
from conformance._bundled.reference_dui.store import Store

from conformance.evidence.journal import read_journal
from conformance.evidence.record import Record
from conformance.population import Correspondent, Person, Structure
from conformance.services.host import Host

# Posts bytes; answers the outcome and the reason of the record that came of it.
Send = Callable[..., tuple[str, str]]
NOW = "2026-09-01T10:00:00+02:00"


@dataclass
class Place:
    """A running DMP, driven from outside its loop."""

    host: Host
    folder: Path
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    people: Population

    def endpoints(self, lane: str = "main") -> Mapping[str, Any]:
        return self.run(self.host.lanes[lane].service("dmp")).endpoints()

    def act(self, action: str, *, lane: str = "main", **members: Any) -> Mapping[str, Any]:
        service = self.run(self.host.lanes[lane].service("dmp"))
        return self.run(service.act(action, members))

    def records(self, lane: str = "main") -> list[Record]:
        self.run(self.host.journal.durable())
        return [r for r in read_journal(self.folder) if r.lane == lane and r.service.startswith("dmp")]

    def holder(self, role: str, *, lane: str = "main", state: str = "open") -> Person:
        person = self.people.person("dmp", role)
        self.act("patient", lane=lane, ins=person.ins, oid=person.oid, state=state, traits=person.as_json())
        return person

    def link(self, lane: str = "main", **other: Any) -> Link:
        return replace(Link.of(self.endpoints(lane)), **other)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, bench_home: Path) -> Iterator[Place]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

    folder = tmp_path_factory.mktemp("dmp") / "evidence"

    async def begin() -> Host:
        host = Host(folder, bench_home)
        await host.start(["main", "other"])
        return host

    host = run(begin())
    yield Place(host, folder, run, Population(11))
    run(host.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@contextmanager
def clients(place: Place, folder: Path) -> Iterator[Callable[..., Client]]:
    """Makes clients of a lane; ``user`` is the place of their professional in the list, other members change the link."""
    stores: list[Store] = []

    def make(lane: str = "main", *, user: int = 0, defects: tuple[str, ...] = (), **other: Any) -> Client:
        settings = dict(place.endpoints(lane))
        settings["user"] = settings["users"][user]
        store = Store(folder / f"client-{len(stores)}.sqlite3")
        stores.append(store)
        connections = Connections(store)
        connections.keep("dmp", {**settings, **other})
        return Client(connections, Sins(defects))

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def client(place: Place, tmp_path: Path) -> Iterator[Callable[..., Client]]:
    with clients(place, tmp_path) as make:
        yield make
    # A test that fails half-way must not leave its faults to the next one.
    place.act("clear")


@pytest.fixture
def caller(place: Place, tmp_path: Path) -> Iterator[requests.Session]:
    link = place.link()
    for name, text in (("ca", link.ca_pem), ("cert", link.client_certificate_pem + link.client_key_pem)):
        (tmp_path / name).write_text(text)
    with requests.Session() as session:
        session.trust_env, session.verify, session.cert = False, str(tmp_path / "ca"), str(tmp_path / "cert")
        yield session


@pytest.fixture
def send(place: Place, caller: requests.Session) -> Send:
    """Post bytes; answers the outcome and the reason of the record that came of it."""

    def sent(content: bytes, kind: str = "application/soap+xml", where: str = "patients") -> tuple[str, str]:
        before = len(place.records())
        answer = caller.post(
            f"{place.endpoints()['base_url']}/{where}", data=content, headers={"Content-Type": kind}, timeout=20
        )
        assert answer.status_code in (200, 500)
        (record,) = [r for r in place.records()[before:] if r.kind.startswith("dmp")]
        return str(record.data["outcome"]), str(record.data.get("detail") or record.data.get("reason") or "")

    return sent


def document_of(person: Person, replaces: Any = None) -> tuple[Any, bytes]:
    """A document of a person as the product writes it: what it says, and its CDA."""
    author = Correspondent("c@dui.test", "899900000011", "ESSAI", "Camille", "G15_10/SM54")
    structure = Structure("960000012", "RESIDENCE D'ESSAI")
    moment = datetime.fromisoformat(NOW).isoformat()
    spec = writing.first_version(person, author, structure, "80788-3", "Projet", "Un texte.", moment, [])
    if replaces is not None:
        spec = writing.next_version(replaces, spec, Sins())
    return spec, writing.write(spec, Sins())[1]
