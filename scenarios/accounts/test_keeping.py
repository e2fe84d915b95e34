"""How accounts are kept: national identifiers, batches, traces."""

import pytest

from conformance.bench.acts import account_keeping as keeping
from conformance.bench.stage import Stage


@pytest.mark.scenario("acc.rpps-created")
def test_the_rpps_of_a_new_account_is_searched(stage: Stage) -> None:
    """An account is made for a professional whom the directory knows, without the RPPS number."""
    keeping.searched(stage)


@pytest.mark.scenario("acc.rpps-renewed")
def test_the_rpps_is_searched_again_after_two_years(stage: Stage) -> None:
    """Two years go by after the first search."""
    keeping.searched_again(stage)


@pytest.mark.scenario("acc.rpps-unanswered")
def test_a_search_without_answer_is_told_and_made_later(stage: Stage) -> None:
    """The directory fails when the account is made, then answers again."""
    keeping.unanswered(stage)


@pytest.mark.scenario("acc.batch")
def test_accounts_are_changed_in_a_batch(stage: Stage) -> None:
    """One batch makes, changes and deletes accounts; each then tries to enter."""
    keeping.batch(stage)


@pytest.mark.scenario("acc.batch-permissions")
def test_permissions_are_changed_in_a_batch(stage: Stage) -> None:
    """One batch gives and takes away a permission; both accounts then ask for a page that needs it."""
    keeping.batch_permissions(stage)


@pytest.mark.scenario("acc.traces-attributes")
def test_a_change_of_attributes_is_traced(stage: Stage) -> None:
    """An attribute of an account changes, between two readings of the traces."""
    keeping.traced(stage, "attributes")


@pytest.mark.scenario("acc.traces-permissions")
def test_a_change_of_permissions_is_traced(stage: Stage) -> None:
    """A permission is given, between two readings of the traces."""
    keeping.traced(stage, "permissions")


@pytest.mark.scenario("acc.traces-logins")
def test_log_ins_are_traced(stage: Stage) -> None:
    """A log-in that is refused and one that succeeds, each between two readings of the traces."""
    keeping.traced(stage, "logins")


@pytest.mark.scenario("acc.traces-passwords")
def test_changes_of_password_are_traced(stage: Stage) -> None:
    """A change of password that is refused and one that succeeds, each between two readings of the traces."""
    keeping.traced(stage, "passwords")
