"""About whom the user connects to the DMP secretly, so that legal representatives learn nothing of it."""

from __future__ import annotations

from ..store import Store


class Secrecy:
    """The people whose calls are secret connections."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def choose(self, person: str, *, active: bool) -> None:
        """Connect secretly from now on, or no more."""
        if active:
            self._store.run("INSERT OR IGNORE INTO dmp_secret VALUES (?)", person)
        else:
            self._store.run("DELETE FROM dmp_secret WHERE person = ?", person)

    def of(self, person: str) -> bool:
        """Whether calls about a person are secret connections."""
        return self._store.row("SELECT 1 FROM dmp_secret WHERE person = ?", person) is not None
