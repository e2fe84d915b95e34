"""What the product learns of a person's DMP when the record is opened, without keeping anybody waiting: state, list, news.

A user sees what was learnt the last time, and that a verification is under way (DMP/UX.12, DMP/UX.15, CDA/DD.05).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from conformance._bundled.fixtures.documents.codes import EVERY_TYPE

from conformance.core.texts import say
from conformance.population import Person

from ..library import Document, Library
from ..sins import Sins
from ..store import Store, now
from .choices import Choices
from .client import Client, Listed
from .codes import APPROVED, DELETED, DEPRECATED
from .errands import Errands

# Documents of others are new for this long: the period of DMP/UX.15.
PERIOD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class News:
    """How many new documents of a type, and the line that says so."""

    type_code: str
    count: int
    shown: str


class Watch:
    """What is known of the DMP of each person."""

    def __init__(
        self, store: Store, client: Client, library: Library, choices: Choices, errands: Errands, sins: Sins
    ) -> None:
        self._store = store
        self._client = client
        self._library = library
        self._choices = choices
        self._errands = errands
        self._sins = sins

    def opened(self, person: Person) -> None:
        """A user opened the record of a person whose DMP may be looked at."""
        if self._sins.has("waits-for-the-dmp-to-show-a-record"):
            self._learn(person)
            return
        self._errands.run(f"watch {person.key}", lambda: self._learn(person))

    def verifying(self, person: str) -> bool:
        """Whether a verification is under way."""
        return self._errands.waits(f"watch {person}")

    def state(self, person: str) -> str:
        """``allowed``, ``refused``, ``closed``, ``absent``; empty when nothing is known."""
        row = self._store.row("SELECT state, authorisation FROM dmp_states WHERE person = ?", person)
        if row is None:
            return ""
        if row["state"] != "open" and not self._sins.has("shows-every-record-as-open"):
            return str(row["state"])
        return "allowed" if row["authorisation"] == "VALIDE" else "refused"

    def notices(self, person: str) -> dict[str, str]:
        """By document of the record that came from the DMP: ``newer`` or ``deleted``."""
        words = {DEPRECATED: "newer", DELETED: "deleted"}
        if self._sins.has("ignores-newer-versions"):
            words.pop(DEPRECATED)
        if self._sins.has("ignores-deletions-in-the-dmp"):
            words.pop(DELETED)
        rows = self._store.rows("SELECT unique_id, status FROM dmp_listed WHERE person = ?", person)
        status = {row["unique_id"]: words.get(row["status"], "") for row in rows}
        return {d.id: status[d.unique_id] for d in self._taken(person) if status.get(d.unique_id)}

    def newer(self, person: str) -> list[tuple[str, str]]:
        """What may replace documents of the record: unique id and title of what the record does not hold."""
        held = {d.unique_id for d in self._library.of_person(person)}
        kinds = {d.type_code for d in self._taken(person) if self.notices(person).get(d.id) == "newer"}
        return [
            (row["unique_id"], row["title"])
            for row in self._approved(person)
            if row["unique_id"] not in held and row["type_code"] in kinds
        ]

    def news(self, person: str) -> list[News]:
        """The new documents of others, counted by type, as far as their types are followed."""
        since = f"{datetime.now(UTC) - PERIOD:%Y%m%d%H%M%S}"
        ours = {d.unique_id for d in self._library.of_person(person) if d.origin == "produced"}
        if self._sins.has("counts-its-own-documents-as-new"):
            ours = set()
        codes = [
            row["type_code"]
            for row in self._approved(person)
            if row["unique_id"] not in ours
            and row["created"] >= since
            and (self._choices.announces(row["type_code"]) or self._sins.has("ignores-the-types-followed"))
        ]
        counted = dict.fromkeys(codes, 1) if self._sins.has("counts-each-type-once") else Counter(codes)
        return [
            News(code, count, say("refdui.dmp.news-line", "fr", label=_label(code), count=count))
            for code, count in sorted(counted.items())
        ]

    def _learn(self, person: Person) -> None:
        rights = self._client.test(person)
        told = (person.key, rights.state, rights.authorisation, now())
        self._store.run("INSERT OR REPLACE INTO dmp_states VALUES (?, ?, ?, ?)", *told)
        if not rights.authorised:
            return
        listed = self._client.find(person, {})
        known = {one.unique_id for one in listed}
        for document in self._taken(person.key):
            # One that the search does not give any more was replaced or deleted: its own entry says which.
            if document.unique_id not in known and (gone := self._client.get(person, document.unique_id)):
                listed.append(gone)
        self._keep(person.key, listed)

    def _keep(self, person: str, listed: list[Listed]) -> None:
        with self._store.together():
            self._store.run("DELETE FROM dmp_listed WHERE person = ?", person)
            for one in listed:
                told = (one.unique_id, person, one.title, one.type_code, one.created, one.status)
                self._store.run("INSERT OR REPLACE INTO dmp_listed VALUES (?, ?, ?, ?, ?, ?)", *told)

    def _approved(self, person: str) -> list[dict[str, str]]:
        rows = self._store.rows("SELECT * FROM dmp_listed WHERE person = ? AND status = ?", person, APPROVED)
        return [dict(row) for row in rows]

    def _taken(self, person: str) -> list[Document]:
        return [d for d in self._library.of_person(person) if d.origin == "dmp"]


def _label(code: str) -> str:
    return EVERY_TYPE[code].type.label if code in EVERY_TYPE else code
