"""Documents of the DMP fetched before a visit, so that they open at once, and forgotten when their time is over (DMP/UX.34)."""

from __future__ import annotations

import time
from datetime import datetime

from ..faults import Fault
from ..sins import Sins
from ..store import Store
from ..traces import Traces
from .choices import Choices
from .client import Client
from .door import Door
from .errands import Errands

# LOINC, as ITI-18 writes a code: code, then code system.
LOINC = "2.16.840.1.113883.6.1"
# Seconds before a visit from which its documents are fetched, and how many at most.
AHEAD = 2 * 86_400
MAX_DOCUMENTS = 50


class Preloading:
    """Copies with a term."""

    def __init__(
        self,
        store: Store,
        client: Client,
        choices: Choices,
        errands: Errands,
        traces: Traces,
        sins: Sins,
        door: Door,
    ) -> None:
        self._store = store
        self._client = client
        self._choices = choices
        self._errands = errands
        self._traces = traces
        self._sins = sins
        self._door = door

    def plan(self, who: str, person: str, at: str) -> None:
        """Note a visit; where it is near, fetch what the administrator chose."""
        try:
            when = datetime.fromisoformat(at)
        except ValueError as exc:
            raise Fault("refdui.fault.wrong-date", date=at[:40]) from exc
        if when.tzinfo is None:
            raise Fault("refdui.fault.wrong-date", date=at[:40])
        self._store.run("INSERT INTO dmp_visits (person, who, at) VALUES (?, ?, ?)", person, who, when.isoformat())
        self._traces.add(who, "visit.plan", person, when.isoformat())
        if when.timestamp() - time.time() < AHEAD and self._choices.preload.type_codes:
            self._errands.run(f"preload {person}", lambda: self._fetch(who, person))

    def copy(self, unique_id: str) -> bytes | None:
        """The copy of a document, while its time is not over."""
        if not self._sins.has("keeps-preloaded-documents-for-ever"):
            self._store.run("DELETE FROM dmp_copies WHERE until <= ?", time.time())
        row = self._store.row("SELECT content FROM dmp_copies WHERE unique_id = ?", unique_id)
        return bytes(row["content"]) if row else None

    def _fetch(self, who: str, person: str) -> None:
        about = self._door.admit_ahead(who, person, self._client)
        chosen = self._choices.preload
        criteria = {"TypeCode": [f"{code}^^{LOINC}" for code in chosen.type_codes]}
        if self._sins.has("preloads-every-type"):
            criteria = {}
        for listed in self._client.find(about, criteria)[:MAX_DOCUMENTS]:
            if self.copy(listed.unique_id) is not None:
                continue
            content = self._client.retrieve(about, listed.unique_id)
            self._store.run(
                "INSERT OR REPLACE INTO dmp_copies (unique_id, person, until, content) VALUES (?, ?, ?, ?)",
                listed.unique_id,
                person,
                time.time() + chosen.seconds,
                content,
            )
            self._traces.add(who, "dmp.preload", listed.unique_id, person, str(chosen.seconds))
