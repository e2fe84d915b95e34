"""Acts at the front door: setting the identity provider up, logging in and out as a person would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.bench.browser import Browser, origin
from conformance.bench.hindrance import Hindered
from conformance.bench.stage import Stage
from conformance.core.words import Fault
from conformance.drivers import operations as ops
from conformance.services.psc.personas import PERSONAS

SERVICE = "psc"
# A professional of whom Pro Santé Connect knows two structures: the ordinary case of a product with several.
PERSONA = "899900000029"
# What ``read_login`` answers (docs/control-api.md).
PAGES = ("login_url", "redirect_uri", "home_url", "logout_url")


@dataclass(frozen=True)
class Door:
    """The product's front door, set up on a provider."""

    stage: Stage
    base: str
    login: str
    home: str
    logout: str

    def enter(self, browser: Browser) -> None:
        """Look at the protected page, log in, look again: what the second look shows that the first did not."""
        browser.look(self.home, "before")
        browser.follow(self.login, "login")

    def leave(self, browser: Browser) -> None:
        """Log out, where the product says how."""
        if not self.logout:
            raise Hindered("hindrance.no-page", Fault.CONFIGURATION, member="logout_url")
        browser.follow(self.logout, "logout")

    def browser(self, label: str) -> Browser:
        """A new browser, without any cookie."""
        return Browser(self.stage, self.base, label)

    def log_in(self, label: str, *, name: str = "", persona: str = PERSONA, malice: str = "") -> None:
        """One log-in in a new browser, and a look at the page that needs it."""
        self.stage.act(SERVICE, "persona", subject=persona)
        self.stage.act(SERVICE, "malicious", malice=malice)
        self.stage.expect("login", label=label, malice=malice, displayed=name, persona=persona)
        with self.browser(label) as browser:
            self.enter(browser)
            browser.look(self.home, "home", wanted=(name,) if name else ())
        self.stage.act(SERVICE, "malicious", malice="")


def door(stage: Stage, *, other: bool = False) -> Door:
    """Have the product set up its log-in by Pro Santé Connect, or by the other provider, and learn where it is."""
    told = stage.service(SERVICE)
    settings: Mapping[str, object] = {name: value for name, value in told.items() if name != "other"}
    stage.perform(ops.ConfigureService("psc", told["other"] if other else settings))
    stage.expect("provider", issuer=(told["other"] if other else told)["issuer"], other=other)
    entry = stage.perform(ops.ReadLogin()).body
    pages = {name: str(entry.get(name) or "") for name in PAGES}
    for name in ("login_url", "redirect_uri", "home_url"):
        if not pages[name]:
            raise Hindered("hindrance.no-page", Fault.CONFIGURATION, member=name)
    stage.act(SERVICE, "malicious", malice="")
    base = origin(stage.front)
    stage.act(SERVICE, "register", redirect_uris=[_absolute(base, pages["redirect_uri"])])
    return Door(stage, base, pages["login_url"], pages["home_url"], pages["logout_url"])


def account(stage: Stage, persona: str = PERSONA) -> str:
    """Create the account of a persona; answers the name that its pages show, unique in the run."""
    name = f"Compte {PERSONAS[persona].family_name} {stage.person('titulaire', known=False).birth_name}"
    stage.perform(ops.CreateAccount(login_of(persona), name, persona))
    return name


def login_of(persona: str) -> str:
    """The login of a persona's account."""
    return f"compte-{persona}"


def _absolute(base: str, url: str) -> str:
    return url if "://" in url else base.rstrip("/") + "/" + url.lstrip("/")
