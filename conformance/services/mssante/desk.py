"""What every session of an operator works with: its boxes, its gate, its journal and its TLS."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from conformance.evidence.journal import Journal
from conformance.services.mssante.boxes import Boxes
from conformance.services.mssante.gate import Gate
from conformance.services.mssante.limits import Limits
from conformance.services.mssante.transcript import Transcript
from conformance.services.tls import TlsRecorder


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of one lane's operator that its sessions share; ``names`` are those of the server certificate."""

    lane: str
    journal: Journal
    recorder: TlsRecorder
    boxes: Boxes
    gate: Gate
    limits: Limits
    names: tuple[str, ...]

    def transcript(self, service: str, family: str) -> Transcript:
        """The records of a new connection."""
        return Transcript(self.journal, service, self.lane, family)

    def tls(self, transcript: Transcript) -> ssl.SSLContext:
        """The TLS context of one connection: it asks for a client certificate and does without."""
        return self.recorder.context(
            service=transcript.service,
            lane=self.lane,
            session=transcript.session,
            names=self.names,
            client_auth="optional",
        )

    def end(self, transcript: Transcript, how: str) -> None:
        """Record the end of a connection, after that of a handshake it may have left half-way."""
        self.recorder.lost(transcript.session)
        transcript.end(how)
