"""Checks on how sessions end at the front door, what one factor reopens, and who may see what."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.psc_front import ReopenedBrowser
from conformance.checks.subjects.session_trials import (
    DisabledServiceAccount,
    IdleSetting,
    OneFactor,
    RecordLook,
    ServiceAccount,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Keyword

REM = "REM vague 2, instantané de travail du 14/03/2023"


@check("session.browser-closed", source=f"{REM}, SSI/IE.40, SSI/IE.55", level=Keyword.PEUT, alone=False)
def a_session_closes_with_the_browser(session: ReopenedBrowser) -> Iterator[Finding]:
    """Once the browser was closed and opened again, the session gives nothing any more.

    Pass: the page that needs a session, given before, is refused after.
    Fail: it is still given.
    """
    if session.entrance.after:
        yield error("session.browser-closed.open", expected="-", got=session.entrance.label)


@check("session.idle-setting", source=f"{REM}, SC.SSI/IE.54.01", alone=False)
def the_idle_time_can_be_set(pair: IdleSetting) -> Iterator[Finding]:
    """The time after which an idle session closes is the one that an administrator set.

    Pass: left alone as long, a session is closed under a short time set and still open under a long one.
    Fail: both are open, or both are closed.
    """
    if pair.short_open:
        yield error("session.idle-setting.long", expected="-", got="200")
    if not pair.long_open:
        yield error("session.idle-setting.short", expected="200", got="-")


@check("account.one-factor-delay", source=f"{REM}, SC.SSI/IE.37.01", alone=False)
def past_the_delay_both_factors_are_asked_for(back: OneFactor) -> Iterator[Finding]:
    """Past the delay set since both factors were given, one of them opens nothing.

    Pass: the password alone is refused past the delay. Fail: it opens a session.
    """
    if back.beyond:
        yield error("account.one-factor-delay.open", expected="-", got="200")


@check("account.one-factor-setting", source=f"{REM}, SC.SSI/IE.37.02", alone=False)
def the_delay_of_one_factor_can_be_set(back: OneFactor) -> Iterator[Finding]:
    """The delay during which one factor is enough is the one that an administrator set.

    Pass: as late, the password alone opens a session under a long delay and none under a short one.
    Fail: it does the same under both.
    """
    if back.within == back.beyond:
        got = "200" if back.beyond else "-"
        yield error("account.one-factor-setting.same", expected="200 / -", got=f"{got} / {got}")


@check("rights.administrator", source=f"{REM}, SSI/GEN.16", alone=False)
def a_technical_administrator_sees_no_record(look: RecordLook) -> Iterator[Finding]:
    """Whoever administers the technical side is not shown the record of a person.

    Pass: the administrator's session, which is open, is not shown the person whom a professional sees at the same address.
    Fail: it is.
    """
    if look.shown:
        yield error("rights.administrator.shown", expected="403", got=str(look.status))


@check("account.service-login", source=f"{REM}, SSI/GEN.17", alone=False)
def a_service_account_opens_no_screen(account: ServiceAccount) -> Iterator[Finding]:
    """A generic account opens no session by the log-in page.

    Pass: its log-in is refused, while the same credentials work without a screen and a person's log-in opens.
    Fail: it opens a session.
    """
    if account.opened:
        yield error("account.service-login.open", expected="-", got="200")


@check("account.service-disabled", source=f"{REM}, SSI/GEN.17", alone=False)
def a_disabled_service_account_does_nothing(account: DisabledServiceAccount) -> Iterator[Finding]:
    """A generic account that was disabled does nothing any more.

    Pass: what it was given before is refused. Fail: it is still given. Where nothing is answered, nothing is concluded.
    """
    if account.works_disabled:
        yield error("account.service-disabled.works", expected="401", got="200")
