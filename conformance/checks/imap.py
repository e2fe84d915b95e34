"""Checks on the IMAP sessions of the product with the MSSanté operator."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks import sessions
from conformance.checks.subjects.sessions import Delivery, ImapAppBox, ImapBox, ImapSession, TokenShown
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Keyword


@check(
    "imap.starttls",
    source="Référentiel socle MSSanté #2 v1.0, ECO.1.0.2 (MSS/CONF.06; RFC 3501, RFC 9051)",
    alone=False,
)
def imap_goes_under_tls(session: ImapSession) -> Iterator[Finding]:
    """Every IMAP session turns to TLS by STARTTLS before any credential or message goes through.

    Pass: STARTTLS was asked, the handshake came to its end, and every authentication and protected command
    (selection, reading) followed it.
    Fail: one of them went in clear, or STARTTLS was never asked.
    """
    yield from sessions.starttls(session)


@check("imap.xoauth2", source="Référentiel socle MSSanté #2 v1.0, ECO.1.2.1 (MSS/CONF.07)", alone=False)
def imap_opens_a_box_with_the_access_token(box: ImapBox) -> Iterator[Finding]:
    """A PER or ORG mailbox is opened in IMAP by XOAUTH2, with the box address and the user's PSC access token.

    Pass: every login to the box uses XOAUTH2 and one at least is accepted, with a token that the simulated
    Pro Santé Connect issued.
    Fail: no login to the box, another mechanism, no token of the bench, or every login refused.
    """
    yield from sessions.xoauth2(box)


@check("imap.client-certificate", source="Référentiel socle MSSanté #2 v1.0 (MSS/CONF.12)", alone=False)
def imap_opens_an_application_box_with_its_certificate(box: ImapAppBox) -> Iterator[Finding]:
    """An APP mailbox is opened in IMAP under a TLS client certificate, then SASL PLAIN with the box address.

    Pass: the TLS session shows a client certificate, the login is the box address by PLAIN, and it is accepted.
    Fail: no certificate, another mechanism, another login, no login at all, or every login refused.
    """
    yield from sessions.client_certificate(box)


@check("imap.message-fetched", source="Référentiel socle MSSanté #2 v1.0, ECO.1.0.2 (MSS/CONF.06)", alone=False)
def a_delivered_message_is_fetched(delivery: Delivery) -> Iterator[Finding]:
    """A message that waits in the box is read by the product over IMAP.

    Pass: the content of the delivered message was fetched in the window.
    Fail: the window closed without the product fetching it.
    """
    if not delivery.fetches:
        yield error("imap.message-fetched.never", expected=delivery.message_id, got="-", mailbox=delivery.mailbox)


@check("imap.initial-response", source="REM vague 2, MSS/CONF.09; RFC 4959 §3", level=Keyword.PEUT, alone=False)
def the_token_comes_with_the_command(shown: TokenShown) -> Iterator[Finding]:
    """Where the operator announces SASL-IR, as the simulated one does, AUTHENTICATE already carries the token.

    Pass: the command has an initial response.
    Fail: the product waits for the operator to ask for it.
    """
    if not shown.at_once:
        yield error("imap.initial-response.late", expected="AUTHENTICATE XOAUTH2 <…>", got="AUTHENTICATE XOAUTH2")
