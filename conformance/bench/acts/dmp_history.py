"""Acts with the history of records: documents that wait for the DMP, a catch-up that feeds those it should."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from conformance.bench.acts import dmp
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.population import Person

# What one document is: its type, and how many days ago its act was.
Past = tuple[str, int]


def waiting(stage: Stage, person: Person, box: str, documents: Sequence[Past]) -> None:
    """Validate documents of a person whom the DMP cannot take any of: they stay where they are."""
    for type_code, days_ago in documents:
        dmp.validate(stage, person, box, type_code=type_code, act_date=ago(stage, days_ago))


def expect(stage: Stage, person: Person, chosen: Sequence[Past] = (), *, why: str = "") -> None:
    """Say which documents of a person the catch-up must feed, or why it must feed none."""
    documents = [{"type_code": type_code, "act_date": ago(stage, days)} for type_code, days in chosen]
    stage.expect("dmp-catch-up", marks=(person.ins,), matricule=person.ins, documents=documents, why=why)


def catch_up(stage: Stage, persons: Sequence[Person], type_codes: Sequence[str], days: int, per_second: int) -> None:
    """Start the catch-up and let it end; what reached the DMP of the first person proves that it works."""
    before = stage.now()
    keys = tuple(person.key for person in persons)
    stage.perform(ops.CatchUpDmp(keys, tuple(type_codes), ago(stage, days), per_second))
    record = stage.await_record("dmp.submission", persons[0].ins, after=before)
    stage.settle()
    stage.control("document-fed", record)


def ago(stage: Stage, days: int) -> str:
    """The instant so many days before the run."""
    return (datetime.fromisoformat(stage.today) - timedelta(days=days)).isoformat()


def stays(stage: Stage, person: Person, *, former: tuple[int, int] | None) -> None:
    """Give a person a stay closed today, and one before it, from so many days ago to so many: none for ``None``."""
    spans = [former] if former else []
    items = [
        {"kind": "stay", "id": f"sejour-{n}", "status": "finished", "start": ago(stage, start), "end": ago(stage, end)}
        for n, (start, end) in enumerate([*spans, (10, 0)], 1)
    ]
    stage.perform(ops.FillRecord(person.key, {}, items))
    told = [ago(stage, days) for days in former] if former else []
    stage.expect("history-stay", marks=(person.ins,), matricule=person.ins, former=told)


def rate(stage: Stage) -> None:
    """Read the indicator of the month of the run."""
    stage.settle()
    stage.perform(ops.ReadHistoryRate(stage.today[:7]))
