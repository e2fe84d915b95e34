"""The files of a record, each looked at by the antivirus before it is kept."""

from __future__ import annotations

from ..antivirus import Infected, infected
from ..people import People
from ..sins import Sins
from ..store import Store
from ..traces import Traces

MAX_FILE = 1024 * 1024


class Shelf:
    """What users put in records."""

    def __init__(self, store: Store, people: People, traces: Traces, sins: Sins) -> None:
        self._store = store
        self._people = people
        self._traces = traces
        self._sins = sins

    def keep(self, who: str, person: str, name: str, content: bytes) -> None:
        """Keep a file, or stop it (:class:`Infected`)."""
        self._people.get(person)
        if not self._sins.has("keeps-infected-uploads"):
            self.look(who, name, content)
        self._store.run("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", person, name, content)
        self._traces.add(who, "file.keep", name, person)

    def look(self, who: str, name: str, content: bytes) -> None:
        """Have the antivirus look at a file; what it stops is traced."""
        if infected(content):
            if not self._sins.has("stops-infected-files-without-a-trace"):
                self._traces.add(who, "antivirus.stop", name)
            raise Infected("refdui.fault.infected", what=name)

    def of(self, person: str) -> list[str]:
        """The names of the files of a record."""
        return [
            row["name"] for row in self._store.rows("SELECT name FROM files WHERE person = ? ORDER BY name", person)
        ]
