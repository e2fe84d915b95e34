"""Trials at the front door: each opens, or keeps shut, what a requirement says, beside tries that prove the door works."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from conformance.bench.acts.accounts import Account, Door, door, policy
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.drivers.operations import Audience

# SSI/IAM.92: the lock comes at the tenth failure in a row at the latest.
FAILURES = 10
# Passwords that must be refused: SC.SSI/IE.36.02 and SC.SSI/IE.52.02 for the first two kinds of holders, on the product's
# own settings; for administrators, under the policy below (SC.SSI/IAM.92.01: fifteen characters).
WEAK: Mapping[str, tuple[str, ...]] = {
    "professional": ("abcdEFGH", "abcd1234"),
    "person": ("ab12c", "1234567"),
    "administrator": ("Essai.fictif.7", "essaifictif12345678"),
}
LENGTH, CLASSES, HISTORY = 15, 4, 3
# Days of life of a password and of a second means, once a structure set them.
DAYS = 30


def attempts(stage: Stage, audience: Audience) -> None:
    """Ten wrong passwords in a row, then the right one; beside it, the account of somebody else."""
    with ExitStack() as stack:
        if audience == "administrator":
            stack.enter_context(policy(stage, audience, attempts=FAILURES))
        front = door(stage, audience)
        held, other = front.account("titulaire"), front.account("voisin")
        front.enter("right", held)
        front.fail("wrong", held, FAILURES)
        front.enter("locked", held)
        front.enter("neighbour", other)
        front.trial("attempts", controls=("right", "neighbour"), closed=["locked"], failures=FAILURES, tries="wrong")


def strength(front: Door) -> None:
    """Each weak password asked for by a holder of its own; the former one must still be the right one."""
    control = front.account("temoin")
    new = front.password("temoin", "new")
    front.change("strong-change", control, new)
    front.enter("strong", control, password=new)
    kept, acts = [], [("strong-change", "change")]
    for number, weak in enumerate(WEAK[front.audience]):
        held = front.account(f"faible{number}")
        front.change(f"weak-change-{number}", held, weak)
        front.enter(f"weak-{number}", held)
        kept.append(f"weak-{number}")
        acts.append((f"weak-change-{number}", "change"))
    front.trial("strength", controls=("strong-change", "strong"), open=kept, acts=acts)


def reuse(front: Door) -> None:
    """A password, another, then the first again, which must be refused; beside it, a third one, which is taken."""
    for role, last in (("reprise", None), ("nouveaute", front.password("nouveaute", "third"))):
        held = front.account(role)
        first, second = held.password, front.password(role, "second")
        front.change(f"{role}-first", held, second)
        held.password = second
        front.change(f"{role}-second", held, last or first)
        front.enter(f"{role}-after", held, password=last or second)
    changed = ("reprise-first", "reprise-second", "nouveaute-first", "nouveaute-second")
    acts = [(label, "change") for label in changed]
    front.trial("reuse", controls=(*changed, "nouveaute-after"), open=["reprise-after"], acts=acts)


def expiry(front: Door) -> None:
    """A password past its days must be changed before anything else."""
    held = front.account("perime")
    front.enter("young", held)
    front.stage.perform(ops.BackdateAccount(held.login, "password", DAYS + 1))
    new = front.password("perime", "new")
    with front.entered("aged", held) as browser:
        browser.fill(front.form("password"), {"current": held.password, "new": new}, "change")
    front.enter("renewed", held, password=new)
    front.trial("expiry", controls=("young", "renewed"), closed=["aged"])


def administration_policy(stage: Stage) -> None:
    """The policy that a structure imposes on administration accounts, rule by rule."""
    rules = {"length": LENGTH, "classes": CLASSES, "history": HISTORY, "password_days": DAYS}
    with policy(stage, "administrator", **rules):
        front = door(stage, "administrator")
        strength(front)
        reuse(front)
        expiry(front)


def renewal(stage: Stage, audience: Audience) -> None:
    """A second means past its days must be renewed before anything else."""
    with policy(stage, audience, device_days=DAYS, factors=2):
        front = door(stage, audience)
        held = equipped(front, "titulaire")
        front.enter("young", held)
        stage.perform(ops.BackdateAccount(held.login, "device", DAYS + 1))
        front.enter("worn", held)
        front.equip(held)
        front.enter("renewed", held)
        front.trial("renewal", controls=("young", "renewed"), closed=["worn"])


def lost_device(stage: Stage, audience: Audience, way: str) -> None:
    """A second means is lost, and somebody says so; it must open nothing any more, while another still does.

    ``way``: ``administrator``, ``alone`` (its holder, without a session) or ``session`` (its holder, once logged in).
    """
    with policy(stage, audience, factors=2):
        front = door(stage, audience)
        held, other = equipped(front, "titulaire"), equipped(front, "voisin")
        with front.entered("before", held) as browser:
            if way == "session":
                browser.fill(front.form("device"), {"password": held.password}, "loss")
        if way == "alone":
            with front.browser("loss") as browser:
                browser.fill(front.form("lost"), {"login": held.login, "password": held.password}, "loss")
        if way == "administrator":
            stage.perform(ops.DisableDevice(held.login))
        front.enter("after", held)
        front.enter("neighbour", other)
        acts = {"session": [("before", "loss")], "alone": [("loss", "loss")]}.get(way, [])
        front.trial("device", controls=("before", "neighbour"), closed=["after"], acts=acts, way=way)


def two_factors(stage: Stage, *, imposed: bool) -> None:
    """The password alone, then with the code; on the product's own settings, or once the structure imposed both."""
    with ExitStack() as stack:
        if imposed:
            # A product may refuse to be loosened; it must then be as strict.
            stage.attempt(ops.SetAccountPolicy("person", factors=1))
            stack.enter_context(policy(stage, "person", factors=2))
        front = door(stage, "person")
        held = front.account("titulaire")
        front.enter("one", held, code=False)
        front.enter("both", held)
        front.trial("factors", controls=("both",), closed=["one"])


def equipped(front: Door, role: str) -> Account:
    """An account with a second means, whatever its kind of holders needs."""
    made = front.account(role)
    if made.device is None:
        front.equip(made)
    return made
