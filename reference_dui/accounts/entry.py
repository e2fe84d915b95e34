"""Letting people in: what is asked of them, when an account locks, what must be renewed first."""

from __future__ import annotations

import time

from ..faults import Fault
from ..sins import Sins
from ..store import Store
from .devices import Devices
from .policy import Policies
from .register import Accounts

# Seconds that a locked account stays so, and those of a day.
LOCK, DAY = 1800.0, 86_400.0


class Refused(Fault):
    """Somebody who is not let in."""

    status = 401


class Entry:
    """The rules of the door."""

    def __init__(self, store: Store, accounts: Accounts, devices: Devices, policies: Policies, sins: Sins) -> None:
        self._store = store
        self._accounts = accounts
        self._devices = devices
        self._policies = policies
        self._sins = sins

    def admit(self, login: str, password: str, code: str) -> None:
        """Let somebody in, or :class:`Refused`: nobody can tell a locked account from a wrong password."""
        role = self.recognise(login, password)
        if not self._known_for_sure(login):
            raise Refused("refdui.login.unverified")
        if role == "service" and not self._sins.has("lets-service-accounts-at-the-screen"):
            raise Refused("refdui.login.failed")
        if not self._second(login, role, code):
            self._fail(login, role)
            raise Refused("refdui.login.failed")
        self._store.run("UPDATE accounts SET failures = 0, locked = 0 WHERE login = ?", login)
        if code:
            self._store.run("UPDATE accounts SET both = ? WHERE login = ?", time.time(), login)

    def recognise(self, login: str, password: str) -> str:
        """Know somebody by the password alone, which lets nobody in; answers the role, or :class:`Refused`."""
        row = self._accounts.find(login)
        right = self._accounts.check(login, password)
        if row is None or row["locked"] > time.time() or not row["active"]:
            raise Refused("refdui.login.failed")
        if not right:
            self._fail(login, row["role"])
            raise Refused("refdui.login.failed")
        return str(row["role"])

    def due(self, login: str) -> str:
        """What the holder must renew before anything else: ``password``, ``device`` or nothing."""
        row = self._accounts.find(login)
        if row is None or not row["hash"]:
            return ""
        policy = self._policies.of(row["role"])
        aged = policy.password_days and row["changed"] < time.time() - policy.password_days * DAY
        if aged and not self._sins.has("never-expires-passwords"):
            return "password"
        since = self._devices.since(login)
        worn = policy.device_days and since and since < time.time() - policy.device_days * DAY
        return "device" if worn and not self._sins.has("never-renews-devices") else ""

    def _known_for_sure(self, login: str) -> bool:
        """Whether the holder's identity was verified (SSI/IE.44)."""
        return bool(self._accounts.get(login)["verified"]) or self._sins.has("activates-unverified-accounts")

    def _second(self, login: str, role: str, code: str) -> bool:
        """Whether the second factor is right, or none is asked for."""
        asked = self._policies.of(role).factors > 1 or self._devices.has(login)
        if not asked or (self._sins.has("lets-people-in-with-one-factor") and not code):
            return True
        if not code and self._fresh(login, role):
            return True
        return self._devices.accepts(login, code)

    def _fresh(self, login: str, role: str) -> bool:
        """Whether both factors were given lately enough for one to do (SSI/IE.37)."""
        delay = float(self._policies.of(role).one_factor)
        if self._sins.has("never-lets-one-factor-do") or not delay:
            return False
        if self._sins.has("never-asks-for-both-factors-again"):
            delay = DAY
        row = self._accounts.find(login)
        return row is not None and row["both"] > time.time() - delay

    def _fail(self, login: str, role: str) -> None:
        if self._sins.has("never-locks-an-account"):
            return
        self._store.run("UPDATE accounts SET failures = failures + 1 WHERE login = ?", login)
        locked = time.time() + LOCK
        sql = "UPDATE accounts SET failures = 0, locked = ? WHERE login = ? AND failures >= ?"
        self._store.run(sql, locked, login, self._policies.of(role).attempts)
