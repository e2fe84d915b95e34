"""Server-side TLS that records: what the client offered, what was agreed, which alert ended it.

::

    recorder = TlsRecorder(journal, pki)
    context = recorder.context(service=SMTP, lane="main", session=session, names=["smtp.main.test"])

Give the context to any asyncio server, for direct TLS or STARTTLS: it writes ``tls.client-hello`` as soon as the
offer is read, and ``tls.handshake`` when the handshake ends, before anything is answered in it. There is nothing to
call afterwards, save :meth:`TlsRecorder.lost` where a server wants a cut handshake recorded at once rather than
when its connection is forgotten. A context may serve many connections: one begun :func:`within` a session is recorded
there.

A context is permissive on purpose: it agrees to old versions and weak suites when the client offers nothing
better, because a server that refuses hides what the product would have accepted. Judging is for the checks.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from conformance.evidence.journal import Journal
from conformance.services.handshake import Handshake
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

Send = Callable[[bytes], object]
_WITHIN: ContextVar[tuple[str, Send | None]] = ContextVar("session of a new TLS connection", default=("", None))
_VERIFY = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}


class RecordedTls(ssl.SSLObject):
    """A TLS connection whose handshake goes to the journal."""

    context: RecordingContext
    recorded_in: str = ""
    outgoing: ssl.MemoryBIO | None = None
    send: Send | None = None
    _handshake: Handshake | None = None

    @property
    def handshake(self) -> Handshake:
        """The recording of this connection."""
        if self._handshake is None:
            self._handshake = self.context.begin(self.recorded_in)
            with suppress(RuntimeError):  # no loop: the one who drives it by hand calls TlsRecorder.lost
                loop = asyncio.get_running_loop()
                weakref.finalize(self, _forgotten, self._handshake, loop).atexit = False
        return self._handshake

    def do_handshake(self) -> None:
        """As usual; its end is recorded before the last flight leaves."""
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as exc:
            self.handshake.end("failed", reason=exc.reason or exc.strerror)
            # asyncio drops the connection without sending what OpenSSL still had to say: the alert.
            if self.outgoing and self.outgoing.pending and self.send:
                self.send(self.outgoing.read())
            raise
        cipher = self.cipher()
        self.handshake.end("ok", suite_name=cipher[0] if cipher else None)


class RecordingContext(ssl.SSLContext):
    """A server context that knows where its handshakes are recorded."""

    recorder: TlsRecorder
    service: str
    lane: str
    session: str | None
    about: Mapping[str, str]

    def wrap_bio(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *rest: Any, **options: Any) -> ssl.SSLObject:
        """As usual; the connection keeps the session that it is made in, for its handshake is read elsewhere."""
        made = super().wrap_bio(incoming, outgoing, *rest, **options)
        if isinstance(made, RecordedTls):
            made.outgoing = outgoing
            made.recorded_in, made.send = _WITHIN.get()
        return made

    def begin(self, session: str = "") -> Handshake:
        """A new connection; it has this session, the context's, or one of its own."""
        found = session or self.session or new_session()
        return self.recorder.begin(Handshake(self.recorder.journal, self.service, self.lane, found, self.about))


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
        dh: Path | None = None,
        curve: str | None = None,
        about: Mapping[str, str] | None = None,
    ) -> RecordingContext:
        """A server context for one connection (``session`` given) or for many (each gets its own session).

        ``names`` go into the server certificate beside loopback; ``certificate`` (a PEM file with its key) takes its
        place. ``ciphers`` is an OpenSSL list for TLS 1.2 and below, ``dh`` a file of finite-field parameters, ``curve`` the
        only elliptic curve. ``about`` is written with each handshake. Client certificates are checked against the PKI.
        """
        context = RecordingContext(ssl.PROTOCOL_TLS_SERVER)
        context.recorder, context.service, context.lane, context.session = self, service, lane, session
        context.about = about or {}
        context.set_ciphers(ciphers or PERMISSIVE)
        _bound(context, minimum, maximum)
        # Every connection shows its whole handshake: no resumption, no renegotiation.
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
        context.num_tickets = 0
        context.load_cert_chain(certificate or self.pki.server_file(names))
        context.load_dh_params(str(dh or self.pki.dh_file))
        if curve:
            context.set_ecdh_curve(curve)
        if client_auth != "none":
            context.load_verify_locations(cadata=self.pki.ca_pem)
        context.verify_mode = _VERIFY[client_auth]
        context.sslobject_class = RecordedTls
        # The only way to the ClientHello; set below the ssl module's own, which looks each record of a long body up in enums.
        messages: Any = vars(ssl.SSLContext.__base__)["_msg_callback"]
        messages.__set__(context, _listen)
        return context

    def begin(self, handshake: Handshake) -> Handshake:
        """Remember a handshake under its session."""
        self._open[handshake.session] = handshake
        return handshake

    def lost(self, session: str) -> None:
        """Tell that a connection ended: a handshake left half-way is recorded as failed now."""
        if handshake := self._open.get(session):
            handshake.lose()


def _bound(context: ssl.SSLContext, minimum: ssl.TLSVersion | None, maximum: ssl.TLSVersion | None) -> None:
    with warnings.catch_warnings():
        # The ssl module rightly deprecates the versions that a bad server is made of.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = minimum or ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = maximum or ssl.TLSVersion.MAXIMUM_SUPPORTED


def handshake_of(connection: object) -> Handshake | None:
    """The recording of a connection's TLS (``transport.get_extra_info("ssl_object")``), if it has one."""
    return connection.handshake if isinstance(connection, RecordedTls) else None


@contextmanager
def within(session: str, send: Send | None = None) -> Iterator[None]:
    """TLS begun inside is recorded under this session, whatever its context.

    ``send`` writes to the connection under it: the last alert of a handshake that fails leaves by it.
    """
    token = _WITHIN.set((session, send))
    try:
        yield
    finally:
        _WITHIN.reset(token)


def new_session() -> str:
    """A name for one connection, unique in a run."""
    return secrets.token_hex(8)


def _listen(connection: object, direction: str, _version: int, content_type: int, kind: int, message: bytes) -> None:
    if isinstance(connection, RecordedTls):
        connection.handshake.hear(read=direction == "read", content_type=content_type, kind=kind, message=message)


def _forgotten(handshake: Handshake, loop: asyncio.AbstractEventLoop) -> None:
    # The garbage collector may call this anywhere, even inside the journal's lock: only leave a note to the loop.
    if handshake.offered and not handshake.ended and not loop.is_closed():
        loop.call_soon_threadsafe(handshake.lose)
