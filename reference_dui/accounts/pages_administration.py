"""The pages of those who administer the accounts: all of them, what is done to one, the policy of each role."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.responses import Response

from ..faults import Fault, NotFound
from ..visit import View, Visit
from .guard import ACCOUNTS
from .life import AccountLife
from .policy import DEFAULTS, RULES

# What an administrator does to one account from the list.
ACTS: Mapping[str, Callable[[AccountLife, str, str], None]] = {
    "moyen-perdu": lambda life, who, login: life.disable_device(who, login),
    "identite-verifiee": lambda life, who, login: life.verify(who, login, "document"),
    "desactiver": lambda life, who, login: life.disable(who, login),
}


def accounts(visit: Visit) -> Response:
    """Every account, and the policy of each role."""
    life = visit.dui.life
    policies = {role: life.policies.of(role) for role in DEFAULTS}
    return visit.page("accounts.html", accounts=life.accounts.all(), policies=policies, rules=RULES, acts=tuple(ACTS))


def synchronise(visit: Visit) -> Response:
    """Synchronise the accounts with the structure's directory now."""
    visit.dui.synchronisation.run(visit.who)
    return visit.go(ACCOUNTS, "accounts")


def act(visit: Visit) -> Response:
    """Do something to one account."""
    wanted = ACTS.get(visit.params["act"])
    if wanted is None:
        raise NotFound("refdui.fault.no-page")
    wanted(visit.dui.life, visit.who, visit.params["account"])
    return visit.go(ACCOUNTS, "account-act")


def policy(visit: Visit) -> Response:
    """Set the policy of a role; an empty field goes back to the product's own."""
    try:
        rules = {name: int(visit.form.get(name, "") or 0) for name in RULES}
    except ValueError as exc:
        raise Fault("refdui.fault.wrong-member", member="policy") from exc
    visit.dui.life.set_policy(visit.who, visit.params["role"], rules)
    return visit.go(ACCOUNTS, "account-policy")


VIEWS: tuple[tuple[str, str, View], ...] = (
    ("GET", ACCOUNTS, accounts),
    ("POST", ACCOUNTS, synchronise),
    ("POST", f"{ACCOUNTS}/regles/{{role}}", policy),
    ("POST", f"{ACCOUNTS}/{{account}}/{{act}}", act),
)
