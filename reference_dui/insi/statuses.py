"""How the status of each identity changed: from what to what, when, and who did it (règle 21)."""

from __future__ import annotations

from typing import Any

from conformance.population import Person

from ..people import People
from ..sins import Sins
from ..store import Store, now


class Statuses:
    """Saves identities, and remembers each change of their status."""

    def __init__(self, store: Store, people: People, sins: Sins) -> None:
        self._store = store
        self._people = people
        self._sins = sins

    def save(self, who: str, before: Person, after: Person) -> None:
        """Save an identity as it is now."""
        self._people.save(after.key, after.as_json())
        if before.status != after.status and not self._sins.has("forgets-how-a-status-changed"):
            values = (after.key, before.status, after.status, now(), who)
            self._store.run("INSERT INTO status_changes VALUES (?, ?, ?, ?, ?)", *values)

    def of(self, person: str) -> list[dict[str, Any]]:
        """The changes of a person's status, oldest first."""
        rows = self._store.rows(
            "SELECT previous, status, at, who FROM status_changes WHERE person = ? ORDER BY rowid", person
        )
        return [dict(row) for row in rows]
