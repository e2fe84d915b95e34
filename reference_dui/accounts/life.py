"""The life of an account, act by act; each leaves its trace with who did it and how it ended."""

from __future__ import annotations

from collections.abc import Mapping

from ..faults import Fault
from ..sins import Sins
from ..store import Store
from ..traces import Traces
from .devices import Devices
from .entry import DAY, Entry, Refused
from .policy import Policies
from .register import Accounts

DONE, FAILED = "done", "refused"


class AccountLife:
    """The parts of the accounts, and the acts on them."""

    def __init__(self, store: Store, traces: Traces, sins: Sins) -> None:
        self.policies = Policies(store)
        self.accounts = Accounts(store, self.policies, sins)
        self.devices = Devices(store, sins)
        self.entry = Entry(store, self.accounts, self.devices, self.policies, sins)
        self._traces = traces

    def enter(self, login: str, password: str, code: str) -> None:
        """Let somebody in, or :class:`Refused`."""
        try:
            self.entry.admit(login, password, code)
        except Refused:
            self._traces.add(login[:40], "session.refuse", "session", response=FAILED)
            raise
        self._traces.add(login, "session.open", "session", response=DONE)

    def create(
        self, who: str, login: str, name: str, role: str, *, password: str, attributes: Mapping[str, str]
    ) -> None:
        """Create an account, or change its name, its holder's attributes and its password."""
        self.accounts.create(login, name, role)
        if attributes:
            self.accounts.set_attributes(login, attributes)
        if password:
            self.accounts.set_password(login, password)
        self._traces.add(who, "account.create", login, role, DONE)

    def change_password(self, login: str, current: str, new: str) -> None:
        """The holder's own change of password; a wrong present one is a failure at the door as well."""
        try:
            if not self.accounts.check(login, current):
                raise Refused("refdui.login.failed")
            self.accounts.set_password(login, new)
        except Fault:
            self._traces.add(login, "account.password", login, response=FAILED)
            raise
        self._traces.add(login, "account.password", login, response=DONE)

    def set_policy(self, who: str, role: str, rules: Mapping[str, int]) -> None:
        """Set the policy of a role."""
        self.policies.change(role, rules)
        told = ", ".join(f"{name}={value}" for name, value in rules.items())
        self._traces.add(who, "account.policy", role, told, DONE)

    def enrol_device(self, who: str, login: str) -> str:
        """Give an account a new device; answers the address that its application reads."""
        self.accounts.get(login)
        address = self.devices.enrol(login)
        self._traces.add(who, "account.device", login, "enrol", DONE)
        return address

    def disable_device(self, who: str, login: str) -> None:
        """Put a device out of service."""
        self.accounts.get(login)
        self.devices.disable(login)
        self._traces.add(who, "account.device", login, "disable", DONE)

    def report_loss(self, login: str, password: str) -> None:
        """The holder reports the device as lost, known by the password alone; wrong ones count as at the door."""
        self.entry.recognise(login, password)
        self.disable_device(login, login)

    def backdate(self, who: str, login: str, what: str, days: int) -> None:
        """Make a password or a device older, so that what is due in time can be seen today."""
        self.accounts.get(login)
        ages = {"password": self.accounts.backdate, "device": self.devices.backdate}
        if what not in ages:
            raise Fault("refdui.fault.wrong-member", member="what")
        ages[what](login, days * DAY)
        self._traces.add(who, "account.backdate", login, what, str(days))
