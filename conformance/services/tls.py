"""Server-side TLS that records: what the client offered, what was agreed, which alert ended it.

::

    recorder = TlsRecorder(journal, pki)
    context = recorder.context(service=SMTP, lane="main", session=session, names=["smtp.main.test"])

Give the context to any asyncio server, for direct TLS or STARTTLS: it writes ``tls.client-hello`` as soon as the
offer is read, and ``tls.handshake`` when the handshake ends, before the peer can know of it. There is nothing to
call afterwards, save :meth:`TlsRecorder.lost` where a server wants a cut handshake recorded at once rather than
when its connection is forgotten.

A context is permissive on purpose: it agrees to old versions and weak suites when the client offers nothing
better, because a server that refuses hides what the product would have accepted. Judging is for the checks.
"""

from __future__ import annotations

import secrets
import ssl
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cryptography import x509

from conformance.core.errors import HarnessError
from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.services.hello import ALERTS, ClientHello, first_certificate, server_choice
from conformance.services.pki import Pki

ClientAuth = Literal["none", "optional", "required"]

# The suites that MSSanté allows under TLS 1.2, in its order: Référentiel socle MSSanté #2 v1.0, ECO.1.1.3.
MSSANTE_SUITES = (
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES128-SHA256",
    "DHE-RSA-AES256-GCM-SHA384",
    "DHE-RSA-AES128-GCM-SHA256",
)
# Then all that OpenSSL still knows; suites without authentication or encryption come last.
PERMISSIVE = ":".join((*MSSANTE_SUITES, "HIGH", "ALL", "COMPLEMENTOFALL", "+aNULL", "+eNULL", "@SECLEVEL=0"))

_VERIFY = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}
_HANDSHAKE, _ALERT = 22, 21
_CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE = 1, 2, 11


@dataclass(eq=False)
class Handshake:
    """One handshake being recorded, and what is known of the peer afterwards."""

    journal: Journal
    service: str
    lane: str
    session: str
    offered: bool = False
    ended: bool = False
    version: str | None = None
    suite: str | None = None
    alert: str | None = None
    alert_by: str | None = None
    client_certificate: x509.Certificate | None = None

    @property
    def client_subject(self) -> str | None:
        """The subject of the client's certificate (RFC 4514), if it presented one."""
        return self.client_certificate.subject.rfc4514_string() if self.client_certificate else None

    def hear(self, *, read: bool, content_type: int, kind: int, message: bytes) -> None:
        """Take one message of the TLS stack."""
        if self.ended:
            return
        if content_type == _ALERT and len(message) == 2:
            self.alert = ALERTS.get(message[1], str(message[1]))
            self.alert_by = "client" if read else "server"
        elif content_type == _HANDSHAKE and read and kind == _CLIENT_HELLO and not self.offered:
            # A second one answers a HelloRetryRequest: the offer is the first.
            self.offered = True
            self._write("tls.client-hello", _offer(message), {"hello": message})
        elif content_type == _HANDSHAKE and not read and kind == _SERVER_HELLO:
            self.version, self.suite = server_choice(message)
        elif content_type == _HANDSHAKE and read and kind == _CERTIFICATE:
            self.client_certificate = _certificate(first_certificate(message, self.version or ""))

    def end(self, outcome: str, *, suite_name: str | None = None, reason: str | None = None) -> None:
        """Write the outcome, once."""
        if self.ended:
            return
        self.ended = True
        failed = outcome == "failed"
        data = {
            "outcome": outcome,
            "version": self.version,
            "suite": self.suite,
            "suite_name": suite_name,
            "alert": self.alert if failed else None,
            "alert_by": self.alert_by if failed else None,
            "client_certificate": self.client_subject,
            "reason": reason,
        }
        self._write("tls.handshake", data)

    def lose(self) -> None:
        """The connection went away; an offer left without an outcome is a failed handshake."""
        if self.offered and not self.ended:
            with suppress(HarnessError):  # the journal may be closed by then
                self.end("failed", reason="cut")

    def _write(self, kind: str, data: dict[str, Any], blobs: dict[str, bytes] | None = None) -> None:
        self.journal.append(
            self.service,
            self.lane,
            kind,
            provenance=Provenance.WIRE,
            data=data,
            blobs=blobs,
            session=self.session,
        )


