"""How much of the history is in the DMP: closed stays whose person has a document of a former stay there (DMP/HISTO.09)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..library import Library
from ..people import People
from ..sins import Sins
from ..tddui.records import Records
from .queue import Queue

# How old a former stay may be.
FORMER = timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class _Stay:
    start: datetime
    end: datetime


class HistoryRate:
    """The indicator of one month."""

    def __init__(self, people: People, records: Records, library: Library, queue: Queue, sins: Sins) -> None:
        self._people = people
        self._records = records
        self._library = library
        self._queue = queue
        self._sins = sins

    def read(self, month: str) -> dict[str, int]:
        """For a month (``2026-11``): stays closed then whose person had one before, and those of them with a document fed."""
        stays = fed = 0
        for person in self._people.all():
            held = list(self._closed(person.key))
            for stay in held:
                if f"{stay.end:%Y-%m}" != month:
                    continue
                former = [one for one in held if one.end <= stay.start and one.end >= stay.start - FORMER]
                stays += bool(former)
                fed += bool(former) and self._fed(person.key, former)
        return {"stays": stays, "fed": fed}

    def _fed(self, person: str, former: list[_Stay]) -> bool:
        for document in self._library.of_person(person):
            if self._queue.state_of(document.id) != "fed":
                continue
            act = self._library.spec_of(document.id).act_date
            if self._sins.has("counts-recent-documents-as-history") or any(s.start <= act <= s.end for s in former):
                return True
        return False

    def _closed(self, person: str) -> Iterator[_Stay]:
        for item in self._records.items(person):
            if item["kind"] == "stay" and item.get("status") == "finished" and item.get("start") and item.get("end"):
                start, end = (datetime.fromisoformat(str(item[name])) for name in ("start", "end"))
                if start.tzinfo and end.tzinfo:
                    yield _Stay(start, end)
