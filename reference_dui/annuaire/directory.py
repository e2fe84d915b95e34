"""The directory of the product: what was found, what was imported, and the correspondents made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..faults import Fault, NotFound
from ..people import People
from ..sins import Sins
from ..store import Store
from ..traces import Traces
from .client import Client
from .entry import Entry
from .extract import entries

# What a correspondent's file takes from the extraction.
_TAKEN = ("name", "first_name", "profession")


class Directory:
    """Searching, importing, and adding correspondents from either."""

    def __init__(self, store: Store, client: Client, people: People, traces: Traces, sins: Sins) -> None:
        self._store = store
        self._client = client
        self._people = people
        self._traces = traces
        self._sins = sins

    def search(self, who: str, family: str, given: str) -> list[Entry]:
        """Search on line; what is found can then be added."""
        found = [] if self._sins.has("searches-its-own-copy-of-the-directory") else self._client.search(family, given)
        for entry in found:
            self._store.run("INSERT OR REPLACE INTO found VALUES (?, ?, ?, ?, ?, ?)", *entry.as_json().values())
        self._traces.add(who, "directory.search", family, given, str(len(found)))
        return found

    def add(self, who: str, person: str, identifier: str) -> str:
        """Make a correspondent of a professional just found; answers the address."""
        entry = self._found(identifier)
        self._people.add_correspondent(person, entry.address, entry.as_json())
        self._traces.add(who, "directory.add", person, identifier, entry.address)
        return entry.address

    def address_of(self, who: str, identifier: str) -> str:
        """The address of a professional just found, to write to (MSS/CONF.20)."""
        entry = self._found(identifier)
        self._traces.add(who, "directory.choose", identifier, "", entry.address)
        return entry.address

    def _found(self, identifier: str) -> Entry:
        row = self._store.row("SELECT * FROM found WHERE identifier = ?", identifier)
        if row is None:
            raise NotFound("refdui.fault.not-in-directory", identifier=identifier)
        entry = Entry(**dict(row))
        if not entry.address:
            raise Fault("refdui.fault.no-mailbox-in-directory", identifier=identifier)
        if self._sins.has("guesses-the-address-of-a-professional"):
            guessed = f"{entry.first_name}.{entry.name}@{entry.address.rpartition('@')[2]}"
            return replace(entry, address=guessed.lower())
        return entry

    def import_(self, who: str) -> int:
        """Load the extraction in place of the former one; answers how many entries it holds."""
        if self._sins.has("imports-no-extraction"):
            return 0
        if self._sins.has("imports-the-extraction-once") and self._store.row("SELECT 1 FROM directory LIMIT 1"):
            return 0
        content = self._client.extraction()
        loaded = 0
        with self._store.together():
            self._store.run("DELETE FROM directory")
            for entry in entries(content):
                row = (entry.identifier, entry.name, entry.first_name, entry.profession, entry.structure)
                self._store.run("INSERT OR REPLACE INTO directory VALUES (?, ?, ?, ?, ?)", *row)
                loaded += 1
        self._refresh()
        self._traces.add(who, "directory.import", "PS_LibreAcces_Personne_activite", response=str(loaded))
        return loaded

    def completed(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """A correspondent as typed, with what the extraction knows of that national identifier."""
        row = self._store.row("SELECT * FROM directory WHERE identifier = ?", str(raw.get("identifier") or ""))
        known = {} if row is None or self._sins.has("ignores-the-extraction") else {name: row[name] for name in _TAKEN}
        return {**raw, **known}

    def _refresh(self) -> None:
        """Give every correspondent what the new extraction says."""
        for person in self._people.all():
            for correspondent in self._people.correspondents(person.key):
                raw = correspondent.as_json()
                if (new := self.completed(raw)) != raw:
                    self._people.add_correspondent(person.key, correspondent.address, new)
