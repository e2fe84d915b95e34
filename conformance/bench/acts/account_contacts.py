"""Acts on the contacts of accounts: what arrives there, and whether what was not confirmed opens anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conformance.bench.acts.accounts import Account, Door, door
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.drivers.operations import Audience

SERVICE = "notices"
# A code that a person copies; an address of the product is followed instead.
_CODE = re.compile(r"(?<![\w./-])[0-9]{4,10}(?![\w-])")
DOMAIN = "courriel.test"


def connect(stage: Stage) -> None:
    """Have the product send its ordinary mail to the bench."""
    stage.perform(ops.ConfigureService("notices", stage.service(SERVICE)))


def address(front: Door, role: str) -> str:
    """An ordinary mail address that no other scenario uses."""
    return f"{role}-{front.digest(role, 'contact')}@{DOMAIN}"


def confirmation(stage: Stage, audience: Audience) -> None:
    """An account with a contact; a recovery is tried before the contact is confirmed, then after."""
    connect(stage)
    front = door(stage, audience)
    here = address(front, "titulaire")
    stage.expect("contact", marks=(here,), to=here, audience=audience)
    before = stage.now()
    held = front.account("titulaire", contact=here)
    stage.await_record("notice.received", here, after=before)
    first = read(stage, here)
    recover(front, "early", held, here)
    confirm(front, held, first)
    recover(front, "late", held, here)
    acts = [("early-ask", "recover"), ("confirm", "confirm"), ("late-ask", "recover")]
    front.trial("contact", controls=("late",), closed=["early"], acts=acts)


def change(stage: Stage, audience: Audience) -> None:
    """A confirmed contact, then another: the other one must recover nothing before it is confirmed in turn."""
    connect(stage)
    front = door(stage, audience)
    old, new = address(front, "ancien"), address(front, "nouveau")
    held = front.account("titulaire", contact=old)
    stage.await_record("notice.received", old)
    confirm(front, held, read(stage, old), label="confirm-old")
    stage.expect("contact-change", marks=(old, new), old=old, new=new, audience=audience)
    before = stage.now()
    with front.entered("change", held) as browser:
        browser.fill(front.form("contact"), {"contact": new, "password": held.password}, "contact")
    stage.await_record("notice.received", new, after=before)
    # The word to the old contact may leave last: what comes there once a recovery is asked for may be about that.
    stage.await_record("notice.received", old, after=before)
    told = read(stage, new)
    recover(front, "early", held, new)
    confirm(front, held, told)
    if held.device is not None:
        front.equip(held)
    recover(front, "late", held, new)
    acts = [("change", "contact"), ("early-ask", "recover"), ("confirm", "confirm"), ("late-ask", "recover")]
    front.trial("contact-change", controls=("change", "late"), closed=["early"], acts=acts)
    stage.observe("identity-change", account=held.displayed)


def recover(front: Door, label: str, held: Account, contact: str) -> None:
    """Ask for a recovery, take what comes at a contact, choose a new password by it, and try to enter."""
    stage = front.stage
    known, before = len(read(stage, contact)), stage.now()
    with front.browser(f"{label}-ask") as browser:
        browser.fill(front.form("recover"), {"login": held.login}, "recover")
    stage.await_record("notice.received", contact, after=before)
    new = front.password(label, "recovered")
    codes = [code for text in read(stage, contact)[known:] for code in _CODE.findall(text)]
    with front.browser(f"{label}-reset") as browser:
        for code in codes[-1:]:
            typed = {"login": held.login, "code": code, "new": new}
            browser.fill(front.form("reset"), typed, "reset")
    front.enter(label, held, password=new)


def confirm(front: Door, held: Account, told: list[str], *, label: str = "confirm") -> None:
    """Confirm a contact: follow the link of the first message that has one, or type its code."""
    links = [link for text in told for link in re.findall(re.escape(front.base) + r"[^\s<>\"']+", text)]
    codes = [code for text in told for code in _CODE.findall(text)]
    with front.browser(label) as browser:
        if links:
            browser.look(links[0], "confirm-sent")
        elif codes:
            browser.fill(front.form("confirm"), {"login": held.login, "code": codes[0]}, "confirm")


def read(stage: Stage, contact: str) -> list[str]:
    """The words of the messages that came to a contact, oldest first."""
    told: list[Mapping[str, Any]] = stage.act(SERVICE, "read", to=contact)["notices"]
    return [str(one["text"]) for one in told]
