"""The INS that an identity had before: kept, shown on demand, never written in what leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..store import Store, now

INS = tuple[str, str, str]


class History:
    """The former INS of each person: matricule, key, OID."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, person: str, former: Iterable[INS]) -> None:
        """Keep former INS; one that is known already is not kept twice."""
        for matricule, cle, oid in former:
            if matricule:
                values = (person, matricule, cle, oid, now())
                self._store.run("INSERT OR IGNORE INTO former_ins VALUES (?, ?, ?, ?, ?)", *values)

    def of(self, person: str) -> list[dict[str, Any]]:
        """The former INS of a person, with the instant when each was kept."""
        rows = self._store.rows(
            "SELECT matricule, cle, oid, at FROM former_ins WHERE person = ? ORDER BY at, matricule", person
        )
        return [dict(row) for row in rows]
