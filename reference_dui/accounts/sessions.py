"""Browser sessions: a random cookie, a form token, an hour of idleness."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from ..store import Store

IDLE = 3600.0


@dataclass(frozen=True, slots=True)
class Session:
    """A browser session; before log-in ``login`` is empty."""

    token: str
    login: str
    name: str
    role: str
    csrf: str


class Sessions:
    """The open sessions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._idle = IDLE

    def set_idle(self, seconds: int) -> None:
        """Set the time after which an idle session closes; 0 is the product's own."""
        self._idle = float(seconds) or IDLE

    def open(self, login: str = "") -> Session:
        """Open a session; a new token each time, so that log-in never keeps the earlier one."""
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._store.run("DELETE FROM sessions WHERE until < ?", time.time())
        self._store.run(
            "INSERT INTO sessions VALUES (?, ?, ?, ?)", _digest(token), login, csrf, time.time() + self._idle
        )
        return self._session(token, login, csrf)

    def of(self, token: str) -> Session | None:
        """The live session of a cookie; each use puts its end off."""
        row = self._store.row(
            "SELECT login, csrf FROM sessions WHERE token = ? AND until >= ?", _digest(token), time.time()
        )
        if row is None:
            return None
        self._store.run("UPDATE sessions SET until = ? WHERE token = ?", time.time() + self._idle, _digest(token))
        return self._session(token, row["login"], row["csrf"])

    def close(self, token: str) -> None:
        """End a session."""
        self._store.run("DELETE FROM sessions WHERE token = ?", _digest(token))

    def _session(self, token: str, login: str, csrf: str) -> Session:
        row = self._store.row("SELECT name, role FROM accounts WHERE login = ?", login)
        return Session(token, login, row["name"] if row else "", row["role"] if row else "", csrf)


def _digest(token: str) -> str:
    # The database keeps no cookie that could be used again.
    return hashlib.sha256(token.encode()).hexdigest()
