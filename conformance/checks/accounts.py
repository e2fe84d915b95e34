"""Checks on the accounts of a product, by what its front door lets in."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.accounts import (
    AttemptsTrial,
    DeviceTrial,
    ExpiryTrial,
    FactorsTrial,
    RenewalTrial,
    ReuseTrial,
    StrengthTrial,
    Trial,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error, warning
from conformance.core.words import Basis

REM = "REM vague 2, instantané de travail du 14/03/2023"


@check("account.attempts", source=f"{REM}, SSI/IAM.92, SSI/IE.36, SSI/IE.52", alone=False)
def an_account_stops_opening_after_ten_failures(trial: AttemptsTrial) -> Iterator[Finding]:
    """After ten wrong passwords in a row, the right one does not open the account at once.

    Pass: it is refused, while it opened before, and another account still opens.
    Fail: it opens an administration account. For the others no row gives a number, and a delay or a later lock limits the
    attempts too: a person looks (SC.SSI/IE.36.01, SC.SSI/IE.52.01 only ask that attempts be not without limit).
    """
    if trial.let_in and trial.audience != "administrator":
        yield warning("account.attempts.open", basis=Basis.HYPOTHESIS, expected="10", got="-")
    else:
        yield from judged(trial, "account.attempts")


@check("account.strength", source=f"{REM}, SC.SSI/IE.36.02, SC.SSI/IE.52.02, SC.SSI/IAM.92.01", alone=False)
def a_weak_password_is_refused(trial: StrengthTrial) -> Iterator[Finding]:
    """A password that is too short or too simple is refused; the former one stays.

    Pass: after a weak password was asked for, the former one still opens, while a strong one is taken.
    Fail: the former one opens no more: the weak one took its place.
    """
    yield from judged(trial, "account.strength")


@check("account.reuse", source=f"{REM}, SSI/IAM.92", alone=False)
def a_former_password_is_refused(trial: ReuseTrial) -> Iterator[Finding]:
    """Where the policy says so, a password used before is refused; the present one stays.

    Pass: after the former one was asked for, the present one still opens, while a new one is taken.
    Fail: the present one opens no more.
    """
    yield from judged(trial, "account.reuse")


@check("account.expiry", source=f"{REM}, SSI/IAM.92", alone=False)
def an_expired_password_must_be_changed(trial: ExpiryTrial) -> Iterator[Finding]:
    """Past the days that the policy gives it, a password opens nothing but its own change.

    Pass: the page that needs a session is refused, while it was given before and is again after the change.
    Fail: it is given.
    """
    yield from judged(trial, "account.expiry")


@check("account.renewal", source=f"{REM}, SSI/IE.34, SSI/IE.49", alone=False)
def a_worn_device_must_be_renewed(trial: RenewalTrial) -> Iterator[Finding]:
    """Past the days that the policy gives it, a second means opens nothing but its own renewal.

    Pass: the page that needs a session is refused, while it was given before and is again after the renewal.
    Fail: it is given.
    """
    yield from judged(trial, "account.renewal")


@check("account.device", source=f"{REM}, SSI/IE.35, SSI/IE.50", alone=False)
def a_lost_device_opens_nothing(trial: DeviceTrial) -> Iterator[Finding]:
    """A second means declared lost, by its holder or by an administrator, lets nobody in any more.

    Pass: it is refused, while it opened before, and that of another account still opens.
    Fail: it still opens.
    """
    yield from judged(trial, "account.device")


@check("account.factors", source=f"{REM}, SSI/IE.51", alone=False)
def one_factor_is_not_enough_for_a_person(trial: FactorsTrial) -> Iterator[Finding]:
    """A person accompanied does not enter by the password alone.

    Pass: the password alone is refused, while it opens with the second factor.
    Fail: it opens alone.
    """
    yield from judged(trial, "account.factors")


def judged(trial: Trial, check: str) -> Iterator[Finding]:
    """One finding for each try that ended otherwise than it had to."""
    for label in trial.let_in:
        yield error(f"{check}.let-in", expected="-", got=label, audience=trial.audience)
    for label in trial.kept_out:
        yield error(f"{check}.kept-out", expected=label, got="-", audience=trial.audience)
