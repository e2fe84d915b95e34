"""Trials on sessions and rights: how sessions end, what one factor reopens, what an administrator or a process may see."""

from __future__ import annotations

import time

from conformance.bench.acts import identity_pages
from conformance.bench.acts.account_trials import equipped
from conformance.bench.acts.accounts import Door, door, policy
from conformance.bench.browser import Browser
from conformance.bench.hindrance import Hindered
from conformance.bench.sight import Wanted
from conformance.bench.stage import Stage
from conformance.core.words import Fault
from conformance.drivers import operations as ops
from conformance.drivers.operations import Audience

# Seconds: a short time set, how long a scenario then waits, and a time that no scenario reaches.
SHORT, WAIT, LONG = 1, 1.6, 3600


def closing(stage: Stage, audience: Audience) -> None:
    """Log in, close the browser without logging out, open it again, look."""
    front = door(stage, audience)
    held = front.account("titulaire")
    stage.expect("browser-closed", label="reopened", audience=audience)
    with front.entered("reopened", held) as browser:
        browser.reopen()
        browser.look(front.home, "after")
    stage.observe("session-closings")


def leaving(stage: Stage, audience: Audience) -> None:
    """Log in, log out, look."""
    front = door(stage, audience)
    held, logout = front.account("titulaire"), _logout(stage)
    stage.expect("left", label="leaving", audience=audience)
    with front.entered("leaving", held) as browser:
        browser.follow(logout, "logout")
        browser.look(front.home, "after")


def idling(stage: Stage, audience: Audience) -> None:
    """A session left alone as long under a short time set as under a long one."""
    front = door(stage, audience)
    labels = {"short": SHORT, "long": LONG}
    stage.expect("idle", label="short", seconds=SHORT)
    stage.expect("idle-setting", short="short", long="long", seconds=[SHORT, LONG])
    for label, seconds in labels.items():
        held = front.account(f"titulaire-{label}")
        stage.perform(ops.SetSessionIdle(seconds))
        try:
            with front.entered(label, held) as browser:
                time.sleep(WAIT)
                browser.look(front.home, "after")
        finally:
            stage.attempt(ops.SetSessionIdle(0))


def coming_back(stage: Stage) -> None:
    """Both factors, log-out, then the password alone as late under a long delay as under a short one."""
    logout = _logout(stage)
    stage.expect("one-factor", within="within", beyond="beyond", seconds=[LONG, SHORT])
    for label, seconds in {"within": LONG, "beyond": SHORT}.items():
        with policy(stage, "professional", factors=2, one_factor=seconds):
            front = door(stage, "professional")
            held = equipped(front, f"titulaire-{label}")
            with front.entered(label, held) as browser:
                browser.follow(logout, "logout")
                browser.look(front.home, "between")
                time.sleep(WAIT)
                browser.fill(front.form("login"), {"login": held.login, "password": held.password}, "again")
                browser.look(front.home, "after")


def administrators_rights(stage: Stage) -> None:
    """The record of a person, looked at by a professional, then by a technical administrator."""
    person = stage.person("usager")
    url = identity_pages.record_page(stage, person)
    stage.expect("record-look", professional="professional", administrator="administrator", shown=person.birth_name)
    for audience in ("professional", "administrator"):
        front = door(stage, audience)
        with front.entered(audience, front.account("titulaire")) as browser:
            browser.look(url, "record", wanted=Wanted((person.birth_name,), loosely=True))


def service_account(stage: Stage) -> None:
    """A generic account: it works without a screen, its log-in is tried, then it is disabled and works no more."""
    front = door(stage, "professional")
    login, password = front.name_of("processus"), front.password("processus")
    told = stage.perform(ops.CreateServiceAccount(login, password)).body
    url = str(told.get("url") or "")
    if not url:
        raise Hindered("hindrance.no-page", Fault.CONFIGURATION, member="url")
    front.enter("person", front.account("titulaire"))
    stage.expect("service-account", machine="machine", screen="screen", person="person")
    with front.browser("machine") as browser:
        browser.call(url, login, password, "call")
        _try(front, login, password)
        browser.call(url, login, password, "again")
        stage.perform(ops.DisableAccount(login))
        browser.call(url, login, password, "disabled")


def _try(front: Door, login: str, password: str) -> None:
    front.stage.expect("entry", label="screen", account=login, audience=front.audience)
    with front.browser("screen") as browser:
        _enter(browser, front, login, password)


def _enter(browser: Browser, front: Door, login: str, password: str) -> None:
    browser.look(front.home, "before")
    browser.fill(front.form("login"), {"login": login, "password": password}, "login")
    browser.look(front.home, "home")


def _logout(stage: Stage) -> str:
    """Where a session ends, as the product says."""
    url = str(stage.perform(ops.ReadLogin()).body.get("logout_url") or "")
    if not url:
        raise Hindered("hindrance.no-page", Fault.CONFIGURATION, member="logout_url")
    return url
