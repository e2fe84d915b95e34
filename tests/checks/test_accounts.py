"""Trials at the front door, on journals played by hand: what proves something, and what does not."""

import pytest

from conformance.core.words import Level
from tests.checks.test_psc_front import HOME, LOGIN, Door

FORM = "http://dui.test/form"


class Trials(Door):
    """A window in which accounts are tried."""

    def tries(self, label, *, opened=True, sent=200, form=200):
        self.bench("expectation", name="browser", label=label, marks=(f"browser:{label}",))
        self.bench("expectation", name="entry", label=label, account="a", audience="person")
        self.visit(label, "before", 302, location=LOGIN)
        self.visit(label, "login-form", form, url=FORM)
        self.visit(label, "login-sent", sent, url=FORM)
        self.visit(label, "home", 200 if opened else 302, url=HOME, location=None if opened else LOGIN)

    def fails(self, times, status=401):
        self.bench("expectation", name="browser", label="wrong", marks=("browser:wrong",))
        for _ in range(times):
            self.visit("wrong", "login-form", url=FORM)
            self.visit("wrong", "login-sent", status, url=FORM)

    def trial(self, case, controls=("right",), **members):
        told = {
            "closed": [],
            "open": [],
            "acts": [],
            "failures": 0,
            "tries": "",
            "shown": False,
            "shut": [],
            "audience": "person",
            **members,
        }
        self.bench("expectation", name="trial", case=case, controls=list(controls), **told)


@pytest.fixture
def door(tmp_path):
    return Trials(tmp_path)


@pytest.mark.parametrize(
    ("audience", "opened", "codes"),
    [
        ("administrator", True, ["account.attempts.let-in"]),
        # No row gives a number for the others: a person looks.
        ("professional", True, ["account.attempts.open"]),
        ("person", True, ["account.attempts.open"]),
        ("person", False, []),
        ("administrator", False, []),
    ],
)
def test_the_right_password_after_ten_failures(door, audience, opened, codes) -> None:
    door.tries("right")
    door.fails(10)
    door.tries("locked", opened=opened)
    door.trial("attempts", closed=["locked"], failures=10, tries="wrong", audience=audience)
    assert door.codes("account.attempts", levels=tuple(Level)) == codes
    assert (door.codes("account.attempts") != []) == (opened and audience == "administrator")
    assert len(door.subjects("account.attempts")) == 1


@pytest.mark.parametrize("fault", ["few", "broken", "shut", "unanswered", "crashed"])
def test_a_trial_without_its_stimulus_or_its_control_concludes_nothing(door, fault) -> None:
    door.tries("right", opened=fault != "shut")
    door.fails(9 if fault == "few" else 10, 500 if fault == "broken" else 401)
    door.tries("locked", opened=False, sent={"unanswered": 0, "crashed": 503}.get(fault, 401))
    door.trial("attempts", closed=["locked"], failures=10, tries="wrong")
    assert door.subjects("account.attempts") == []


@pytest.mark.parametrize("opened", [True, False])
def test_the_former_password_after_a_weak_one_was_asked_for(door, opened) -> None:
    door.tries("right")
    door.visit("right", "change-sent", 409, url=FORM)
    door.tries("weak", opened=opened)
    door.trial("strength", open=["weak"], acts=[["right", "change"]])
    assert door.codes("account.strength") == ([] if opened else ["account.strength.kept-out"])


def test_a_change_that_was_never_sent_was_not_refused(door) -> None:
    door.tries("right")
    door.tries("weak")
    door.trial("strength", open=["weak"], acts=[["right", "change"]])
    assert door.subjects("account.strength") == []
