"""One TLS handshake, recorded as its messages pass."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography import x509

from conformance.core.errors import HarnessError
from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.services.hello import ALERTS, ClientHello, first_certificate, server_choice

# Content and handshake types (RFC 8446 §5.1, §4).
_HANDSHAKE, _ALERT = 22, 21
_CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE = 1, 2, 11


@dataclass(eq=False)
class Handshake:
    """One handshake being recorded, and what is known of the peer afterwards.

    ``about`` says which bad server it is (``fault``, ``domain``), where one of the web has no other record to say so.
    """

    journal: Journal
    service: str
    lane: str
    session: str
    about: Mapping[str, str] = field(default_factory=dict)
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
        return _subject(self.client_certificate) if self.client_certificate else None

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
            self.client_certificate = _certificate(message, self.version or "")

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
            data={**data, **self.about},
            blobs=blobs,
            session=self.session,
            marks=(self.about["domain"],) if "domain" in self.about else (),
        )


@lru_cache(maxsize=16)
def _subject(certificate: x509.Certificate) -> str:
    # Asked again by every request of a connection.
    return certificate.subject.rfc4514_string()


def _offer(message: bytes) -> dict[str, Any]:
    try:
        return ClientHello.parse(message).as_json()
    except ValueError as exc:
        # The stack will refuse it too; the bytes are kept with the record.
        return {"unread": str(exc), "versions": [], "suites": [], "groups": [], "signature_algorithms": []}


def _certificate(message: bytes, version: str) -> x509.Certificate | None:
    """The client's certificate; ``None`` without one, or with one that the stack will refuse as unreadable."""
    try:
        der = first_certificate(message, version)
        return x509.load_der_x509_certificate(der) if der else None
    except ValueError:
        return None
