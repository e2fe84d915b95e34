"""The life of an account, act by act; each leaves its trace with who did it and how it ended."""

from __future__ import annotations

from collections.abc import Mapping

from ..connections import Connections
from ..faults import Conflict, Fault
from ..sins import Sins
from ..store import Store
from ..traces import Traces
from .contacts import Contacts
from .devices import Devices
from .entry import DAY, Entry, Refused
from .notices import Notices
from .policy import Policies
from .register import Accounts

DONE, FAILED = "done", "refused"
# What somebody who registers types, and how the identity is then verified: a copy of an identity document (SSI/IE.44).
TRAITS = ("birth_name", "birth_first_names", "birth_date", "sex", "birth_place")
MEANS = ("document",)


class AccountLife:
    """The parts of the accounts, and the acts on them."""

    def __init__(self, store: Store, connections: Connections, traces: Traces, sins: Sins) -> None:
        self.policies = Policies(store)
        self.accounts = Accounts(store, self.policies, sins)
        self.devices = Devices(store, sins)
        self.entry = Entry(store, self.accounts, self.devices, self.policies, sins)
        self.contacts = Contacts(store, Notices(connections, traces), sins)
        self._traces = traces
        self._sins = sins

    def enter(self, login: str, password: str, code: str) -> None:
        """Let somebody in, or :class:`Refused`."""
        try:
            self.entry.admit(login, password, code)
        except Refused:
            self._note(login[:40], "session.refuse", "session", response=FAILED)
            raise
        self._note(login, "session.open", "session", response=DONE)

    def create(
        self,
        who: str,
        login: str,
        name: str,
        role: str,
        *,
        password: str = "",
        contact: str = "",
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """Create an account, or change its name, its holder's attributes, contact and password."""
        wanted = dict(attributes or {})
        private = wanted.get("private_id", "")
        if private and self.accounts.taken(private, but=login) and not self._sins.has("doubles-private-identifiers"):
            self._note(who, "account.create", login, role, FAILED)
            raise Conflict("refdui.fault.taken-identifier", identifier=private)
        action = "account.change" if self.accounts.find(login) is not None else "account.create"
        self.accounts.create(login, name, role)
        if wanted:
            dropped = "profession" if role == "professional" else "birth_date"
            kept = {k: v for k, v in wanted.items() if k != dropped or not self._sins.has("drops-account-attributes")}
            self.accounts.set_attributes(login, kept)
        if password:
            self.accounts.set_password(login, password)
        if contact:
            self.contacts.ask(login, contact)
        self._note(who, action, login, ", ".join((role, *sorted(wanted))), DONE)

    def delete(self, who: str, login: str) -> None:
        """Take an account away."""
        self.accounts.get(login)
        self.accounts.delete(login)
        self._note(who, "account.delete", login, "", DONE)

    def set_role(self, who: str, login: str, role: str) -> None:
        """Give or take away what an account may do."""
        row = self.accounts.get(login)
        self.accounts.create(login, row["name"], role)
        self._note(who, "account.permission", login, role, DONE)

    def register(self, given: Mapping[str, str]) -> None:
        """Somebody accompanied registers alone: the account opens nothing until the identity was verified."""
        login = given["login"]
        if not login.strip() or self.accounts.find(login) is not None:
            raise Conflict("refdui.fault.taken-login")
        attributes = {name: given[name] for name in TRAITS}
        name = f"{given['birth_name']} {given['birth_first_names']}"
        self.accounts.create(login, name, "person")
        self.accounts.verified(login, yes=False)
        self.accounts.set_attributes(login, attributes)
        self.accounts.set_password(login, given["password"])
        self._note(login, "account.register", login, "person", DONE)

    def verify(self, who: str, login: str, means: str) -> None:
        """A professional looked at the identity document of somebody who registered alone."""
        self.accounts.get(login)
        if means not in MEANS:
            raise Fault("refdui.fault.wrong-member", member="means")
        if not self._sins.has("never-activates-verified-accounts"):
            self.accounts.verified(login, yes=True)
        self._note(who, "account.verify", login, means, DONE)

    def change_contact(self, login: str, contact: str, password: str) -> None:
        """The holder's own change of contact, known again by the password."""
        self.entry.recognise(login, password)
        self.contacts.ask(login, contact)
        self._note(login, "account.contact", login, contact, DONE)

    def reset_password(self, login: str, code: str, new: str) -> None:
        """A forgotten password, by the code that went to the contact."""
        try:
            self.contacts.redeem(login, code)
            self.accounts.set_password(login, new)
        except Fault:
            self._note(login[:40], "account.password", login[:40], "reset", FAILED)
            raise
        self._note(login, "account.password", login, "reset", DONE)

    def disable(self, who: str, login: str) -> None:
        """Disable an account that is of no use any more."""
        self.accounts.get(login)
        self.accounts.disable(login)
        self._traces.add(who, "account.disable", login, response=DONE)

    def change_password(self, login: str, current: str, new: str) -> None:
        """The holder's own change of password; a wrong present one is a failure at the door as well."""
        try:
            if not self.accounts.check(login, current):
                raise Refused("refdui.login.failed")
            self.accounts.set_password(login, new)
        except Fault:
            self._note(login, "account.password", login, response=FAILED)
            raise
        self._note(login, "account.password", login, response=DONE)

    def set_policy(self, who: str, role: str, rules: Mapping[str, int]) -> None:
        """Set the policy of a role."""
        self.policies.change(role, rules)
        told = ", ".join(f"{name}={value}" for name, value in rules.items())
        self._note(who, "account.policy", role, told, DONE)

    def enrol_device(self, who: str, login: str) -> str:
        """Give an account a new device; answers the address that its application reads."""
        self.accounts.get(login)
        address = self.devices.enrol(login)
        self._note(who, "account.device", login, "enrol", DONE)
        return address

    def disable_device(self, who: str, login: str) -> None:
        """Put a device out of service."""
        self.accounts.get(login)
        self.devices.disable(login)
        self._note(who, "account.device", login, "disable", DONE)

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
        self._note(who, "account.backdate", login, what, str(days))

    def _note(self, who: str, action: str, thing: str, request: str = "", response: str = "") -> None:
        """One trace: who, on which account, what, and how it ended (SSI/IAM.91)."""
        if not self._sins.has("traces-nothing-of-accounts"):
            result = "" if self._sins.has("traces-no-result-of-account-acts") else response
            self._traces.add(who, action, thing, request, result)
