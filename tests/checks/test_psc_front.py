"""What the bench's browser met at the front door, on journals played by hand: what proves something, and what does not."""

import pytest

from conformance.core.words import Provenance
from tests.checks.journals import LANE, Play

HOME, LOGIN = "http://dui.test/home", "http://dui.test/login"
ANSWER = "http://dui.test/return?code&state"


class Door(Play):
    """A window in which browsers come to the product's front door."""

    def visit(self, browser, purpose, status=200, *, url=HOME, location=None, shows=()):
        data = {
            "window": self.window,
            "browser": browser,
            "purpose": purpose,
            "url": url,
            "status": status,
            "location": location,
            "shows": list(shows),
            "cookies": [],
        }
        marks = (f"browser:{browser}",)
        return self.journal.append(
            "scenario", LANE, "browser.visit", provenance=Provenance.PROBE, data=data, marks=marks
        ).id

    def enters(self, browser, home=200, *, malice="", name="", answered=True, before=302, location=None):
        self.bench("expectation", name="browser", label=browser, marks=(f"browser:{browser}",))
        self.bench("expectation", name="login", label=browser, malice=malice, displayed=name, persona="p")
        self.visit(browser, "before", before, location=LOGIN)
        self.visit(browser, "login", 302 if answered else 500, url=ANSWER if answered else LOGIN)
        return self.visit(browser, "home", home, location=location, shows=[name] if name and home == 200 else ())


@pytest.fixture
def door(tmp_path):
    return Door(tmp_path)


def test_a_good_log_in_passes_and_a_page_that_is_refused_fails(door) -> None:
    door.enters("ordinary", name="Compte")
    door.enters("again", 302, location=LOGIN, name="Compte")
    assert door.codes("psc.account") == ["psc.account.not-in"]
    assert len(door.subjects("psc.account")) == 2


def test_a_page_that_leads_elsewhere_once_logged_in_concludes_nothing(door) -> None:
    door.enters("ordinary", 302, location="http://dui.test/welcome", name="Compte")
    assert door.subjects("psc.account") == []


def test_a_page_that_never_came_concludes_nothing(door) -> None:
    door.enters("good", name="Compte")
    door.enters("expired", 0, malice="expired")
    assert door.subjects("psc.controls") == []


def test_a_forged_answer_that_is_refused_passes_and_one_that_opens_fails(door) -> None:
    door.enters("good", name="Compte")
    door.enters("expired", 302, location=LOGIN, malice="expired")
    door.enters("wrong-nonce", malice="wrong-nonce")
    assert door.codes("psc.controls") == ["psc.controls.wrong-nonce"]
    assert len(door.subjects("psc.controls")) == 2


@pytest.mark.parametrize(("check", "malice"), [("psc.controls", "expired"), ("psc.stranger", "")])
def test_an_answer_that_never_came_back_to_the_product_was_not_refused_by_it(door, check, malice) -> None:
    door.enters("good", name="Compte")
    door.enters("refused", 302, location=LOGIN, malice=malice, answered=False)
    assert door.subjects(check) == []


def test_a_door_that_opens_no_more_refused_nothing(door) -> None:
    door.enters("good", name="Compte")
    door.enters("expired", 302, location=LOGIN, malice="expired")
    door.enters("good again", 302, location=LOGIN, name="Compte")
    assert door.subjects("psc.controls") == []
