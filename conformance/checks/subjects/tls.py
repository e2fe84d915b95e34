"""What a product offered and agreed in TLS towards the MSSanté operator: ClientHello and handshake.

Only the API LPS (SMTP and IMAP) is read: the cryptographic rules of the MSSanté client referential bear on the
connection to the operator's mail servers (Référentiel socle MSSanté #2 v1.0, ECO.1.1.1 and ECO.1.1.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.subjects.window import IMAP, SMTP
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

MAIL_SERVICES = (SMTP, IMAP)
# Not ciphers: signals of renegotiation and of a downgraded retry (RFC 5746 §3.3, RFC 7507 §7).
SIGNALLING = frozenset({0x00FF, 0x5600})
ANY_VERSION = ("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3")


def suite_number(value: object) -> int | None:
    """A cipher suite as its number: ``0xC030``, ``"0xc030"`` or ``49200``; ``None`` for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        return int(str(value), 16)
    except ValueError:
        return None


def suite_label(number: int) -> str:
    """How a suite is written: ``0xC030``."""
    return f"0x{number:04X}"


def is_grease(number: int) -> bool:
    """Whether a suite is a reserved dummy, which a client adds so that servers stay tolerant (RFC 8701 §2)."""
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


def is_tls13(number: int) -> bool:
    """Whether a suite belongs to TLS 1.3, whose suites name no key exchange (RFC 8446 §B.4)."""
    return number >> 8 == 0x13


@dataclass(frozen=True)
class TlsOffer:
    """One ClientHello: the versions and the suites that the product offered, in its order."""

    service: str
    versions: tuple[str, ...]
    suites: tuple[int, ...]
    evidence: tuple[str, ...]

    @property
    def ciphers(self) -> tuple[int, ...]:
        """The suites that name a cipher for TLS 1.2 or less: no GREASE, no signal, no TLS 1.3."""
        return tuple(s for s in self.suites if s not in SIGNALLING and not is_grease(s) and not is_tls13(s))

    @classmethod
    def of(cls, observation: Observation) -> Iterator[TlsOffer]:
        """Every ClientHello sent to the operator's mail servers."""
        for record in observation.of_kind("tls.client-hello"):
            if record.service in MAIL_SERVICES:
                numbers = (suite_number(s) for s in record.data.get("suites") or ())
                yield cls(
                    service=record.service,
                    versions=_versions(record),
                    suites=tuple(n for n in numbers if n is not None),
                    evidence=(record.id,),
                )


@dataclass(frozen=True)
class AnyOffer:
    """One ClientHello, to whichever service: versions, suites, groups and signature schemes, in its order."""

    service: str
    versions: tuple[str, ...]
    suites: tuple[int, ...]
    groups: tuple[int, ...]
    signatures: tuple[int, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[AnyOffer]:
        """Every ClientHello of the window."""
        for record in observation.of_kind("tls.client-hello"):
            yield cls(
                service=record.service,
                versions=_versions(record),
                suites=_numbers(record, "suites"),
                groups=_numbers(record, "groups"),
                signatures=_numbers(record, "signature_algorithms"),
                evidence=(*observation.frame_evidence, record.id),
            )


@dataclass(frozen=True)
class TlsHandshake:
    """One completed handshake: what both ends agreed on, and the certificate that the product showed."""

    service: str
    version: str
    suite: int | None
    suite_name: str
    client_certificate: str | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[TlsHandshake]:
        """Every handshake with the operator's mail servers that came to its end."""
        for record in observation.of_kind("tls.handshake"):
            if record.service in MAIL_SERVICES and record.data.get("outcome") == "ok":
                yield cls.read(record)

    @classmethod
    def read(cls, record: Record) -> TlsHandshake:
        """The handshake that one ``tls.handshake`` record tells."""
        certificate = record.data.get("client_certificate")
        return cls(
            service=record.service,
            version=str(record.data.get("version") or ""),
            suite=suite_number(record.data.get("suite")),
            suite_name=str(record.data.get("suite_name") or ""),
            client_certificate=str(certificate) if certificate else None,
            evidence=(record.id,),
        )


def _numbers(record: Record, name: str) -> tuple[int, ...]:
    numbers = (suite_number(value) for value in record.data.get(name) or ())
    return tuple(number for number in numbers if number is not None)


def _versions(record: Record) -> tuple[str, ...]:
    # A client without the supported_versions extension offers its legacy version and, by it, all older ones.
    listed = tuple(str(v) for v in record.data.get("versions") or ())
    if listed:
        return listed
    legacy = str(record.data.get("legacy_version") or "")
    return ANY_VERSION[ANY_VERSION.index(legacy) :] if legacy in ANY_VERSION else ((legacy,) if legacy else ())
