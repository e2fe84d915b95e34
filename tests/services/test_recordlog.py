from __future__ import annotations

import asyncio

import pytest

from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.evidence.record import Record
from conformance.services import recordlog
from conformance.services.recordlog import RecordLog, Wanted

WANTED = Wanted("main", "smtp.message", "a@main.test", {"mssante.smtp": 2})


def append(journal: Journal, lane: str = "main", kind: str = "smtp.message", mark: str = "A@main.test") -> Record:
    return journal.append("mssante.smtp", lane, kind, provenance=Provenance.WIRE, marks=[mark])


async def waiting(journal: Journal, limit: float) -> tuple[RecordLog, asyncio.Task[Record | None]]:
    log = RecordLog(asyncio.get_running_loop())
    journal.listeners.append(log.heard)
    task = asyncio.create_task(log.wait(WANTED, limit))
    await asyncio.sleep(0)
    return log, task


def test_a_waiter_gets_the_record_that_comes_from_another_thread(journal: Journal) -> None:
    async def run() -> tuple[Record | None, Record]:
        _, task = await waiting(journal, 10)
        for kind, lane, mark in [("smtp.message", "main", "a@main.test"), ("smtp.auth", "main", "a@main.test")]:
            append(journal, lane, kind, mark)
        append(journal, mark="other@main.test")
        append(journal, lane="other")
        expected = await asyncio.to_thread(append, journal)
        return await task, expected

    found, expected = asyncio.run(run())
    assert found == expected
    assert found
    assert found.seq == 4


def test_a_record_of_the_past_counts_when_it_comes_after(journal: Journal) -> None:
    async def run() -> list[Record | None]:
        log, task = await waiting(journal, 0)
        await task
        for _ in range(4):
            append(journal)
        await asyncio.sleep(0)
        late = Wanted("main", "smtp.message", "", {"mssante.smtp": 4})
        return [await log.wait(WANTED, 0), await log.wait(late, 0)]

    found, none = asyncio.run(run())
    assert found
    assert found.seq == 3
    assert none is None


def test_closing_sends_waiters_home(journal: Journal) -> None:
    async def run() -> Record | None:
        log, task = await waiting(journal, 600)
        log.close()
        return await task

    assert asyncio.run(run()) is None


def test_what_is_kept_is_bounded(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordlog, "KEPT_BYTES", 2000)

    async def run() -> list[Record | None]:
        log = RecordLog(asyncio.get_running_loop())
        journal.listeners.append(log.heard)
        for n in range(50):
            append(journal, mark=f"{n}@main.test")
        await asyncio.sleep(0)
        wanted = [Wanted("main", "smtp.message", f"{n}@main.test", {}) for n in (0, 49)]
        return [await log.wait(one, 0) for one in wanted]

    first, last = asyncio.run(run())
    assert first is None
    assert last
    assert last.marks == ("49@main.test",)
