"""The grouped journal: many records for one flush, nothing acknowledged before, nothing lost after."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading

import pytest

from conformance.core.errors import HarnessError
from conformance.core.words import Provenance
from conformance.evidence import pack as pack_module
from conformance.evidence.grouped import GroupedJournal
from conformance.evidence.journal import Journal, read_journal
from conformance.evidence.pack import SUFFIX, Filed, Pack, restore
from conformance.evidence.store import ContentStore, digest_of

LIMIT = 20


@pytest.fixture
def journal(tmp_path):
    made = GroupedJournal(tmp_path, "services")
    yield made
    made.close()


@pytest.fixture
def disk(monkeypatch):
    """A disk whose flushes can be held, counted and made to fail."""
    real, state = os.fsync, Disk()

    def fsync(descriptor):
        state.flushes += 1
        state.reached.set()
        assert state.open.wait(LIMIT)
        if state.refuses:
            raise OSError(5, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return state


class Disk:
    def __init__(self):
        self.flushes = 0
        self.refuses = False
        self.reached = threading.Event()
        self.open = threading.Event()
        self.open.set()


def note(journal, n=0, **more):
    return journal.append("s", "a", "k", provenance=Provenance.WIRE, data={"n": n}, **more)


def durable(journal):
    async def wait():
        await asyncio.wait_for(journal.durable(), LIMIT)

    asyncio.run(wait())


def test_what_is_durable_reads_and_was_told(journal, tmp_path) -> None:
    heard = []
    journal.listeners.append(heard.append)
    records = [note(journal, n, blobs={"b": b"%d" % n}) for n in range(20)]
    durable(journal)
    assert heard == records
    assert [r.id for r in read_journal(tmp_path)] == [r.id for r in records]
    assert all(journal.store.get(r.blobs["b"]) == b"%d" % r.data["n"] for r in records)
    assert journal.lasts("a") == {"s": 20}


def test_nothing_is_durable_while_the_disk_is_busy(journal, tmp_path, disk) -> None:
    heard = []
    journal.listeners.append(heard.append)
    disk.open.clear()
    note(journal)
    assert disk.reached.wait(LIMIT)

    async def impatient():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await journal.durable()

    asyncio.run(impatient())
    assert heard == []
    disk.open.set()
    durable(journal)
    assert len(heard) == len(list(read_journal(tmp_path))) == 1


def test_what_comes_during_a_flush_shares_the_next(journal, disk) -> None:
    disk.open.clear()
    note(journal)
    assert disk.reached.wait(LIMIT)
    for n in range(50):
        note(journal, n)
    disk.open.set()
    durable(journal)
    assert disk.flushes == 2


def test_a_record_nobody_waits_for_is_written_all_the_same(journal) -> None:
    told = threading.Event()
    journal.listeners.append(lambda _record: told.set())
    note(journal)
    assert told.wait(LIMIT)


def test_a_disk_that_refuses_is_told_and_leaves_no_gap(journal, tmp_path, disk) -> None:
    note(journal)
    durable(journal)
    disk.refuses = True
    note(journal)
    with pytest.raises(HarnessError, match="Input/output error"):
        durable(journal)
    assert [r.seq for r in read_journal(tmp_path)] == [1]
    disk.refuses = False
    note(journal, blobs={"b": b"content"})
    durable(journal)
    assert [r.seq for r in read_journal(tmp_path)] == [1, 2, 3]


def test_closing_writes_what_is_queued_and_takes_the_pack_away(tmp_path) -> None:
    journal = GroupedJournal(tmp_path)
    record = note(journal, blobs={"b": b"content"})
    journal.close()
    assert [r.id for r in read_journal(tmp_path)] == [record.id]
    assert not list(tmp_path.rglob(f"*{SUFFIX}"))
    assert journal.store.get(record.blobs["b"]) == b"content"
    with pytest.raises(HarnessError):
        note(journal)


def filed(*contents):
    return [Filed(content, digest_of(content)) for content in contents]


def test_a_content_given_early_is_durable_before_its_record(journal, tmp_path, disk) -> None:
    disk.open.clear()
    early = journal.soon(b"early" * 1000).result(LIMIT)
    assert early.verbatim
    assert journal.store.get(early.digest) == early.content == b"early" * 1000
    record = note(journal, blobs={"b": early})
    assert record.blobs == {"b": early.digest}
    assert disk.reached.wait(LIMIT)  # its flush has begun, and the line waits for it
    assert list(read_journal(tmp_path)) == []
    disk.open.set()
    durable(journal)
    assert [r.id for r in read_journal(tmp_path)] == [record.id]
    assert disk.flushes == 2  # that of the content and that of the line


def test_a_content_given_early_is_redacted(journal) -> None:
    journal.redactor.declare("hunter2-hunter2")
    early = journal.soon(b"password hunter2-hunter2").result(LIMIT)
    assert not early.verbatim
    assert b"hunter2" not in journal.store.get(early.digest)


@pytest.mark.parametrize("size", [5, pack_module.LARGE])
def test_a_content_given_early_to_a_disk_that_refuses_is_made_durable_with_its_record(
    journal, tmp_path, disk, size
) -> None:
    disk.refuses = True
    early = journal.soon(b"e" * size).result(LIMIT)
    record = note(journal, blobs={"b": early})
    with pytest.raises(HarnessError):
        durable(journal)
    assert list(read_journal(tmp_path)) == []
    disk.refuses, flushes = False, disk.flushes
    durable(journal)
    assert [r.id for r in read_journal(tmp_path)] == [record.id]
    assert disk.flushes - flushes >= 2  # the content's once more, and that of the line


def test_a_content_given_early_that_cannot_be_written_is_told(journal, tmp_path, monkeypatch) -> None:
    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal.store, "put_soon", full_disk)
    with pytest.raises(HarnessError):
        journal.soon(b"early").result(LIMIT)
    monkeypatch.undo()
    record = note(journal, blobs={"b": b"early"})
    durable(journal)
    assert [r.id for r in read_journal(tmp_path)] == [record.id]


def test_what_a_record_tells_of_is_durable_before_it(journal, tmp_path) -> None:
    seen = []
    journal.prerequisites.append(lambda: seen.append(len(list(read_journal(tmp_path)))))
    note(journal)
    durable(journal)
    assert seen == [0]
    broken = threading.Event()
    broken.set()

    def refuse():
        if broken.is_set():
            raise OSError(5, "Input/output error")

    journal.prerequisites.append(refuse)
    note(journal)
    with pytest.raises(HarnessError):
        durable(journal)
    assert len(list(read_journal(tmp_path))) == 1
    broken.clear()
    durable(journal)
    assert len(list(read_journal(tmp_path))) == 2


def test_a_large_content_is_flushed_in_its_own_file(tmp_path, disk) -> None:
    store = ContentStore(tmp_path / "content")
    pack = Pack(tmp_path / f"one{SUFFIX}", store)
    one, other = filed(b"1" * pack_module.LARGE, b"2" * pack_module.LARGE)
    pack.add([one, other])
    assert disk.flushes == 4  # two files and their folders
    assert not list(tmp_path.glob(f"*{SUFFIX}"))
    assert store.sound(one.digest)
    assert store.sound(other.digest)
    pack.close()


def test_the_pack_forgets_and_still_closes_whole(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(pack_module, "RECENT", 3)
    store = ContentStore(tmp_path / "content")
    pack = Pack(tmp_path / f"one{SUFFIX}", store)
    synced = []
    monkeypatch.setattr(store, "sync", synced.append)
    contents = filed(*(b"%d" % n for n in range(10)))
    for one in contents:
        pack.add([one])
    pack.add(contents[:1])
    pack.close()
    assert synced == [one.digest for one in contents]


def test_contents_that_the_store_lost_are_filed_again(tmp_path) -> None:
    store = ContentStore(tmp_path / "content")
    pack = Pack(tmp_path / f"one{SUFFIX}", store)
    contents = [b"first", b"second\nsha256: 3\n", b"", b"fourth"]
    pack.add(filed(*contents))
    pack.add(filed(b"first", b"last"))
    store.path(digest_of(b"first")).unlink()
    store.path(digest_of(b"fourth")).write_bytes(b"")
    with (tmp_path / f"one{SUFFIX}").open("ab") as torn:
        torn.write(b"sha256:" + b"0" * 64 + b" 12\ncut")
    restore(tmp_path, store)
    assert all(store.sound(digest_of(content)) for content in [*contents, b"last"])
    pack.close()
    assert not list(tmp_path.glob(f"*{SUFFIX}"))


def test_a_new_writer_mends_the_store(tmp_path) -> None:
    crashed = GroupedJournal(tmp_path, "services")
    record = note(crashed, blobs={"b": b"content"})
    durable(crashed)
    crashed.store.path(record.blobs["b"]).unlink()
    again = Journal(tmp_path)
    assert again.store.get(record.blobs["b"]) == b"content"
    crashed.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from conformance.core.words import Provenance
from conformance.evidence.grouped import GroupedJournal
journal = GroupedJournal(Path(sys.argv[1]))
async def talk(lane):
    for n in range(100000):
        record = journal.append("s", lane, "k", provenance=Provenance.WIRE, data={"n": n}, blobs={"b": b"%d" % n})
        await journal.durable()
        print(lane, record.seq, flush=True)
async def main():
    await asyncio.gather(*(talk(f"l{n}") for n in range(4)))
asyncio.run(main())
"""


def test_kill_9_loses_nothing_acknowledged(tmp_path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    acknowledged = {}
    for _ in range(60):
        lane, seq = writer.stdout.readline().split()
        acknowledged[lane] = int(seq)
    os.kill(writer.pid, signal.SIGKILL)
    for line in writer.stdout:
        if line.endswith("\n"):
            acknowledged[line.split()[0]] = int(line.split()[1])
    writer.wait(10)
    writer.stdout.close()
    records = list(read_journal(tmp_path))
    store = ContentStore(tmp_path / "content")
    for lane, seq in acknowledged.items():
        found = [r.seq for r in records if r.lane == lane]
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= seq
    assert len(acknowledged) == 4
    assert all(store.get(r.blobs["b"]) == b"%d" % r.data["n"] for r in records)
