"""What SMTP and IMAP sessions share: the rules are the same, the checks are one per protocol."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.sessions import Login, MailboxLogins, MailSession
from conformance.core.finding import Finding, error, info


def starttls(session: MailSession) -> Iterator[Finding]:
    """The faults of a session that goes in clear where it must not."""
    if session.begun and not session.upgraded:
        yield error("starttls.never", expected="STARTTLS", got="-", protocol=session.protocol)
    for verb, record in session.exposed.items():
        yield error("starttls.clear", expected="TLS", got=verb, protocol=session.protocol, record=record.id)


def xoauth2(box: MailboxLogins) -> Iterator[Finding]:
    """The faults in opening a PER or ORG box with the user's access token."""
    if not box.logins:
        yield _never_opened(box)
        return
    for login in box.logins:
        if login.mechanism != "XOAUTH2":
            yield _of(box, login, "login.mechanism", "XOAUTH2", login.mechanism or "-")
        elif login.accepted and not login.token_id:
            yield _of(box, login, "login.no-token", "jti", "-")
        elif login.accepted and login.token_id not in box.tokens:
            # The access token may come from an earlier window: it lives longer than a scenario.
            yield info("login.earlier-token", got=login.token_id, protocol=box.protocol, address=box.address)
    yield from _all_refused(box)


def client_certificate(box: MailboxLogins) -> Iterator[Finding]:
    """The faults in opening an APP box with the certificate of the organisation and the address as login."""
    for login in box.strangers:
        yield _of(box, login, "login.stranger", box.address, login.user or "-")
    if box.strangers and not box.logins:
        return
    if not box.logins:
        yield _never_opened(box)
        return
    for login in box.logins:
        if login.mechanism != "PLAIN":
            yield _of(box, login, "login.mechanism", "PLAIN", login.mechanism or "-")
        if login.handshake is None or login.handshake.client_certificate is None:
            yield _of(box, login, "login.no-certificate", "ORG AUTH_CLI", "-")
    yield from _all_refused(box)


def _never_opened(box: MailboxLogins) -> Finding:
    others = ", ".join(sorted({login.user for login in box.strangers}))
    return error("login.none", expected=box.address, got=others or "-", protocol=box.protocol, address=box.address)


def _all_refused(box: MailboxLogins) -> Iterator[Finding]:
    if not any(login.accepted for login in box.logins):
        last = box.logins[-1]
        yield _of(box, last, "login.refused", "ok", str(last.record.data.get("reason") or "-"))


def _of(box: MailboxLogins, login: Login, code: str, expected: str, got: str) -> Finding:
    return error(code, expected=expected, got=got, protocol=box.protocol, address=box.address, record=login.record.id)
