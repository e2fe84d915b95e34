"""Checks on how accounts are kept: national identifiers, batches, traces."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.accounts import REM, judged
from conformance.checks.subjects.account_keeping import RenewedIdentifier, Row, SearchedIdentifier, TracedAct
from conformance.checks.subjects.accounts import BatchTrial, DirectoryTrial, GroupsTrial, PermissionsTrial
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.core.words import Basis

# Date and time, who, what and result (SSI/IAM.91); the names are those of the control API.
MEMBERS = ("at", "who", "action", "response")


@check("account.rpps", source=f"{REM}, SSI/IE.30", alone=False)
def an_account_is_made_with_a_search_of_its_rpps(account: SearchedIdentifier) -> Iterator[Finding]:
    """When an account is made for a professional, the directory is asked for the RPPS number, and the account bears it.

    Pass: a search was answered with the number, and the holder's own page shows it.
    Fail: the page, which shows other things of the account, does not show it. Where no search gave it, it may be taken
    from Pro Santé Connect or a card, which the requirement allows: for a person to look at.
    """
    if not account.found:
        yield warning("account.rpps.silent", expected=account.identifier, got="-", basis=Basis.HYPOTHESIS)
    elif not account.kept:
        yield error("account.rpps.not-kept", expected=account.identifier, got="-")


@check("account.rpps-renewal", source=f"{REM}, SSI/IE.30", alone=False)
def an_rpps_that_is_due_is_searched_again(renewed: RenewedIdentifier) -> Iterator[Finding]:
    """An RPPS number searched two years ago, or in vain, is searched again.

    Pass: the directory, asked once before, is asked again and gives the number; after a failure, whenever that is.
    Fail: it is not asked again.
    """
    if not renewed.again:
        yield error("account.rpps-renewal.silent", expected=renewed.identifier, got="-")


@check("account.batch", source=f"{REM}, SSI/IAM.88", alone=False)
def a_batch_makes_changes_and_deletes_accounts(trial: BatchTrial) -> Iterator[Finding]:
    """One batch makes an account, changes a second and deletes a third.

    Pass: the first opens, the second opens and shows its new name, the third, which opened before, is refused.
    Fail: one of them does not.
    """
    yield from judged(trial, "account.batch")


@check("account.batch-permissions", source=f"{REM}, SSI/IAM.88", alone=False)
def a_batch_gives_and_takes_away_permissions(trial: PermissionsTrial) -> Iterator[Finding]:
    """One batch gives a permission to an account, and takes it away from another.

    Pass: the page that needs it is given to the first, who was refused it before, and refused to the second, who still
    logs in.
    Fail: one of them is not.
    """
    yield from judged(trial, "account.batch-permissions")


@check("account.directory", source=f"{REM}, SSI/IAM.83", alone=False)
def accounts_follow_the_directory(trial: DirectoryTrial) -> Iterator[Finding]:
    """Once synchronised, accounts are what the structure's directory says.

    Pass: who came is on the page of all accounts, who got another name meets it on entering, who left, and entered
    before, is refused.
    Fail: one of them is not.
    """
    yield from judged(trial, "account.directory")


@check("account.groups", source=f"{REM}, SSI/IAM.83", alone=False)
def permissions_follow_the_groups_of_the_directory(trial: GroupsTrial) -> Iterator[Finding]:
    """Once synchronised, the group of the directory gives the permission, and leaving it takes it away.

    Pass: the page that needs it is refused before, given to a member, refused to a former one who still logs in.
    Fail: it is not given to a member, or is to a former one.
    """
    yield from judged(trial, "account.groups")


@check("account.traced", source=f"{REM}, SSI/IAM.91", alone=False)
def what_happens_to_an_account_is_traced(act: TracedAct) -> Iterator[Finding]:
    """What happens to an account leaves a trace that names it, with date, who, what and result.

    Pass: a new trace names the account and holds the four, beside others that may not; a success and a failure do not have the same result.
    Fail: none does, one lacks a member, or success and failure are told alike.
    """
    if not act.rows:
        yield error("account.traced.missing", expected=act.account, got="-", what=act.what, outcome=act.outcome)
        return
    lacks = [[name for name in MEMBERS if not row.get(name)] for row in act.rows]
    if all(lacks):
        fewest = min(lacks, key=len)
        yield error("account.traced.members", expected=", ".join(MEMBERS), got=", ".join(fewest), what=act.what)
    results = {_ending(row) for row in act.rows}
    if act.outcome == "refused" and act.others and results <= {_ending(row) for row in act.others}:
        got = ", ".join(sorted({result for _, result in results}))
        yield error("account.traced.alike", expected="-", got=got, what=act.what)


def _ending(row: Row) -> tuple[str, str]:
    """How a trace tells an act from another that ended otherwise: some products name the failure an act of its own."""
    return str(row.get("action")), str(row.get("response"))
