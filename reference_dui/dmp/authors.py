"""The professionals whom the RPPS knows no more: what they wrote is fed with the structure beside them (DMP/HISTO.04)."""

from __future__ import annotations

from ..store import Store


class GoneAuthors:
    """National identifiers, as an administrator noted them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, identifier: str, *, gone: bool) -> None:
        """Note that somebody left the RPPS, or is there again."""
        if gone:
            self._store.run("INSERT OR IGNORE INTO gone_authors VALUES (?)", identifier)
        else:
            self._store.run("DELETE FROM gone_authors WHERE identifier = ?", identifier)

    def __contains__(self, identifier: object) -> bool:
        return self._store.row("SELECT 1 FROM gone_authors WHERE identifier = ?", identifier) is not None
