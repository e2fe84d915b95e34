"""Acts on the structure's own directory, and on the accounts that a product synchronises with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.bench.acts.accounts import Account, Door, door
from conformance.bench.hindrance import Hindered
from conformance.bench.stage import Stage
from conformance.core.words import Fault
from conformance.drivers import operations as ops

SERVICE = "ldap"
# The group of the directory that gives the product's permission (``permission_group`` of the service).
GROUP = "habilites"
# Pages of the list of accounts that are turned to find a newcomer: earlier runs may have left many there.
MAX_PAGES = 50


def identities(stage: Stage) -> None:
    """Somebody comes, somebody gets another name, somebody leaves: the product synchronises, and its door is looked at."""
    front = _connected(stage)
    kept, gone, new = _person(front, "garde"), _person(front, "parti"), _person(front, "venu")
    _put(stage, kept, gone)
    _synchronise(stage)
    for held in (kept, gone):
        _open(front, held)
    front.enter("gone-before", gone, wanted=(gone.displayed,))
    admin = door(stage, "administrator").account("gestion")
    listing = replace(door(stage, "administrator"), home=_listing(stage), pages=MAX_PAGES)
    listing.enter("listed-before", admin, wanted=(kept.displayed,))
    renamed = replace(kept, displayed=f"Autre {front.digest('renamed')}")
    _put(stage, renamed, new)
    stage.act(SERVICE, "remove", uid=gone.login)
    _synchronise(stage)
    front.enter("changed", renamed, wanted=(renamed.displayed,))
    front.enter("gone", gone, wanted=(gone.displayed,))
    listing.enter("listed", admin, wanted=(new.displayed,))
    front.trial(
        "directory",
        controls=("gone-before", "listed-before"),
        open=["changed", "listed"],
        closed=["gone"],
        shown=True,
    )


def permissions(stage: Stage) -> None:
    """Somebody joins a group of the directory, then leaves it; a page that needs the permission is asked for each time."""
    front = _connected(stage)
    if not front.restricted:
        raise Hindered("hindrance.no-page", Fault.CONFIGURATION, member="restricted_url")
    inside = replace(front, home=front.restricted)
    held = _person(front, "membre")
    _put(stage, held)
    _synchronise(stage)
    _open(front, held)
    inside.enter("outside", held)
    _put(stage, held, groups=(GROUP,))
    _synchronise(stage)
    inside.enter("member", held)
    _put(stage, held)
    _synchronise(stage)
    inside.enter("former-member", held)
    front.enter("former-home", held)
    front.trial("groups", controls=("former-home",), shut=["outside"], open=["member"], closed=["former-member"])


def _connected(stage: Stage) -> Door:
    stage.perform(ops.ConfigureService("ldap", stage.service(SERVICE)))
    return door(stage, "professional")


def _person(front: Door, role: str) -> Account:
    """Somebody of the structure: the account that must come of the entry."""
    made = front.made(role)
    return replace(made, displayed=f"{role.capitalize()} {front.digest(role, 'family')}")


def _put(stage: Stage, *people: Account, groups: Sequence[str] = ()) -> None:
    entries: list[dict[str, Any]] = []
    for one in people:
        given, _, family = one.displayed.partition(" ")
        mail = f"{one.login}@structure.test"
        entries.append({"uid": one.login, "given": given, "family": family, "mail": mail, "groups": list(groups)})
    stage.act(SERVICE, "put", people=entries)


def _synchronise(stage: Stage) -> None:
    stage.perform(ops.SynchroniseAccounts())
    stage.settle()


def _open(front: Door, held: Account) -> None:
    """Give a synchronised account a password of the bench's, so that its holder can be played."""
    front.stage.perform(front.creation(held))


def _listing(stage: Stage) -> str:
    told = stage.perform(ops.ReadForms("administrator")).body
    if not told.get("accounts_url"):
        raise Hindered("hindrance.no-page", Fault.CONFIGURATION, member="accounts_url")
    return str(told["accounts_url"])
