"""Checks on the life of mail sessions: ended by the operator, by the end of a login, or disturbed by a failure."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.session_life import (
    BoxInService,
    ClosedSession,
    EndedLogin,
    KeptList,
    StaleToken,
    TroubledMail,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Keyword


@check("session.reopens-after-close", source="Référentiel socle MSSanté #2 v1.0, ECO.1.2.7 (MSS/CONF.11)", alone=False)
def a_session_that_the_operator_closed_is_opened_again(session: ClosedSession) -> Iterator[Finding]:
    """When the operator closes a session while Pro Santé Connect is still valid, the product opens another by itself.

    Pass: an accepted login of the same box in the same protocol follows the close, with no further request to the
    product.
    Fail: the window closed without one.
    """
    if not session.reopened:
        yield error(
            "session.reopens-after-close.never",
            expected=session.address,
            got="-",
            protocol=session.protocol,
            record=session.closed.id,
        )


@check(
    "session.closes-when-login-dies", source="Référentiel socle MSSanté #2 v1.0, ECO.1.2.6 (MSS/CONF.10)", alone=False
)
def sessions_end_with_the_login(login: EndedLogin) -> Iterator[Finding]:
    """Once the product has learnt that its Pro Santé Connect login is over, no session of the box stays open.

    Pass: each SMTP or IMAP session that the box had opened has ended when the window closes.
    Fail: one of them is still open.
    """
    for connection in login.still_open:
        yield error(
            "session.closes-when-login-dies.open",
            expected="-",
            got=connection.service,
            address=login.address,
            record=connection.logins[0].id,
        )


@check("session.errors-isolated", source="Référentiel socle MSSanté #2 v1.0, ECO.1.2.3 (MSS/CONF.08)", alone=False)
def a_failing_mailbox_disturbs_nothing_else(mail: TroubledMail) -> Iterator[Finding]:
    """While one mailbox fails, a record can be kept and a document of it validated: it leaves from another mailbox.

    Pass: the document's message was accepted by the good server while the other server was failing.
    Fail: it was not seen before the failure was over.
    """
    if not mail.meanwhile:
        yield error("session.errors-isolated.disturbed", expected="smtp.message", got="-", fault_name=mail.fault)


@check("tls.crl-kept", source="Référentiel socle MSSanté #2 v1.0, ECO.1.1.7 (MSS/CONF.22)", alone=False)
def the_last_revocation_list_is_kept(kept: KeptList) -> Iterator[Finding]:
    """A product that fetched a revocation list keeps it, and gets through a failure of its publication.

    Pass: the publication failing, an accepted login on the same server follows.
    Fail: the product came back and none of its connections led to a login.
    """
    if not kept.logins:
        yield error("tls.crl-kept.lost", expected=kept.domain, got="-")


@check(
    "session.renews-token",
    source="Référentiel socle MSSanté #2 v1.0, ECO.1.2.1 (MSS/CONF.07); Référentiel Pro Santé Connect v1.8.4 "
    "(an access token lives two minutes)",
    alone=False,
)
def an_expired_token_is_renewed(token: StaleToken) -> Iterator[Finding]:
    """When the operator says that the access token has expired, the product shows another one, with nobody acting.

    Pass: an accepted login of the same box in the same protocol follows, with another token.
    Fail: the window closed without one.
    """
    if not token.renewed:
        yield error("session.renews-token.never", expected=token.address, got=token.token_id, protocol=token.protocol)


@check("session.boxes-together", source="REM vague 2, MSS/UX.36", level=Keyword.PEUT, alone=False)
def several_boxes_are_in_service(box: BoxInService) -> Iterator[Finding]:
    """Several boxes are in service at once: each still opens once all of them are set up.

    Pass: for each box and each protocol, an accepted login after the last of the boxes was first opened.
    Fail: one of them opened no more.
    """
    if not box.logins:
        yield error("session.boxes-together.never", expected=box.address, got="-", protocol=box.protocol)
