"""The global catch-up: documents of the past, chosen by filters and settings, fed at a capped rate (DMP/HISTO.06)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from ..faults import Fault, NotFound
from ..library import Library
from ..people import People
from ..sins import Sins
from ..store import Store
from ..traces import Traces
from .errands import Errands
from .queue import Queue

CHANNEL = "dmp"
MAX_PER_SECOND = 100
DONE = ("fed", "deleted")


class History:
    """What is fed of the past, when somebody asks."""

    def __init__(
        self,
        store: Store,
        people: People,
        library: Library,
        queue: Queue,
        errands: Errands,
        traces: Traces,
        sins: Sins,
    ) -> None:
        self._store = store
        self._people = people
        self._library = library
        self._queue = queue
        self._errands = errands
        self._traces = traces
        self._sins = sins

    def record_death(self, person: str, day: str) -> None:
        """Know that a person died."""
        try:
            date.fromisoformat(day)
        except ValueError as exc:
            raise Fault("refdui.fault.wrong-member", member="date") from exc
        self._store.run("INSERT OR REPLACE INTO deaths VALUES (?, ?)", self._people.get(person).key, day)

    def catch_up(
        self, who: str, persons: Sequence[str], type_codes: Sequence[str], since: datetime, per_second: int
    ) -> None:
        """Feed in the background what the filters leave of these persons' documents."""
        if not 1 <= per_second <= MAX_PER_SECOND:
            raise Fault("refdui.fault.wrong-member", member="per_second")
        chosen = [
            (document, person)
            for person in persons
            if self._eligible(person)
            for document in self._chosen(person, type_codes, since)
        ]
        self._traces.add(who, "dmp.catch-up", ", ".join(persons), ", ".join(type_codes), str(len(chosen)))
        pause = 0.0 if self._sins.has("catches-up-at-full-speed") else 1 / per_second
        self._errands.run("catch-up", lambda: self._feed(who, chosen, pause))

    def _feed(self, who: str, chosen: Sequence[tuple[str, str]], pause: float) -> None:
        for document, person in chosen:
            begun = time.monotonic()
            self._queue.add(document, person, who)
            self._queue.again(document)
            self._queue.wait()
            time.sleep(max(0.0, pause - (time.monotonic() - begun)))

    def _eligible(self, person: str) -> bool:
        died = self._store.row("SELECT 1 FROM deaths WHERE person = ?", person) is not None
        return (
            (not died or self._sins.has("catches-up-the-deceased"))
            and self._people.get(person).status == "qualifiee"
            and CHANNEL not in self._people.oppositions(person)
        )

    def _chosen(self, person: str, type_codes: Sequence[str], since: datetime) -> Iterator[str]:
        """The documents of a record in their order: of a type that was chosen, recent enough, in force, not fed yet."""
        replaced = self._library.replaced(person)
        for document in reversed(self._library.of_person(person)):
            if document.id in replaced or self._queue.state_of(document.id) in DONE:
                continue
            try:
                spec = self._library.spec_of(document.id)
            except (Fault, NotFound):
                continue  # received, not ours to feed
            wanted = document.type_code in type_codes or self._sins.has("catches-up-every-type")
            if wanted and spec.act_date >= since:
                yield document.id
