"""The boundary of the mail engine: what the rest of the product asks of the network, and nothing more.

Tests put a stub here; the product puts :class:`Network`.
"""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from typing import Any, Protocol

from . import autoconfig, imap, smtp
from .autoconfig import Servers
from .box import Box
from .faults import MailFault
from .imap import Fetched
from .revocation import Revocations
from .sins import Sins
from .tls import web_context
from .tokens import Tokens

# Where clients found IMAP before autoconfiguration (DST, ASIP 2014; wire.md §1.1): for the defect that goes by habit.
HABITUAL_IMAP = 143


class Transport(Protocol):
    """Everything that leaves or enters by the network."""

    def discover(self, box: Box) -> Servers:
        """Where the operator of a mailbox answers."""
        ...

    def entrust(self, address: str, refresh_token: str) -> None:
        """Keep the refresh token of a mailbox, in memory."""
        ...

    def test(self, box: Box) -> None:
        """Log in to both servers and out again; raises :class:`MailFault`."""
        ...

    def send(self, box: Box, recipients: Sequence[str], content: bytes) -> dict[str, str]:
        """Send one message from the mailbox; answers the recipients refused and why."""
        ...

    def fetch(self, box: Box, known: Callable[[str], bool]) -> list[Fetched]:
        """The messages of the mailbox that are not known yet."""
        ...


class Network:
    """The real thing: HTTPS, SMTP and IMAP."""

    def __init__(self, sins: Sins) -> None:
        self._sins = sins
        self._tokens = Tokens(sins)
        self._revocations = Revocations(sins)
        self._failing: set[str] = set()
        self._held: list[AbstractContextManager[imaplib.IMAP4]] = []

    def discover(self, box: Box) -> Servers:
        """Fetch the autoconfiguration document of the mailbox's domain."""
        url = autoconfig.location(box.domain, box.autoconfig_url)
        host = "autoconfig.editeur.test" if self._sins.has("asks-the-editor-for-configuration") else ""
        lenient = self._sins.has("guesses-a-broken-document")
        web = self._web(box, "configuration")
        found = autoconfig.discover(url, box.ca_pem, box.address, box.kind, host, lenient=lenient, **web)
        if self._sins.has("keeps-its-habitual-imap-port"):
            return replace(found, imap=replace(found.imap, port=HABITUAL_IMAP))
        return found

    def entrust(self, address: str, refresh_token: str) -> None:
        """Keep the refresh token."""
        self._tokens.entrust(address, refresh_token)

    def test(self, box: Box) -> None:
        """The connection test that follows configuration (MSS/CONF.04): both servers, whatever the first one does."""
        try:
            with self._sending(box) as sending:
                sending.noop()
        finally:
            with self._patient(), self._reading(box) as reading:
                reading.noop()

    def send(self, box: Box, recipients: Sequence[str], content: bytes) -> dict[str, str]:
        """One session, one message; one that the operator cut is tried again by the outbox."""
        self._stopped_by_another(box)
        try:
            with self._renewing(box), self._sending(box) as sending:
                refused = smtp.submit(sending, box.address, recipients, content)
                self._failing.discard(box.address)
                return refused
        except MailFault as fault:
            if self._sins.has("waits-for-a-person-after-a-cut"):
                raise MailFault(fault.code, transient=False, **fault.values) from fault
            raise

    def fetch(self, box: Box, known: Callable[[str], bool]) -> list[Fetched]:
        """One session, every new message; a session that the operator cuts is opened again, once (MSS/CONF.11)."""
        if self._sins.has("stays-connected-without-a-login"):
            self._stay(box)
        try:
            return self._fetched(box, known)
        except MailFault as fault:
            cut = isinstance(fault.__cause__, imaplib.IMAP4.abort)
            # A token that was refused was forgotten: another one may be taken.
            refused = fault.code == "refdui.fault.login-refused"
            if not (cut or refused) or self._sins.has("waits-for-a-person-after-a-cut"):
                raise
            return self._fetched(box, known)

    def _fetched(self, box: Box, known: Callable[[str], bool]) -> list[Fetched]:
        with self._patient(), self._renewing(box), self._reading(box) as reading:
            return list(imap.new_messages(reading, known, self._sins))
        return []

    def _sending(self, box: Box) -> AbstractContextManager[smtplib.SMTP]:
        return smtp.session(box, _servers(box).smtp, self._token(box), self._sins, self._revocations)

    def _reading(self, box: Box) -> AbstractContextManager[imaplib.IMAP4]:
        return imap.session(box, _servers(box).imap, self._token(box), self._sins, self._revocations)

    def _stopped_by_another(self, box: Box) -> None:
        """The defect for which one failing mailbox stops all the others."""
        if not self._sins.has("stops-everything-when-mail-fails"):
            self._failing.clear()
            return
        if self._failing - {box.address}:
            raise MailFault("refdui.fault.unreachable", transient=False, host=box.domain, reason="stopped")
        self._failing.add(box.address)

    def _stay(self, box: Box) -> None:
        """The defect that opens a session and never leaves it."""
        with suppress(MailFault):
            held = self._reading(box)
            held.__enter__()
            self._held.append(held)

    def _patient(self) -> AbstractContextManager[object]:
        """The defect that reads by habit also hides that nobody answers there."""
        return suppress(MailFault) if self._sins.has("keeps-its-habitual-imap-port") else nullcontext()

    def _token(self, box: Box) -> str:
        if box.kind == "APP":
            return ""
        return self._tokens.access(box.address, box.psc, box.ca_pem, **self._web(box, "provider"))

    def _web(self, box: Box, host: str) -> dict[str, Any]:
        """How a host of the web is judged: its chain and its name, then the lists of revocation."""
        context = web_context(self._sins, box.ca_pem, host)
        careless = context.verify_mode is ssl.CERT_NONE or self._sins.has("never-asks-for-revocation-on-the-web")
        judge = None if careless else lambda certificate: self._revocations.check(certificate, box.ca_pem)
        return {"context": context, "judge": judge}

    def _renewing(self, box: Box) -> _Renewing:
        return _Renewing(self._tokens, box.address, stubborn=self._sins.has("keeps-a-refused-token"))


class _Renewing:
    """Forgets the access token when a log-in is refused, so that the next attempt brings a new one."""

    def __init__(self, tokens: Tokens, address: str, *, stubborn: bool) -> None:
        self._tokens = tokens
        self._address = address
        self._stubborn = stubborn

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, MailFault) and exc.code == "refdui.fault.login-refused" and not self._stubborn:
            self._tokens.forget(self._address)


def _servers(box: Box) -> Servers:
    if box.servers is None:
        raise MailFault("refdui.fault.not-configured", transient=False, mailbox=box.address)
    return box.servers
