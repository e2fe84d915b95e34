"""Large documents are held where they stand in their message: they come out as they went in, whatever happens around them."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from conformance._bundled.fixtures.documents.n1 import n1
from conformance._bundled.reference_dui import writing
from conformance._bundled.reference_dui.dmp.assertion import assertion
from conformance._bundled.reference_dui.dmp.client import Client
from conformance._bundled.reference_dui.dmp.submission import feeding
from conformance._bundled.reference_dui.dmp.wire import _envelope, _package
from conformance._bundled.reference_dui.sins import Sins

from conformance.dmp.codes import XDSB
from conformance.dmp.digests import LARGE
from conformance.services.dmp.held import Place as Where
from conformance.services.dmp.store import Store
from conformance.services.host import Host

from .conftest import Place, clients, document_of

ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"


def large_document(person: Any, inside: bytes = b"") -> tuple[Any, bytes]:
    """A document of more than the bytes that are held twice, and what it is made of."""
    spec, _ = document_of(person)
    return spec, n1(spec, writing.write(spec, Sins())[0] + inside + b"%" * LARGE)


def registry(place: Place) -> Store:
    store: Store = place.run(place.host.lanes["main"].service("dmp")).store
    return store


def kept_itself(place: Place, unique_id: str) -> bool:
    store = registry(place)

    async def look() -> bool:
        row = store._db.execute("SELECT content FROM documents WHERE unique_id = ?", (unique_id,)).fetchone()
        return row["content"] is not None

    return bool(place.run(look()))


def test_a_large_document_is_not_written_a_second_time(place: Place, client: Callable[..., Client]) -> None:
    person, calling = place.holder("large"), client()
    spec, cda = large_document(person)
    calling.feed(spec, cda)
    calling.authorise(person, "AJOUT")
    assert not kept_itself(place, spec.unique_id)
    assert calling.retrieve(person, spec.unique_id) == cda
    small, content = document_of(person)
    calling.feed(small, content)
    assert calling.retrieve(person, small.unique_id) == content


def test_a_document_that_came_as_text_is_kept_itself(
    place: Place, caller: requests.Session, client: Callable[..., Client]
) -> None:
    person, link = place.holder("inline"), place.link()
    spec, cda = large_document(person)
    request = feeding(link, spec, cda, Sins())
    ids = [entry.get("id") for entry in request.body.iter("{*}ExtrinsicObject")]
    for document, name, (_, content) in zip(
        request.body.findall(f"{{{XDSB}}}Document"), ids, request.parts, strict=True
    ):
        document.clear()
        document.set("id", name)
        document.text = base64.b64encode(content).decode()
    kind, body = _package(_envelope(ACTION, "x", assertion(link, person, Sins()), request.body), (), ACTION)
    answer = caller.post(f"{link.base_url}/repository", data=body, headers={"Content-Type": kind}, timeout=20)
    assert b":Success" in answer.content, answer.content
    calling = client()
    calling.authorise(person, "AJOUT")
    assert kept_itself(place, spec.unique_id)
    assert calling.retrieve(person, spec.unique_id) == cda


def test_a_document_that_holds_a_secret_is_kept_itself(place: Place, client: Callable[..., Client]) -> None:
    person, calling = place.holder("secret"), client()
    secret = b"a secret of the product, in a document"
    place.host.journal.redactor.declare(secret)
    spec, cda = large_document(person)
    # The secret stands in the text of the document, which no signature was made of yet.
    cda = cda.replace(b"</ClinicalDocument>", b"<!-- " + secret + b" --></ClinicalDocument>")
    calling.feed(spec, cda)
    calling.authorise(person, "AJOUT")
    assert kept_itself(place, spec.unique_id)
    assert calling.retrieve(person, spec.unique_id) == cda
    record = [r for r in place.records() if r.kind == "dmp.submission" and spec.unique_id in r.marks][-1]
    assert secret not in place.host.journal.store.get(record.blobs["request"])


def test_the_same_document_sent_twice_at_once_is_taken_once(place: Place, client: Callable[..., Client]) -> None:
    person = place.holder("at-once")
    spec, cda = large_document(person)
    before = place.act("count")["documents"]
    calling = [client() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(one.feed, spec, cda) for one in calling]
    assert [one.exception() for one in done] == [None] * 4  # the client takes "already there" for what it is
    assert place.act("count")["documents"] == before + 2
    told = [r for r in place.records() if r.kind == "dmp.submission" and spec.unique_id in r.marks]
    assert sorted(r.data["outcome"] for r in told) == ["failure"] * 3 + ["ok"]


def test_everything_is_there_after_a_restart(tmp_path: Path, bench_home: Path, place: Place) -> None:
    """The services stop and start again on the same evidence: documents, rights and states are what they were."""
    person = place.people.person("dmp", "restarted")
    documents = [document_of(person), large_document(person)]

    async def lived(work: Callable[[Place], None]) -> None:
        host = Host(tmp_path / "evidence", bench_home)
        loop = asyncio.get_running_loop()

        def run(coroutine: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

        await host.start(["main"])
        try:
            await asyncio.to_thread(work, Place(host, tmp_path / "evidence", run, place.people))
        finally:
            await host.stop()

    def first(here: Place) -> None:
        here.act("patient", ins=person.ins, oid=person.oid, state="open", traits=person.as_json())
        with clients(here, tmp_path) as make:
            make().authorise(person, "AJOUT")
            for spec, cda in documents:
                make().feed(spec, cda)

    def second(here: Place) -> None:
        with clients(here, tmp_path) as make:
            assert make().test(person).authorised
            assert {one.unique_id for one in make().find(person, {})} == {spec.unique_id for spec, _ in documents}
            for spec, cda in documents:
                assert make().retrieve(person, spec.unique_id) == cda
                make().feed(spec, cda)
        assert here.act("count")["documents"] == 2 * len(documents)

    for work in (first, second):
        asyncio.run(lived(work))


def test_a_commit_is_flushed_once_and_again_after_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    flushed, broken = [], threading.Event()

    def fdatasync(descriptor: int) -> None:
        if broken.is_set():
            raise OSError(5, "Input/output error")
        flushed.append(descriptor)

    store = Store(tmp_path / "registry.sqlite3", place.host.journal.store)
    monkeypatch.setattr("os.fdatasync", fdatasync)
    try:
        store.sync()
        assert flushed == []
        with store.together():
            store.add_document("1.2", b"content", "sha1")
            store.add_document("1.3", b"content", "sha1", Where("sha256:" + "0" * 64, 3))
        broken.set()
        with pytest.raises(OSError, match="Input/output"):
            store.sync()
        broken.clear()
        store.sync()
        store.sync()
        assert len(flushed) == 1
    finally:
        store.close()
