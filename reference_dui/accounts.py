"""Local accounts of the demonstration, and browser sessions: a random cookie, a form token, an hour of idleness."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from .store import Store

IDLE = 3600.0
# Published on the log-in page: everything here is fictitious and listens on this machine only.
SEEDED = (
    ("camille", "Camille Essai", "professional"),
    ("admin", "Alex Réglage", "administrator"),
)
PASSWORD = "demonstration"  # noqa: S105 - shown on the log-in page of a fictitious product
_COST = {"n": 2**14, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True)
class Session:
    """A browser session; before log-in ``login`` is empty."""

    token: str
    login: str
    name: str
    role: str
    csrf: str


class Accounts:
    """Accounts and sessions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._idle = IDLE

    def set_idle(self, seconds: int) -> None:
        """Set the time after which an idle session closes; 0 is the product's own."""
        self._idle = float(seconds) or IDLE

    def create(self, login: str, name: str) -> None:
        """Create an account that no password opens, or give it another name."""
        row = (login, name, "professional", b"", b"")
        sql = "INSERT INTO accounts VALUES (?, ?, ?, ?, ?) ON CONFLICT (login) DO UPDATE SET name = excluded.name"
        self._store.run(sql, *row)

    def seed(self) -> None:
        """Create the accounts of the demonstration where they are missing."""
        for login, name, role in SEEDED:
            if self._store.row("SELECT 1 FROM accounts WHERE login = ?", login) is None:
                salt = secrets.token_bytes(16)
                self._store.run(
                    "INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", login, name, role, salt, _hashed(PASSWORD, salt)
                )

    def check(self, login: str, password: str) -> bool:
        """Whether a password is the account's; as slow for an unknown login as for a known one."""
        row = self._store.row("SELECT salt, hash FROM accounts WHERE login = ?", login)
        salt, known = (row["salt"], row["hash"]) if row and row["hash"] else (b"\0" * 16, b"")
        return hmac.compare_digest(_hashed(password, salt), known)

    def open(self, login: str = "") -> Session:
        """Open a session; a new token each time, so that log-in never keeps the earlier one."""
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._store.run("DELETE FROM sessions WHERE until < ?", time.time())
        self._store.run(
            "INSERT INTO sessions VALUES (?, ?, ?, ?)", _digest(token), login, csrf, time.time() + self._idle
        )
        return self._session(token, login, csrf)

    def session(self, token: str) -> Session | None:
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


def _hashed(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_COST)


def _digest(token: str) -> str:
    # The database keeps no cookie that could be used again.
    return hashlib.sha256(token.encode()).hexdigest()
