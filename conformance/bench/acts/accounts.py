"""Acts on accounts, and at the door that they open: the bench's browser tells whether it is let in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.bench.browser import Browser, origin
from conformance.bench.hindrance import Hindered
from conformance.bench.one_time import Device
from conformance.bench.page_forms import Form
from conformance.bench.stage import Stage
from conformance.core.words import Fault
from conformance.drivers import operations as ops
from conformance.drivers.operations import Audience


@dataclass
class Account:
    """A fictitious account: what its holder knows and has."""

    login: str
    password: str
    displayed: str
    device: Device | None = None


@dataclass(frozen=True)
class Door:
    """The front door of one kind of holders: its forms, and a page that needs a session."""

    stage: Stage
    audience: Audience
    base: str
    home: str
    account_page: str
    forms: Mapping[str, Form] = field(default_factory=dict)
    # By what the identity of somebody who registers alone can be verified.
    means: tuple[str, ...] = ()
    # A page that needs a permission, and how batches call it.
    restricted: str = ""
    permission: str = ""
    # How many pages of the home are turned to find what is looked for on it.
    pages: int = 1

    def form(self, name: str) -> Form:
        """A form of the product; one that it does not tell of stops the scenario."""
        if name not in self.forms:
            raise Hindered("hindrance.no-form", Fault.CONFIGURATION, form=name)
        return self.forms[name]

    def made(self, role: str) -> Account:
        """What a holder would know of an account that nobody created yet."""
        return Account(
            f"{role}-{self.digest(role, 'login')}", self.password(role), f"Compte {role} {self.digest(role, 'name')}"
        )

    def creation(self, account: Account) -> ops.CreateAccount:
        """What creates it."""
        return ops.CreateAccount(account.login, account.displayed, audience=self.audience, password=account.password)

    def account(self, role: str, **members: Any) -> Account:
        """A new account with a password, and with a second means where this kind of holders needs one."""
        account = self.made(role)
        self.stage.perform(replace(self.creation(account), **members))
        if self.audience == "person":
            self.equip(account)
        return account

    def equip(self, account: Account) -> None:
        """Give an account a second means, in place of the former one."""
        told = str(self.stage.perform(ops.EnrolDevice(account.login)).body.get("otpauth", ""))
        account.device = Device.of(told)
        if account.device is None:
            raise Hindered("hindrance.no-otpauth", Fault.CONFIGURATION)

    def name_of(self, role: str) -> str:
        """A login that no other scenario uses."""
        return f"{role}-{self.digest(role, 'login')}"

    def password(self, *parts: str) -> str:
        """A password that any policy takes: nineteen characters of four classes."""
        return f"Essai.{self.digest(*parts)}.K7"

    def browser(self, label: str) -> Browser:
        """A new browser, without any cookie."""
        return Browser(self.stage, self.base, label)

    @contextmanager
    def entered(
        self, label: str, account: Account, *, code: bool = True, wanted: Sequence[str] = ()
    ) -> Iterator[Browser]:
        """One try to enter in a new browser: the protected page before, the log-in, the page again."""
        self.stage.expect("entry", label=label, account=account.login, audience=self.audience)
        with self.browser(label) as browser:
            browser.look(self.home, "before")
            self._log_in(browser, account, code=code)
            browser.look(self.home, "home", wanted=tuple(wanted), pages=self.pages)
            yield browser

    def enter(
        self, label: str, account: Account, *, password: str = "", code: bool = True, wanted: Sequence[str] = ()
    ) -> None:
        """One try, and nothing after it."""
        tried = replace(account, password=password) if password else account
        with self.entered(label, tried, code=code, wanted=wanted):
            pass

    def fail(self, label: str, account: Account, times: int) -> None:
        """So many wrong passwords in a row."""
        wrong = {"login": account.login, "password": self.password("wrong", label)}
        if account.device is not None:
            wrong["code"] = "000000"
        with self.browser(label) as browser:
            for _ in range(times):
                browser.fill(self.form("login"), wrong, "login")

    def change(self, label: str, account: Account, *new: str, current: str = "") -> None:
        """Log in and ask for other passwords, each in place of the one that the bench knows, or of another one."""
        with self.entered(label, account) as browser:
            for wanted in new:
                typed = {"current": current or account.password, "new": wanted}
                browser.fill(self.form("password"), typed, "change")

    def trial(self, case: str, *, controls: Sequence[str], **members: Any) -> None:
        """Say which tries had to be let in (``open``), which not (``closed``), and those that prove that the door works.

        ``acts`` are the forms that must have been sent besides: browser and purpose of each; ``shown`` asks each page for
        what was looked for on it, too; ``shut`` are tries that must have been refused for the rest to mean something.
        """
        told = {"closed": [], "open": [], "acts": [], "failures": 0, "tries": "", "shown": False, "shut": [], **members}
        self.stage.expect("trial", case=case, audience=self.audience, controls=list(controls), **told)

    def _log_in(self, browser: Browser, account: Account, *, code: bool) -> None:
        """The log-in, in one form or in two: a product may ask for the code on a page of its own."""
        typed = self._typed(account, code=code)
        form = self.form("login")
        browser.fill(form, typed, "login")
        if "code" in typed and "code" not in form.fields:
            browser.fill(self.form("code"), {"code": typed["code"]}, "code")

    def _typed(self, account: Account, *, code: bool) -> dict[str, str]:
        typed = {"login": account.login, "password": account.password}
        if code and account.device is not None:
            typed["code"] = account.device.code()
        return typed

    def digest(self, *parts: str) -> str:
        """Ten characters that these words give in this scenario, and in no other."""
        drawn = "|".join((str(self.stage.people.seed), self.stage.place, self.audience, *parts))
        return hashlib.sha256(drawn.encode()).hexdigest()[:10]


def door(stage: Stage, audience: Audience) -> Door:
    """Learn the forms of one kind of holders."""
    told = stage.perform(ops.ReadForms(audience)).body
    home = str(told.get("home_url") or "")
    if not home:
        raise Hindered("hindrance.no-page", Fault.CONFIGURATION, member="home_url")
    raw = told.get("forms")
    forms = {name: _form(name, one) for name, one in raw.items()} if isinstance(raw, dict) else {}
    means = told.get("means")
    return Door(
        stage,
        audience,
        origin(stage.front),
        home,
        str(told.get("account_url") or home),
        forms,
        tuple(map(str, means)) if isinstance(means, list) else (),
        str(told.get("restricted_url") or ""),
        str(told.get("permission") or ""),
    )


@contextmanager
def policy(stage: Stage, audience: Audience, **rules: int) -> Iterator[None]:
    """Have a policy followed for a while, then the product's own again."""
    stage.perform(ops.SetAccountPolicy(audience, **rules))
    try:
        yield
    finally:
        stage.attempt(ops.SetAccountPolicy(audience))


def _form(name: str, raw: object) -> Form:
    fields = raw.get("fields") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(fields, dict) or not raw.get("url"):
        raise Hindered("hindrance.no-form", Fault.CONFIGURATION, form=name)
    named = {str(member): tuple(map(str, one if isinstance(one, list) else [one])) for member, one in fields.items()}
    return Form(str(raw["url"]), named)
