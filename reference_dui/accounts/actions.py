"""What the operations of the control API on accounts do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..faults import Fault
from ..members import Members
from . import batches
from .entry import DAY
from .forms import FORMS
from .guard import ACCOUNT, ACCOUNTS
from .life import MEANS
from .machine import MACHINE
from .policy import DEFAULTS, RULES

if TYPE_CHECKING:
    from ..application import Dui

Answer = Mapping[str, Any]
# A page that only those may see who hold a permission, how batches call it, and the page of all accounts.
RESTRICTED = {"restricted_url": "/parametres", "permission": batches.PERMISSION, "accounts_url": ACCOUNTS}


def read_forms(_: Dui, __: str, given: Members) -> Answer:
    """The forms of the front door, and a page that needs a session of that kind."""
    audience = given.key("audience")
    if audience not in DEFAULTS:
        raise Fault("refdui.fault.wrong-member", member="audience")
    home = "/" if audience == "professional" else ACCOUNT
    forms = {name: form.as_json() for name, form in FORMS.items()}
    return {"home_url": home, "account_url": ACCOUNT, "forms": forms, "means": list(MEANS), **RESTRICTED}


def create_account(dui: Dui, who: str, given: Members) -> Answer:
    """Create an account, opened by a national identifier, a password or both."""
    login, name, identifier = given.key("account"), given.key("displayed"), given.maybe("identifier")
    role = given.maybe("audience") or "professional"
    raw = given.mapping("attributes") if given.has("attributes") else {}
    attributes = {str(key): str(value) for key, value in raw.items()}
    password, contact = given.maybe("password") or "", given.maybe("contact") or ""
    dui.life.create(who, login, name, role, password=password, contact=contact, attributes=attributes)
    if identifier:
        dui.logins.link(login, identifier)
        dui.identifiers.given(login)
    elif role == "professional" and "exercise_name" in attributes:
        return {"account": login, "rpps": dui.identifiers.search(login)}
    return {"account": login}


def set_account_policy(dui: Dui, who: str, given: Members) -> Answer:
    """Set the policy of a kind of accounts."""
    rules = {name: given.number(name) for name in RULES}
    dui.life.set_policy(who, given.key("audience"), rules)
    return rules


def enrol_device(dui: Dui, who: str, given: Members) -> Answer:
    """Give an account a second means."""
    return {"otpauth": dui.life.enrol_device(who, given.key("account"))}


def disable_device(dui: Dui, who: str, given: Members) -> Answer:
    """Put the second means of an account out of service."""
    dui.life.disable_device(who, given.key("account"))
    return {}


def backdate_account(dui: Dui, who: str, given: Members) -> Answer:
    """Make something of an account older."""
    login, days = given.key("account"), given.number("days")
    if given.key("what") == "identifier":
        dui.identifiers.backdate(login, days * DAY)
    else:
        dui.life.backdate(who, login, given.key("what"), days)
    return {}


def renew_identifiers(dui: Dui, _: str, __: Members) -> Answer:
    """Search again the identifiers that are due, as happens every day."""
    return {"searched": dui.identifiers.renew()}


def change_accounts(dui: Dui, who: str, given: Members) -> Answer:
    """Change accounts in a batch."""
    return {"done": batches.run(dui.life, who, given.listing("rows"), dui.sins)}


def synchronise_accounts(dui: Dui, who: str, __: Members) -> Answer:
    """Synchronise the accounts with the structure's directory."""
    return {"people": dui.synchronisation.run(who)}


def verify_account(dui: Dui, who: str, given: Members) -> Answer:
    """Verify the identity of somebody who registered alone."""
    dui.life.verify(who, given.key("account"), given.key("means"))
    return {}


def create_service_account(dui: Dui, who: str, given: Members) -> Answer:
    """Create a generic account."""
    login = given.key("account")
    dui.life.create(who, login, login, "service", password=given.text("password"), attributes={})
    return {"url": MACHINE}


def disable_account(dui: Dui, who: str, given: Members) -> Answer:
    """Disable an account."""
    dui.life.disable(who, given.key("account"))
    return {}


ACTIONS: Mapping[str, Callable[[Dui, str, Members], Answer]] = {
    action.__name__: action
    for action in (
        read_forms,
        create_account,
        set_account_policy,
        enrol_device,
        disable_device,
        backdate_account,
        verify_account,
        create_service_account,
        disable_account,
        renew_identifiers,
        change_accounts,
        synchronise_accounts,
    )
}