class RecordedTls(ssl.SSLObject):
    """A TLS connection whose handshake goes to the journal."""

    context: RecordingContext
    _handshake: Handshake | None = None

    @property
    def handshake(self) -> Handshake:
        """The recording of this connection."""
        if self._handshake is None:
            self._handshake = self.context.begin()
            weakref.finalize(self, self._handshake.lose).atexit = False
        return self._handshake

    def do_handshake(self) -> None:
        """As usual; its end is recorded before the last flight leaves."""
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as exc:
            self.handshake.end("failed", reason=exc.reason or exc.strerror)
            raise
        cipher = self.cipher()
        self.handshake.end("ok", suite_name=cipher[0] if cipher else None)


class RecordingContext(ssl.SSLContext):
    """A server context that knows where its handshakes are recorded."""

    recorder: TlsRecorder
    service: str
    lane: str
    session: str | None

    def begin(self) -> Handshake:
        """A new connection; it has the context's session, or one of its own."""
        session = self.session or new_session()
        return self.recorder.begin(Handshake(self.recorder.journal, self.service, self.lane, session))


@dataclass(eq=False)
class TlsRecorder:
    """Makes server contexts that record into one journal, with the certificates of one PKI."""

    journal: Journal
    pki: Pki
    _open: weakref.WeakValueDictionary[str, Handshake] = field(default_factory=weakref.WeakValueDictionary)

    def context(
        self,
        *,
        service: str,
        lane: str,
        names: Sequence[str],
        session: str | None = None,
        client_auth: ClientAuth = "none",
        ciphers: str | None = None,
        minimum: ssl.TLSVersion | None = None,
        maximum: ssl.TLSVersion | None = None,
        certificate: Path | None = None,
    ) -> RecordingContext:
        """A server context for one connection (``session`` given) or for many (each gets its own session).

        ``names`` go into the server certificate beside loopback; ``certificate`` (a PEM file with its key) takes its
        place. ``ciphers`` is an OpenSSL list for TLS 1.2 and below. Client certificates are checked against the PKI.
        """
        context = RecordingContext(ssl.PROTOCOL_TLS_SERVER)
        context.recorder, context.service, context.lane, context.session = self, service, lane, session
        context.set_ciphers(ciphers or PERMISSIVE)
        context.minimum_version = minimum or ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = maximum or ssl.TLSVersion.MAXIMUM_SUPPORTED
        # Every connection shows its whole handshake: no resumption, no renegotiation.
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
        context.num_tickets = 0
        context.load_cert_chain(certificate or self.pki.server_file(names))
        context.load_dh_params(str(self.pki.dh_file))
        if client_auth != "none":
            context.load_verify_locations(cadata=self.pki.ca_pem)
        context.verify_mode = _VERIFY[client_auth]
        context.sslobject_class = RecordedTls
        context._msg_callback = _listen  # type: ignore[attr-defined]  # noqa: SLF001 - the only way to the ClientHello
        return context

    def begin(self, handshake: Handshake) -> Handshake:
        """Remember a handshake under its session."""
        self._open[handshake.session] = handshake
        return handshake

    def lost(self, session: str) -> None:
        """Tell that a connection ended: a handshake left half-way is recorded as failed now."""
        if handshake := self._open.get(session):
            handshake.lose()


def handshake_of(connection: object) -> Handshake | None:
    """The recording of a connection's TLS (``transport.get_extra_info("ssl_object")``), if it has one."""
    return connection.handshake if isinstance(connection, RecordedTls) else None


def new_session() -> str:
    """A name for one connection, unique in a run."""
    return secrets.token_hex(8)


def _listen(connection: object, direction: str, _version: int, content_type: int, kind: int, message: bytes) -> None:
    if isinstance(connection, RecordedTls):
        connection.handshake.hear(read=direction == "read", content_type=content_type, kind=kind, message=message)


def _offer(message: bytes) -> dict[str, Any]:
    try:
        return ClientHello.parse(message).as_json()
    except ValueError as exc:
        # The stack will refuse it too; the bytes are kept with the record.
        return {"unread": str(exc), "versions": [], "suites": [], "groups": [], "signature_algorithms": []}


def _certificate(der: bytes | None) -> x509.Certificate | None:
    if der is None:
        return None
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        return None
