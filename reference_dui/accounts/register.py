"""The register of accounts: who they are, and the passwords that open them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping

from ..faults import Conflict, Fault, NotFound
from ..sins import Sins
from ..store import Store
from .passwords import matches, sealed, weak
from .policy import DEFAULTS, Policies

# Published on the log-in page: everything here is fictitious and listens on this machine only.
SEEDED = (
    ("camille", "Camille Essai", "professional"),
    ("admin", "Alex Réglage", "administrator"),
)
PASSWORD = "demonstration"  # noqa: S105 - shown on the log-in page of a fictitious product


class Accounts:
    """The accounts."""

    def __init__(self, store: Store, policies: Policies, sins: Sins) -> None:
        self._store = store
        self._policies = policies
        self._sins = sins

    def create(self, login: str, name: str, role: str = "professional") -> None:
        """Create an account that no password opens, or give it another name and role."""
        if role not in DEFAULTS:
            raise Fault("refdui.fault.wrong-member", member="audience")
        self._store.run(
            "INSERT INTO accounts (login, name, role, salt, hash) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (login) DO UPDATE SET name = excluded.name, role = excluded.role",
            *(login, name, role, b"", b""),
        )

    def delete(self, login: str) -> None:
        """Take an account away, and what opens it."""
        with self._store.together():
            for table in ("accounts", "former_passwords", "devices", "contacts", "codes", "identifiers", "sessions"):
                self._store.run(f"DELETE FROM {table} WHERE login = ?", login)  # noqa: S608 - names of our own
            self._store.run("DELETE FROM identities WHERE login = ?", login)

    def seed(self) -> None:
        """Create the accounts of the demonstration where they are missing."""
        for login, name, role in SEEDED:
            if self.find(login) is None:
                self.create(login, name, role)
                self._keep(login, PASSWORD)

    def find(self, login: str) -> sqlite3.Row | None:
        """An account, or nothing."""
        return self._store.row("SELECT * FROM accounts WHERE login = ?", login)

    def all(self) -> list[sqlite3.Row]:
        """Every account, by login."""
        return self._store.rows("SELECT login, name, role FROM accounts ORDER BY login")

    def get(self, login: str) -> sqlite3.Row:
        """An account, or :class:`NotFound`."""
        row = self.find(login)
        if row is None:
            raise NotFound("refdui.fault.no-account", account=login)
        return row

    def check(self, login: str, password: str) -> bool:
        """Whether a password is the account's; as slow for an unknown login as for a known one."""
        row = self.find(login)
        return matches(password, row["salt"] if row else b"", row["hash"] if row else b"")

    def set_password(self, login: str, password: str) -> None:
        """Give an account another password; one that the policy refuses is a :class:`Conflict`."""
        row = self.get(login)
        policy = self._policies.of(row["role"])
        if weak(password, policy) and not self._sins.has("accepts-weak-passwords"):
            raise Conflict("refdui.fault.weak-password", length=policy.length, classes=policy.classes)
        sql = "SELECT salt, hash FROM former_passwords WHERE login = ? ORDER BY id DESC LIMIT ?"
        former = [row, *self._store.rows(sql, login, policy.history)] if policy.history else []
        used = any(known["hash"] and matches(password, known["salt"], known["hash"]) for known in former)
        if used and not self._sins.has("forgets-former-passwords"):
            raise Conflict("refdui.fault.used-password", history=policy.history)
        self._keep(login, password)

    def verified(self, login: str, *, yes: bool) -> None:
        """Note whether the identity of the holder is known for sure."""
        self._store.run("UPDATE accounts SET verified = ? WHERE login = ?", int(yes), login)

    def taken(self, identifier: str, *, but: str) -> bool:
        """Whether another account bears this private identifier."""
        sql = "SELECT 1 FROM accounts WHERE json_extract(attributes, '$.private_id') = ? AND login <> ?"
        return self._store.row(sql, identifier, but) is not None

    def set_attributes(self, login: str, attributes: Mapping[str, str]) -> None:
        """Keep what is known of the holder."""
        self._store.run(
            "UPDATE accounts SET attributes = ? WHERE login = ?",
            json.dumps(dict(attributes), ensure_ascii=False),
            login,
        )

    def attributes(self, login: str) -> dict[str, str]:
        """What is known of the holder."""
        known: dict[str, str] = json.loads(self.get(login)["attributes"])
        return known

    def disable(self, login: str) -> None:
        """Put an account out of use."""
        if not self._sins.has("keeps-service-accounts-for-ever"):
            self._store.run("UPDATE accounts SET active = 0 WHERE login = ?", login)

    def backdate(self, login: str, seconds: float) -> None:
        """Make a password older."""
        self._store.run("UPDATE accounts SET changed = changed - ? WHERE login = ?", seconds, login)

    def _keep(self, login: str, password: str) -> None:
        row = self.get(login)
        salt, hash = sealed(password)
        with self._store.together():
            if row["hash"]:
                former = (login, row["salt"], row["hash"])
                self._store.run("INSERT INTO former_passwords (login, salt, hash) VALUES (?, ?, ?)", *former)
            sql = "UPDATE accounts SET salt = ?, hash = ?, changed = ?, failures = 0, locked = 0 WHERE login = ?"
            self._store.run(sql, salt, hash, time.time(), login)
