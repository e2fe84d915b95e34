"""The RPPS number of each professional: searched when the account is made, again at least every two years (SSI/IE.30)."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..annuaire.client import Client
from ..faults import Fault
from ..sins import Sins
from ..store import Store
from .entry import DAY
from .register import Accounts

# Two years, the longest that may go by between two searches.
PERIOD = 730 * DAY
FOUND, DUE = "found", "due"


class Identifiers:
    """The searches of identifiers, and those that are due."""

    def __init__(
        self, store: Store, client: Client, accounts: Accounts, link: Callable[[str, str], None], sins: Sins
    ) -> None:
        self._store = store
        self._client = client
        self._accounts = accounts
        self._link = link
        self._sins = sins

    def given(self, login: str) -> None:
        """Pro Santé Connect or a card gave the identifier: nothing to search for two years."""
        self._note(login, FOUND)

    def search(self, login: str) -> str:
        """Search a professional; ``due`` when the directory did not answer, or knows nobody or several of that name."""
        known = self._accounts.attributes(login)
        family, first = known.get("exercise_name", ""), known.get("first_name", "")
        if not family:
            return DUE
        try:
            found = {entry.identifier for entry in self._client.search(family, first, attempts=1)}
        except Fault:
            found = set()
        state = FOUND if len(found) == 1 else DUE
        if state == FOUND and not self._sins.has("keeps-no-rpps"):
            identifier = found.pop()
            self._accounts.set_attributes(login, {**known, "rpps": identifier[1:]})
            self._link(login, identifier)
        self._note(login, state)
        return state

    def state(self, login: str) -> str:
        """``found``, ``due``, or nothing where none was ever searched."""
        row = self._store.row("SELECT state FROM identifiers WHERE login = ?", login)
        return row["state"] if row else ""

    def renew(self) -> int:
        """Search again those that failed and those that are two years old; answers how many."""
        if self._sins.has("never-searches-rpps-again"):
            return 0
        sql = "SELECT login FROM identifiers WHERE state = ? OR at < ?"
        due = [row["login"] for row in self._store.rows(sql, DUE, time.time() - PERIOD)]
        for login in due:
            self.search(login)
        return len(due)

    def backdate(self, login: str, seconds: float) -> None:
        """Make the last search older."""
        self._store.run("UPDATE identifiers SET at = at - ? WHERE login = ?", seconds, login)

    def _note(self, login: str, state: str) -> None:
        self._store.run("INSERT OR REPLACE INTO identifiers VALUES (?, ?, ?)", login, time.time(), state)
