"""What every session of an operator works with: its boxes, its gate, its journal and its TLS."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from conformance.evidence.journal import Journal
from conformance.services.mssante.boxes import Boxes
from conformance.services.mssante.dovecot.server import Dovecot
from conformance.services.mssante.faults import Temper, TlsTerms
from conformance.services.mssante.gate import Answer, Certificate, Gate
from conformance.services.mssante.limits import Limits
from conformance.services.mssante.transcript import Transcript
from conformance.services.tls import TlsRecorder

_VERSIONS = {
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that the sessions of an operator, or of one of its fronts, share.

    ``names`` are those of the server certificate, ``certificate`` the file that takes its place, ``temper`` how the
    sessions behave, ``dovecot`` where the boxes are when they are not here.
    """

    lane: str
    journal: Journal
    recorder: TlsRecorder
    boxes: Boxes
    gate: Gate
    limits: Limits
    names: tuple[str, ...]
    certificate: Path | None = None
    temper: Temper = field(default_factory=Temper)
    dovecot: Dovecot | None = None
    _contexts: dict[str, ssl.SSLContext] = field(default_factory=dict, init=False)

    def prove(self) -> None:
        """Make the certificate now, so that one that cannot be made is told before anybody connects."""
        if self.certificate is None:
            self.recorder.pki.server_file(self.names)

    def transcript(self, service: str, family: str) -> Transcript:
        """The records of a new connection."""
        return Transcript(self.journal, service, self.lane, family, self.temper)

    def admit(self, protocol: str, mechanism: str, message: bytes | None, certificate: Certificate) -> Answer:
        """Judge one attempt to open a box, as the gate does, then as the fault in force has it."""
        answer = self.gate.answer(mechanism, message, certificate)
        if self.temper.shows("refuses-login", answer.user):
            return answer.refused("fault")
        if self.temper.shows("expired-token", answer.user) and self.temper.expire(
            protocol, answer.user, answer.token_id or ""
        ):
            return answer.refused("expired")
        return answer

    def tls(self, service: str) -> ssl.SSLContext:
        """The TLS context of a service: it asks for a client certificate and does without.

        To be used :func:`~conformance.services.tls.within` the session of each connection: reading certificates and
        parameters again for each one would cost more than the rest of the conversation.
        """
        if service not in self._contexts:
            self._contexts[service] = self._context(service)
        return self._contexts[service]

    def _context(self, service: str) -> ssl.SSLContext:
        terms = self.temper.fault.tls if self.temper.fault else TlsTerms()
        return self.recorder.context(
            service=service,
            lane=self.lane,
            names=self.names,
            client_auth="optional",
            certificate=self.certificate,
            ciphers=terms.suites or None,
            minimum=_VERSIONS.get(terms.lowest),
            maximum=_VERSIONS.get(terms.highest),
            dh=self.recorder.pki.short_dh_file if terms.short_dh else None,
            curve=terms.curve or None,
        )

    def end(self, transcript: Transcript, how: str) -> None:
        """Record the end of a connection, after that of a handshake it may have left half-way."""
        self.recorder.lost(transcript.session)
        transcript.end(how)
