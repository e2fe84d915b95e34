"""The boundary of the mail engine: what the rest of the product asks of the network, and nothing more.

Tests put a stub here; the product puts :class:`Network`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from typing import Protocol

from . import autoconfig, imap, smtp
from .autoconfig import Servers
from .box import Box
from .faults import MailFault
from .imap import Fetched
from .sins import Sins
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

    def discover(self, box: Box) -> Servers:
        """Fetch the autoconfiguration document of the mailbox's domain."""
        url = autoconfig.location(box.domain, box.autoconfig_url)
        host = "autoconfig.editeur.test" if self._sins.has("asks-the-editor-for-configuration") else ""
        found = autoconfig.discover(url, box.ca_pem, box.address, box.kind, host)
        if self._sins.has("keeps-its-habitual-imap-port"):
            return replace(found, imap=replace(found.imap, port=HABITUAL_IMAP))
        return found

    def entrust(self, address: str, refresh_token: str) -> None:
        """Keep the refresh token."""
        self._tokens.entrust(address, refresh_token)

    def test(self, box: Box) -> None:
        """The connection test that follows configuration (MSS/CONF.04)."""
        servers = _servers(box)
        with smtp.session(box, servers.smtp, self._token(box), self._sins) as sending:
            sending.noop()
        with self._patient(), imap.session(box, servers.imap, self._token(box), self._sins) as reading:
            reading.noop()

    def send(self, box: Box, recipients: Sequence[str], content: bytes) -> dict[str, str]:
        """One session, one message."""
        with self._renewing(box), smtp.session(box, _servers(box).smtp, self._token(box), self._sins) as sending:
            return smtp.submit(sending, box.address, recipients, content)

    def fetch(self, box: Box, known: Callable[[str], bool]) -> list[Fetched]:
        """One session, every new message."""
        servers, token = _servers(box), self._token(box)
        with self._patient(), self._renewing(box), imap.session(box, servers.imap, token, self._sins) as reading:
            return list(imap.new_messages(reading, known, self._sins))
        return []

    def _patient(self) -> AbstractContextManager[object]:
        """The defect that reads by habit also hides that nobody answers there."""
        return suppress(MailFault) if self._sins.has("keeps-its-habitual-imap-port") else nullcontext()

    def _token(self, box: Box) -> str:
        return "" if box.kind == "APP" else self._tokens.access(box.address, box.psc, box.ca_pem)

    def _renewing(self, box: Box) -> _Renewing:
        return _Renewing(self._tokens, box.address)


class _Renewing:
    """Forgets the access token when a log-in is refused, so that the next attempt brings a new one."""

    def __init__(self, tokens: Tokens, address: str) -> None:
        self._tokens = tokens
        self._address = address

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, MailFault) and exc.code == "refdui.fault.login-refused":
            self._tokens.forget(self._address)


def _servers(box: Box) -> Servers:
    if box.servers is None:
        raise MailFault("refdui.fault.not-configured", transient=False, mailbox=box.address)
    return box.servers
