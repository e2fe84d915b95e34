"""The reading side of the mail engine: IMAP4rev1 with STARTTLS, then XOAUTH2 or PLAIN (MSS/CONF.06, CONF.07, CONF.12)."""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from .autoconfig import Server
from .box import Box
from .faults import MailFault
from .revocation import Revocations
from .sins import Sins
from .smtp import TIMEOUT, plain, xoauth2
from .tls import mail_context, wants_newer

MAX_MESSAGE = 30 * 1024 * 1024  # a message weighs 25 MB at most (wire.md §1.8); base64 adds line ends
MAX_NEW = 500
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as the operator gave it; ``uid`` is unique in the mailbox for ever (UIDVALIDITY and UID)."""

    uid: str
    content: bytes


@contextmanager
def session(
    box: Box, server: Server, token: str, sins: Sins, revocations: Revocations | None = None
) -> Iterator[imaplib.IMAP4]:
    """An authenticated session; every refusal and failure becomes a :class:`MailFault`."""
    place = f"{server.host}:{server.port}"
    if box.certificate_pem and sins.has("tries-imap-without-certificate-first"):
        with suppress(MailFault), session(replace(box, certificate_pem=""), server, token, sins, revocations):
            pass
    try:
        imap = _opened(box, server, token, sins)
    except (imaplib.IMAP4.error, OSError) as exc:
        raise MailFault("refdui.fault.unreachable", host=place, reason=_told(exc)) from exc
    try:
        if revocations is not None and isinstance(imap.sock, ssl.SSLSocket):
            revocations.check(imap.sock.getpeercert(binary_form=True), box.ca_pem)
        _authenticate(imap, box, token, sins, place)
        yield imap
    except (imaplib.IMAP4.error, OSError) as exc:
        raise MailFault("refdui.fault.unreachable", host=place, reason=_told(exc)) from exc
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            imap.logout()


def new_messages(imap: imaplib.IMAP4, known: Callable[[str], bool], sins: Sins) -> Iterator[Fetched]:
    """The messages of INBOX that are not known yet, oldest first; a message too large is passed over."""
    status, _ = imap.select("INBOX")
    if status != "OK":
        raise imaplib.IMAP4.error("INBOX cannot be selected")
    validity = (imap.response("UIDVALIDITY")[1] or [b""])[0] or b""
    _, found = imap.uid("SEARCH", "ALL")
    numbers = (found[0] or b"").split() if found else []
    names = {f"{validity.decode()}:{number.decode()}": number.decode() for number in numbers}
    fresh = [(uid, number) for uid, number in names.items() if not known(uid)]
    if sins.has("lists-messages-without-fetching"):
        return
    for uid, number in fresh[:MAX_NEW]:
        content = _content(imap, number)
        if content is not None:
            yield Fetched(uid, content)


def _content(imap: imaplib.IMAP4, number: str) -> bytes | None:
    _, sizes = imap.uid("FETCH", number, "(RFC822.SIZE)")
    size = _SIZE.search(sizes[0]) if sizes and isinstance(sizes[0], bytes) else None
    if size is None or int(size.group(1)) > MAX_MESSAGE:
        return None
    _, parts = imap.uid("FETCH", number, "(BODY.PEEK[])")
    return next((part[1] for part in parts if isinstance(part, tuple) and isinstance(part[1], bytes)), None)


def _opened(box: Box, server: Server, token: str, sins: Sins) -> imaplib.IMAP4:
    """A session under TLS 1.2, or under 1.3 where the server wants no less."""
    try:
        return _secured(box, server, token, sins)
    except ssl.SSLError as exc:
        if not wants_newer(exc, sins):
            raise
    return _secured(box, server, token, sins, newer=True)


def _secured(box: Box, server: Server, token: str, sins: Sins, *, newer: bool = False) -> imaplib.IMAP4:
    imap = imaplib.IMAP4(server.host, server.port, timeout=TIMEOUT)
    try:
        if sins.has("authenticates-imap-before-starttls"):
            with suppress(imaplib.IMAP4.error):
                _login(imap, box, token, sins)
        if sins.has("goes-on-without-starttls") and "STARTTLS" not in imap.capabilities:
            return imap
        imap.starttls(mail_context(sins, box.ca_pem, box.certificate_pem, box.key_pem, newer=newer))
    except BaseException:
        with suppress(imaplib.IMAP4.error, OSError):
            imap.shutdown()
        raise
    return imap


def _authenticate(imap: imaplib.IMAP4, box: Box, token: str, sins: Sins, place: str) -> None:
    try:
        if box.kind != "APP" and sins.has("tries-a-password-first-on-imap"):
            with suppress(imaplib.IMAP4.error):
                imap.authenticate("PLAIN", lambda _: (plain(box.address) + "motdepasse-fictif").encode())
        _login(imap, box, token, sins)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as exc:
        raise MailFault("refdui.fault.login-refused", server=place, reason=_told(exc)) from exc


def _login(imap: imaplib.IMAP4, box: Box, token: str, sins: Sins) -> None:
    answer = xoauth2(box.address, token).encode()
    if box.kind == "APP":
        imap.authenticate("PLAIN", lambda _: plain(box.address).encode())
    elif "SASL-IR" in imap.capabilities and not sins.has("waits-to-be-asked-for-the-token"):
        _login_at_once(imap, answer)
    else:
        # The second challenge carries the error and wants an empty answer (wire.md §1.3).
        imap.authenticate("XOAUTH2", lambda challenge: b"" if challenge else answer)


class _Acknowledging:
    """Answers the challenge that carries an error, as imaplib asks for the rest of a command."""

    def process(self, _challenge: bytes) -> bytes:
        return b""


def _login_at_once(imap: imaplib.IMAP4, answer: bytes) -> None:
    """One exchange instead of two (RFC 4959, MSS/CONF.09), which imaplib has no method for."""
    imap.literal = _Acknowledging().process  # type: ignore[assignment]
    status, data = imap.xatom("AUTHENTICATE", "XOAUTH2", base64.b64encode(answer).decode())
    if status != "OK":
        raise imaplib.IMAP4.error(data[-1].decode(errors="replace") if data and data[-1] else status)
    imap.state = "AUTH"


def _told(exc: Exception) -> str:
    return f"{type(exc).__name__}: {exc}"[:200]
