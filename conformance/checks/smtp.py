"""Checks on the SMTP sessions of the product with the MSSanté operator."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks import sessions
from conformance.checks.subjects.sessions import SmtpAppBox, SmtpBox, SmtpSession
from conformance.core.check import check
from conformance.core.finding import Finding


@check(
    "smtp.starttls",
    source="Référentiel socle MSSanté #2 v1.0, ECO.1.0.1 (MSS/CONF.05; RFC 5321, RFC 3207)",
    alone=False,
)
def smtp_goes_under_tls(session: SmtpSession) -> Iterator[Finding]:
    """Every SMTP session turns to TLS by STARTTLS before any credential or message goes through.

    Pass: STARTTLS was asked, the handshake came to its end, and every authentication and protected command
    (MAIL, RCPT, DATA) followed it.
    Fail: one of them went in clear, or STARTTLS was never asked.
    """
    yield from sessions.starttls(session)


@check("smtp.xoauth2", source="Référentiel socle MSSanté #2 v1.0, ECO.1.2.1 (MSS/CONF.07)", alone=False)
def smtp_opens_a_box_with_the_access_token(box: SmtpBox) -> Iterator[Finding]:
    """A PER or ORG mailbox is opened in SMTP by XOAUTH2, with the box address and the user's PSC access token.

    Pass: every login to the box uses XOAUTH2 and one at least is accepted, with a token that the simulated
    Pro Santé Connect issued.
    Fail: no login to the box, another mechanism, no token of the bench, or every login refused.
    """
    yield from sessions.xoauth2(box)


@check("smtp.client-certificate", source="Référentiel socle MSSanté #2 v1.0 (MSS/CONF.12)", alone=False)
def smtp_opens_an_application_box_with_its_certificate(box: SmtpAppBox) -> Iterator[Finding]:
    """An APP mailbox is opened in SMTP under a TLS client certificate, then SASL PLAIN with the box address.

    Pass: the TLS session shows a client certificate, the login is the box address by PLAIN, and it is accepted.
    Fail: no certificate, another mechanism, another login, no login at all, or every login refused.
    """
    yield from sessions.client_certificate(box)
