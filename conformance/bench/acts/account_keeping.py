"""Acts on how accounts are kept: national identifiers searched, batches, traces of what happened to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from conformance.bench.acts import annuaire
from conformance.bench.acts.accounts import Account, Door, door
from conformance.bench.hindrance import Hindered
from conformance.bench.sight import Wanted
from conformance.bench.stage import Stage
from conformance.core.words import Fault
from conformance.drivers import operations as ops

# Days after which an identifier is searched again (SSI/IE.30), and how often the directory fails until it is mended.
PERIOD, FAULTS = 731, 20


def searched(stage: Stage) -> None:
    """An account is made for a professional whom the directory knows; its holder then looks at it."""
    front, held, rpps = _professional(stage)
    stage.expect("rpps-account", marks=(f"8{rpps}",), identifier=f"8{rpps}", rpps=rpps, label="holder")
    stage.perform(held)
    stage.await_record("annuaire.search", f"8{rpps}")
    stage.settle()
    with front.entered("holder", _known(front)) as browser:
        browser.look(front.account_page, "account", wanted=Wanted((rpps, *_shown(held)), loosely=True))


def searched_again(stage: Stage) -> None:
    """Two years go by, and what the product does from time to time takes place."""
    _, held, rpps = _professional(stage)
    stage.perform(held)
    stage.await_record("annuaire.search", f"8{rpps}")
    stage.perform(ops.BackdateAccount(held.account, "identifier", PERIOD))
    _renew(stage, rpps)


def unanswered(stage: Stage) -> None:
    """The directory fails when the account is made; it is mended, and the search takes place then."""
    _, held, rpps = _professional(stage)
    annuaire.busy(stage, "failing", FAULTS)
    try:
        stage.attempt(held)
        stage.settle()
        stage.observe("rpps-unanswered", account=held.displayed)
    finally:
        stage.act(annuaire.SERVICE, "clear")
    _renew(stage, rpps, unanswered=True)


def batch(stage: Stage) -> None:
    """One batch makes an account, gives another name to a second, takes a third away."""
    front = door(stage, "professional")
    kept, gone, new = front.account("garde"), front.account("parti"), front.made("venu")
    renamed = replace(kept, displayed=f"Nom {front.digest('renamed')}")
    for label, held in (("kept-before", kept), ("gone-before", gone)):
        front.enter(label, held, wanted=(held.displayed,))
    _change(
        stage,
        {
            "action": "create",
            "account": new.login,
            "displayed": new.displayed,
            "audience": front.audience,
            "password": new.password,
        },
        {"action": "change", "account": kept.login, "displayed": renamed.displayed},
        {"action": "delete", "account": gone.login},
    )
    for label, held in (("new", new), ("changed", renamed), ("gone", gone)):
        front.enter(label, held, wanted=(held.displayed,))
    controls = ("kept-before", "gone-before")
    front.trial("batch", controls=controls, open=["new", "changed"], closed=["gone"], shown=True)


def batch_permissions(stage: Stage) -> None:
    """One batch gives a permission to an account and takes it from another; both then ask for a page that needs it."""
    front = door(stage, "professional")
    if not front.restricted or not front.permission:
        raise Hindered("hindrance.no-page", Fault.CONFIGURATION, member="restricted_url")
    inside = replace(front, home=front.restricted)
    plain = front.account("simple")
    holder = front.account("titulaire")
    _change(stage, _permission(front, "grant", holder))
    inside.enter("holder-before", holder)
    inside.enter("plain-before", plain)
    _change(stage, _permission(front, "grant", plain), _permission(front, "revoke", holder))
    inside.enter("granted", plain)
    inside.enter("revoked", holder)
    front.enter("revoked-home", holder)
    front.trial(
        "permissions",
        controls=("revoked-home",),
        shut=["plain-before"],
        open=["holder-before", "granted"],
        closed=["revoked"],
    )


def traced(stage: Stage, what: str) -> None:
    """Acts on an account, each between two readings of the product's traces."""
    front = door(stage, "professional")
    held = front.account("trace")
    for outcome, act in _acts(stage, front, held, what).items():
        stage.perform(ops.ReadTraces())
        stage.expect("account-act", what=what, account=held.login, outcome=outcome)
        act()
        stage.settle()
        stage.perform(ops.ReadTraces())


def _acts(stage: Stage, front: Door, held: Account, what: str) -> Mapping[str, Callable[[], Any]]:
    wrong, new = front.password("trace", "wrong"), front.password("trace", "new")
    known = replace(front.creation(held), password="", attributes={"first_name": "Autre"})
    match what:
        case "attributes":
            return {"done": lambda: stage.perform(known)}
        case "permissions":
            return {"done": lambda: _change(stage, _permission(front, "grant", held))}
        case "logins":
            return {
                "refused": lambda: front.enter("refused", held, password=wrong),
                "done": lambda: front.enter("done", held),
            }
        case _:
            return {
                "refused": lambda: front.change("refused", held, new, current=wrong),
                "done": lambda: front.change("done", held, new),
            }


def _professional(stage: Stage) -> tuple[Door, ops.CreateAccount, str]:
    """A professional whom the directory knows, and the account to make, without a national identifier."""
    annuaire.connect(stage)
    wanted = annuaire.listed(stage, "medecin")
    front = door(stage, "professional")
    attributes = {"exercise_name": wanted.name, "first_name": wanted.first_name, "profession": "Médecin"}
    return front, replace(front.creation(_known(front)), attributes=attributes), wanted.identifier[1:]


def _known(front: Door) -> Account:
    return front.made("medecin")


def _shown(held: ops.CreateAccount) -> tuple[str, ...]:
    """What else the page of an account may show: a page that shows none of it says nothing of what it lacks."""
    return (held.displayed, *(held.attributes[name] for name in ("exercise_name", "first_name")))


def _renew(stage: Stage, rpps: str, *, unanswered: bool = False) -> None:
    stage.expect("rpps-renewal", marks=(f"8{rpps}",), identifier=f"8{rpps}", unanswered=unanswered)
    before = stage.now()
    stage.perform(ops.RenewIdentifiers())
    stage.await_record("annuaire.search", f"8{rpps}", after=before)


def _change(stage: Stage, *rows: Mapping[str, str]) -> None:
    stage.perform(ops.ChangeAccounts(rows))
    stage.settle()


def _permission(front: Door, action: str, account: Account) -> dict[str, str]:
    return {"action": action, "account": account.login, "permission": front.permission}
