"""Professionals at the front door."""

import time

import pytest

from conformance.bench.acts import psc
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.services.psc.malice import MALICE
from conformance.services.psc.personas import UNKNOWN_PERSONA

# Seconds: the idle time set, and how long the scenario then waits.
IDLE, WAIT = 1, 1.6


@pytest.mark.scenario("psc.log-in")
def test_a_professional_logs_in_and_out(stage: Stage) -> None:
    """A professional whose account exists logs in by Pro Santé Connect, meets that account, then logs out."""
    door = psc.door(stage)
    name = psc.account(stage)
    door.log_in("ordinary", name=name)
    stage.act(psc.SERVICE, "persona", subject=psc.PERSONA)
    stage.expect("logout", label="leaving")
    with door.browser("leaving") as browser:
        door.enter(browser)
        browser.look(door.home, "home")
        door.leave(browser)
        browser.look(door.home, "after")


@pytest.mark.scenario("psc.unknown-professional")
def test_a_professional_without_account_is_not_let_in(stage: Stage) -> None:
    """Somebody whom Pro Santé Connect knows and the product does not; beside it, somebody it knows."""
    door = psc.door(stage)
    name = psc.account(stage)
    door.log_in("known", name=name)
    door.log_in("unknown", persona=UNKNOWN_PERSONA)


@pytest.mark.scenario("psc.forged-answers")
def test_forged_answers_open_no_session(stage: Stage) -> None:
    """Each forged answer in a browser of its own; a good one before them, and one after: the door still opens."""
    door = psc.door(stage)
    name = psc.account(stage)
    door.log_in("good", name=name)
    for malice in MALICE:
        door.log_in(malice, malice=malice)
    door.log_in("good again", name=name)


@pytest.mark.scenario("psc.other-provider")
def test_another_provider_can_be_chosen(stage: Stage) -> None:
    """The product is pointed at another OpenID provider, and its professionals log in there."""
    door = psc.door(stage, other=True)
    name = psc.account(stage)
    door.log_in("other", name=name)


@pytest.mark.scenario("psc.idle-session")
def test_an_idle_session_closes(stage: Stage) -> None:
    """With the idle time set to a second, a session left alone longer gives nothing any more."""
    door = psc.door(stage)
    psc.account(stage)
    stage.perform(ops.SetSessionIdle(IDLE))
    try:
        stage.act(psc.SERVICE, "persona", subject=psc.PERSONA)
        stage.expect("idle", label="idle", seconds=IDLE)
        with door.browser("idle") as browser:
            door.enter(browser)
            browser.look(door.home, "home")
            time.sleep(WAIT)
            browser.look(door.home, "after")
    finally:
        stage.attempt(ops.SetSessionIdle(0))
