"""The sending side of the mail engine: SMTP with STARTTLS, then XOAUTH2 or PLAIN (MSS/CONF.05, CONF.07, CONF.12)."""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from .autoconfig import Server
from .box import Box
from .faults import MailFault
from .revocation import Revocations
from .sins import Sins
from .tls import mail_context, wants_newer

TIMEOUT = 5.0
# The name that EHLO gives: a literal, so that no name service is asked (RFC 5321 §4.1.3).
OWN_NAME = "[127.0.0.1]"


def xoauth2(address: str, token: str) -> str:
    """The initial client response of XOAUTH2, before base64 (wire.md §1.3)."""
    return f"user={address}\x01auth=Bearer {token}\x01\x01"


def plain(address: str) -> str:
    """SASL PLAIN of an application mailbox: its address, and no password, since the certificate proves who it is."""
    return f"\0{address}\0"


@contextmanager
def session(
    box: Box, server: Server, token: str, sins: Sins, revocations: Revocations | None = None
) -> Iterator[smtplib.SMTP]:
    """An authenticated session; every refusal and failure becomes a :class:`MailFault`."""
    if box.certificate_pem and sins.has("tries-smtp-without-certificate-first"):
        with suppress(MailFault), session(replace(box, certificate_pem=""), server, token, sins, revocations):
            pass
    try:
        smtp = _opened(box, server, token, sins, revocations)
    except OSError as exc:
        raise _fault(exc, server) from exc
    try:
        _authenticate(smtp, box, token, sins)
        if sins.has("waits-one-second-for-a-reply") and smtp.sock is not None:
            smtp.sock.settimeout(1.0)
        yield smtp
        smtp.quit()
    except OSError as exc:  # smtplib.SMTPException and ssl.SSLError are OSErrors
        raise _fault(exc, server) from exc
    finally:
        smtp.close()


def submit(smtp: smtplib.SMTP, sender: str, recipients: Sequence[str], content: bytes) -> dict[str, str]:
    """Send one message; answers the recipients that were refused, with the reason."""
    refused = smtp.sendmail(sender, list(recipients), content)
    return {address: f"{code} {text.decode(errors='replace')[:200]}" for address, (code, text) in refused.items()}


def _opened(box: Box, server: Server, token: str, sins: Sins, revocations: Revocations | None) -> smtplib.SMTP:
    """A session under TLS 1.2, or under 1.3 where the server wants no less."""
    smtp = _connected(server)
    try:
        _secure(smtp, box, token, sins, revocations)
    except ssl.SSLError as exc:
        smtp.close()
        if not wants_newer(exc, sins):
            raise
        smtp = _connected(server)
        try:
            _secure(smtp, box, token, sins, revocations, newer=True)
        except BaseException:
            smtp.close()
            raise
    except BaseException:
        smtp.close()
        raise
    return smtp


def _connected(server: Server) -> smtplib.SMTP:
    return smtplib.SMTP(server.host, server.port, local_hostname=OWN_NAME, timeout=TIMEOUT)


def _secure(
    smtp: smtplib.SMTP, box: Box, token: str, sins: Sins, revocations: Revocations | None, *, newer: bool = False
) -> None:
    smtp.ehlo()
    if sins.has("authenticates-smtp-before-starttls"):
        mechanism, response = ("PLAIN", plain(box.address)) if box.kind == "APP" else ("XOAUTH2", _response(box, token))
        smtp.docmd("AUTH", f"{mechanism} {base64.b64encode(response.encode()).decode()}")
    if sins.has("goes-on-without-starttls") and not smtp.has_extn("starttls"):
        return
    smtp.starttls(context=mail_context(sins, box.ca_pem, box.certificate_pem, box.key_pem, newer=newer))
    if revocations is not None and isinstance(smtp.sock, ssl.SSLSocket):
        revocations.check(smtp.sock.getpeercert(binary_form=True), box.ca_pem)
    smtp.ehlo()


def _authenticate(smtp: smtplib.SMTP, box: Box, token: str, sins: Sins) -> None:
    if box.kind == "APP":
        smtp.auth("PLAIN", lambda _=None: plain(box.address))
    else:
        if sins.has("tries-a-password-first-on-smtp"):
            with suppress(smtplib.SMTPAuthenticationError):
                smtp.auth("PLAIN", lambda _=None: plain(box.address) + "motdepasse-fictif")
        # A refusal comes as a challenge that wants an empty answer before the 535 (wire.md §1.3).
        smtp.auth("XOAUTH2", lambda challenge=None: _response(box, token) if challenge is None else "")


def _response(box: Box, token: str) -> str:
    return xoauth2(box.address, token)


def _fault(exc: OSError, server: Server) -> MailFault:
    place = f"{server.host}:{server.port}"
    if isinstance(exc, smtplib.SMTPAuthenticationError):
        return MailFault("refdui.fault.login-refused", server=place, reason=str(exc.smtp_code))
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        codes = {code for code, _ in exc.recipients.values()}
        reason = ", ".join(f"{a}: {c}" for a, (c, _) in exc.recipients.items())
        return MailFault("refdui.fault.refused", transient=any(c < 500 for c in codes), server=place, reason=reason)
    if isinstance(exc, smtplib.SMTPResponseException):
        reason = f"{exc.smtp_code} {_decoded(exc.smtp_error)}"
        return MailFault("refdui.fault.refused", transient=exc.smtp_code < 500, server=place, reason=reason)
    if isinstance(exc, smtplib.SMTPNotSupportedError):
        return MailFault("refdui.fault.refused", transient=False, server=place, reason=str(exc))
    return MailFault("refdui.fault.unreachable", host=place, reason=f"{type(exc).__name__}: {exc}"[:200])


def _decoded(text: bytes | str) -> str:
    return (text.decode(errors="replace") if isinstance(text, bytes) else text)[:200]
