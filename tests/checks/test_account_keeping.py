"""National identifiers and traces of accounts, on journals played by hand."""

import pytest

from conformance.core.words import Basis, Level, Provenance
from tests.checks.test_account_holders import Holders

ID = "899900000011"


class Keeping(Holders):
    """A window in which the directory is asked and traces are read."""

    def asks(self, *identifiers, status=200):
        self.wire(
            "annuaire", "annuaire.search", status=status, identifiers=list(identifiers), unplayed=False, marks=(ID,)
        )

    def reads(self, *rows):
        self.bench("stimulus", operation="read_traces", parameters={})
        body = {"traces": list(rows)}
        told = {"operation": "read_traces", "status": 200, "outcome": "done", "body": body}
        self.bench("answer", provenance=Provenance.PRODUCT, **told)

    def acts(self, outcome):
        self.bench("expectation", name="account-act", what="logins", account="essai", outcome=outcome)


@pytest.fixture
def door(tmp_path):
    return Keeping(tmp_path)


@pytest.mark.parametrize(("found", "shows", "codes"), [
    ([ID], ["99900000011"], []),
    ([ID], ["NOM"], ["account.rpps.not-kept"]),
    ([], ["NOM"], ["account.rpps.silent"]),
])  # fmt: skip
def test_the_directory_gives_the_number_and_the_account_shows_it(door, found, shows, codes) -> None:
    told = {"identifier": ID, "rpps": "99900000011", "label": "holder"}
    door.bench("expectation", name="rpps-account", marks=(ID,), **told)
    door.asks(*found)
    door.tries("holder")
    door.visit("holder", "account", shows=shows)
    assert door.codes("account.rpps", levels=(Level.ERROR, Level.WARNING)) == codes


def test_a_number_that_was_not_searched_may_come_from_elsewhere(door) -> None:
    door.bench("expectation", name="rpps-account", identifier=ID, rpps=ID[1:], label="holder", marks=(ID,))
    door.tries("holder")
    assert door.codes("account.rpps") == []
    assert [found.basis for found in door.findings("account.rpps")] == [Basis.HYPOTHESIS]


def test_a_page_that_shows_nothing_of_the_account_does_not_say_what_it_keeps(door) -> None:
    door.bench("expectation", name="rpps-account", identifier=ID, rpps=ID[1:], label="holder", marks=(ID,))
    door.asks(ID)
    door.tries("holder")
    door.visit("holder", "account", shows=[])
    assert door.subjects("account.rpps") == []


@pytest.mark.parametrize(("unanswered", "codes"), [(True, []), (False, ["account.rpps-renewal.silent"])])
def test_a_product_may_try_again_by_itself_after_a_failure(door, unanswered, codes) -> None:
    door.asks(status=503)
    door.asks(ID)
    door.bench("expectation", name="rpps-renewal", identifier=ID, unanswered=unanswered, marks=(ID,))
    assert door.codes("account.rpps-renewal") == codes


@pytest.mark.parametrize(("first", "again", "subjects", "codes"), [
    (True, True, 1, []),
    (True, False, 1, ["account.rpps-renewal.silent"]),
    (False, True, 0, []),
])  # fmt: skip
def test_a_number_that_is_due_is_searched_again(door, first, again, subjects, codes) -> None:
    if first:
        door.asks(status=500)
    door.bench("expectation", name="rpps-renewal", identifier=ID, marks=(ID,))
    if again:
        door.asks(ID)
    assert door.codes("account.rpps-renewal") == codes
    assert len(door.subjects("account.rpps-renewal")) == subjects


def row(result, **members):
    return {"at": "2026-11-22", "who": "essai", "action": "open", "response": result, **members}


@pytest.mark.parametrize(("refused", "done", "codes"), [
    ([row("no")], [row("yes")], []),
    ([row("no", action="")], [row("yes")], ["account.traced.members"]),
    ([row("yes")], [row("yes")], ["account.traced.alike"]),
    ([row("yes", action="failure")], [row("yes", action="success")], []),
    ([row("no", who="another")], [row("yes")], ["account.traced.missing"]),
])  # fmt: skip
def test_each_act_leaves_a_new_trace_that_says_how_it_ended(door, refused, done, codes) -> None:
    old = row("no", at="before")
    door.reads(old)
    door.acts("refused")
    door.reads(old, *refused)
    door.reads(old, *refused)
    door.acts("done")
    door.reads(old, *refused, *done)
    assert door.codes("account.traced") == codes
    assert len(door.subjects("account.traced")) == 2


def test_an_act_whose_traces_were_not_read_concludes_nothing(door) -> None:
    door.reads()
    door.acts("done")
    assert door.subjects("account.traced") == []
