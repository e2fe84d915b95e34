"""Contacts and attributes of accounts, on journals played by hand."""

import pytest

from tests.checks.test_accounts import FORM, Trials

OLD, NEW = "ancien@courriel.test", "nouveau@courriel.test"


class Holders(Trials):
    """A window in which contacts are asked, and recoveries tried."""

    def arrives(self, to):
        self.wire("notices", "notice.received", rcpt_to=[to], mail_from="p@dui.test", subject="", marks=(to,))

    def browses(self, label, *purposes):
        self.bench("expectation", name="browser", label=label, marks=(f"browser:{label}",))
        for purpose in purposes:
            self.visit(label, purpose, url=FORM)

    def recovers(self, label, *, opened):
        self.browses(f"{label}-ask", "recover-form", "recover-sent")
        self.tries(label, opened=opened)


@pytest.fixture
def door(tmp_path):
    return Holders(tmp_path)


@pytest.mark.parametrize(("written", "early", "codes"), [
    (True, False, []),
    (True, True, ["account.contact.let-in"]),
    (False, False, ["account.contact.silent"]),
])  # fmt: skip
def test_a_new_contact_is_written_to_and_waits(door, written, early, codes) -> None:
    door.bench("expectation", name="contact", to=NEW, audience="person", marks=(NEW,))
    if written:
        door.arrives(NEW)
    door.recovers("early", opened=early)
    door.browses("confirm", "confirm-form", "confirm-sent")
    door.recovers("late", opened=written)
    door.trial("contact", ("late",), closed=["early"], acts=[["confirm", "confirm"]])
    assert door.codes("account.contact") == codes
    assert len(door.subjects("account.contact")) == 1


@pytest.mark.parametrize(("when", "codes"), [
    ("asked", []),
    ("confirmed", []),
    ("recovered", ["account.notice.silent"]),
    ("never", ["account.notice.silent"]),
])  # fmt: skip
def test_the_old_contact_is_told_of_the_change_and_not_only_of_the_recovery(door, when, codes) -> None:
    door.bench("expectation", name="contact-change", old=OLD, new=NEW, audience="person", marks=(OLD, NEW))
    door.tries("change")
    door.visit("change", "contact-form", url=FORM)
    if when == "asked":
        door.arrives(OLD)
    door.visit("change", "contact-sent", url=FORM)
    door.browses("early-ask", "recover-form")
    if when == "recovered":
        door.arrives(OLD)
    door.tries("early", opened=False)
    door.browses("confirm", "confirm-form")
    if when == "confirmed":
        door.arrives(OLD)
    door.visit("confirm", "confirm-sent", url=FORM)
    assert door.codes("account.notice") == codes
    assert len(door.subjects("account.notice")) == 1


@pytest.mark.parametrize(("shows", "codes"), [
    (["12/05/1950", "féminin"], []),
    (["féminin"], ["account.attributes.missing"]),
    (["12/05/1950"], []),
])  # fmt: skip
def test_the_page_of_an_account_shows_what_it_was_made_with(door, shows, codes) -> None:
    values = {"birth_date": ["1950-05-12", "12/05/1950"], "sex": ["féminin", "femme"]}
    door.tries("holder")
    door.bench("expectation", name="attributes", label="holder", audience="person", values=values)
    door.visit("holder", "account", shows=shows)
    assert door.codes("account.attributes") == codes


def test_a_page_that_shows_nothing_of_the_holder_proves_nothing(door) -> None:
    door.tries("holder")
    values = {"birth_date": ["1950-05-12"], "ins": ["1"]}
    door.bench("expectation", name="attributes", label="holder", audience="person", values=values)
    door.visit("holder", "account", shows=[])
    assert door.subjects("account.attributes") == []
