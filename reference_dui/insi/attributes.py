"""The attributes doubtful and fictive of an identity: while it has one it stays provisional, and INSi is not asked (RNIV)."""

from __future__ import annotations

from ..faults import Conflict, Fault
from ..store import Store, now

ATTRIBUTES = ("douteuse", "fictive")


class Attributes:
    """Which identities are in doubt, or of nobody."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, who: str, person: str, attribute: str, *, marked: bool) -> None:
        """Give an attribute or take it away."""
        if attribute not in ATTRIBUTES:
            raise Fault("refdui.fault.no-attribute", attribute=attribute)
        if marked:
            self._store.run(
                "INSERT OR IGNORE INTO identity_attributes VALUES (?, ?, ?, ?)", person, attribute, now(), who
            )
        else:
            self._store.run("DELETE FROM identity_attributes WHERE person = ? AND attribute = ?", person, attribute)

    def of(self, person: str) -> tuple[str, ...]:
        """The attributes of a person's identity."""
        rows = self._store.rows("SELECT attribute FROM identity_attributes WHERE person = ? ORDER BY attribute", person)
        return tuple(row["attribute"] for row in rows)

    def refuse(self, person: str) -> None:
        """Raise :class:`Conflict` while an identity has one of them."""
        if found := self.of(person):
            raise Conflict("refdui.fault.identity-marked", person=person, attribute=", ".join(found))
