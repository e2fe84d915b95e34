"""Accounts that a product synchronises with the structure's own directory."""

import pytest

from conformance.bench.acts import account_directory as directory
from conformance.bench.stage import Stage


@pytest.mark.scenario("acc.directory")
def test_accounts_follow_the_directory(stage: Stage) -> None:
    """Somebody comes, somebody gets another name, somebody leaves."""
    directory.identities(stage)


@pytest.mark.scenario("acc.directory-permissions")
def test_permissions_follow_the_groups_of_the_directory(stage: Stage) -> None:
    """Somebody joins a group that gives a permission, then leaves it."""
    directory.permissions(stage)
