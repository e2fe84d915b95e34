"""Checks on the holders of accounts: their contacts, what is known of them, how those who register alone are admitted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.accounts import REM, judged
from conformance.checks.subjects.account_holders import AskedContact, ShownAccount, ToldChange
from conformance.checks.subjects.accounts import ContactChangeTrial, MeansTrial, PrivateTrial, UnverifiedTrial
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.core.words import Basis

# Said by a code or a word that a page may replace: what is not found of them is for a person to look at.
CODED = frozenset({"sex", "birth_place", "profession"})


@check("account.contact", source=f"{REM}, SSI/IE.31, SSI/IE.46", alone=False)
def a_contact_is_confirmed_before_it_serves(asked: AskedContact) -> Iterator[Finding]:
    """The contact of a new account is written to, and recovers nothing before it was confirmed.

    Pass: a message comes to it; the recovery tried before the confirmation opens nothing, the one after it does.
    Fail: no message comes, or the recovery before the confirmation opens the account.
    """
    if asked.trial is None:
        yield error("account.contact.silent", expected=asked.to, got="-")
    else:
        yield from judged(asked.trial, "account.contact")


@check("account.contact-change", source=f"{REM}, SSI/IE.32, SSI/IE.47", alone=False)
def a_new_contact_is_confirmed_before_it_serves(trial: ContactChangeTrial) -> Iterator[Finding]:
    """A contact that takes the place of another recovers nothing before it was confirmed.

    Pass: the recovery tried before the confirmation opens nothing by the new contact, the one after it does.
    Fail: it opens the account.
    """
    yield from judged(trial, "account.contact-change")


@check("account.notice", source=f"{REM}, SSI/IE.32, SSI/IE.47", alone=False)
def a_change_is_told_to_the_old_contact(change: ToldChange) -> Iterator[Finding]:
    """A change of contact is told to the contact in use until then.

    Pass: a message comes to it after the change was asked for, or after it was confirmed.
    Fail: none comes, in a settled window.
    """
    if not change.told:
        yield error("account.notice.silent", expected=change.old, got="-")


@check("account.attributes", source=f"{REM}, SSI/IE.33, SSI/IE.45, SSI/IE.48", alone=False)
def an_account_keeps_what_is_known_of_its_holder(shown: ShownAccount) -> Iterator[Finding]:
    """What an account was made with can be read back by its holder, on the page of the account.

    Pass: each of the values that must be kept is on the page.
    Fail: one is not, beside others that are. Sex, place of birth and profession, which pages may say in other words,
    then ask for a review.
    """
    for name, forms in shown.values.items():
        if shown.shows.isdisjoint(forms):
            told: dict[str, Any] = {"expected": forms[0], "got": "-", "attribute": name, "audience": shown.audience}
            if name in CODED:
                yield warning("account.attributes.unread", basis=Basis.HYPOTHESIS, **told)
            else:
                yield error("account.attributes.missing", **told)


@check("account.private", source=f"{REM}, SSI/IE.33", alone=False)
def a_private_identifier_is_borne_once(trial: PrivateTrial) -> Iterator[Finding]:
    """A private identifier that an account bears is given to no other.

    Pass: no second account opens that shows it, while those with identifiers of their own open and show theirs.
    Fail: a second account opens and shows it.
    """
    yield from judged(trial, "account.private")


@check("account.unverified", source=f"{REM}, SSI/IE.44", alone=False)
def an_unverified_person_is_not_let_in(trial: UnverifiedTrial) -> Iterator[Finding]:
    """Somebody who registered alone is not let in before the identity was verified.

    Pass: the account is refused before, and opens after the verification.
    Fail: it opens before.
    """
    yield from judged(trial, "account.unverified")


@check("account.means", source=f"{REM}, SSI/IE.44", alone=False)
def each_means_of_verification_leads_to_an_account(trial: MeansTrial) -> Iterator[Finding]:
    """Each means of verification that the product offers leads to an account that opens.

    Pass: after each, the account opens.
    Fail: it is still refused, while an account that a professional made opens.
    """
    yield from judged(trial, "account.means")
