"""TLS handshake messages, read: ClientHello, ServerHello, Certificate (RFC 5246 §7.4, RFC 8446 §4).

Input is one whole handshake message with its four-byte header. A message that does not parse raises
:class:`ValueError`; nothing is read beyond the lengths that the message announces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
# RFC 8446 §4.2 and RFC 6066 §3: the extensions read here.
_SERVER_NAME, _GROUPS, _SIGNATURES, _VERSIONS = 0, 10, 13, 43
# RFC 8446 §6.2, with the names of RFC 5246 §7.2.2 that it dropped.
ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}


class _Reader:
    """A cursor that never leaves its bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def take(self, count: int) -> bytes:
        if count > len(self.content) - self.at:
            raise ValueError("a handshake message is cut short")
        self.at += count
        return self.content[self.at - count : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def vector(self, size: int) -> bytes:
        """Bytes preceded by their length on ``size`` bytes."""
        return self.take(self.number(size))

    @property
    def more(self) -> bool:
        return self.at < len(self.content)


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a client offers, in its order; GREASE values (RFC 8701) left out.

    ``versions`` is the list of the supported_versions extension; without it, the one legacy version, which
    stands for that version and those below. Numbers are spelt ``0xC030``.
    """

    legacy_version: str
    versions: tuple[str, ...]
    suites: tuple[str, ...]
    groups: tuple[str, ...]
    signature_algorithms: tuple[str, ...]
    server_name: str | None

    @classmethod
    def parse(cls, message: bytes) -> ClientHello:
        """Read a ClientHello."""
        reader = _body(message, 1)
        legacy = _version(reader.number(2))
        reader.take(32)
        reader.vector(1)
        suites = _codes(reader.vector(2))
        reader.vector(1)
        found = dict(_extensions(reader))
        offered = _pairs(_Reader(found[_VERSIONS]).vector(1)) if _VERSIONS in found else ()
        return cls(
            legacy_version=legacy,
            versions=tuple(_version(v) for v in offered if not _grease(v)) or (legacy,),
            suites=suites,
            groups=_codes(_Reader(found[_GROUPS]).vector(2)) if _GROUPS in found else (),
            signature_algorithms=_codes(_Reader(found[_SIGNATURES]).vector(2)) if _SIGNATURES in found else (),
            server_name=_host(found.get(_SERVER_NAME, b"")),
        )

    def as_json(self) -> dict[str, Any]:
        """The data of a ``tls.client-hello`` record."""
        return {
            "legacy_version": self.legacy_version,
            "versions": list(self.versions),
            "suites": list(self.suites),
            "groups": list(self.groups),
            "signature_algorithms": list(self.signature_algorithms),
            "server_name": self.server_name,
        }


def server_choice(message: bytes) -> tuple[str, str]:
    """Version and suite (``0x…``) that a ServerHello chose."""
    reader = _body(message, 2)
    version = reader.number(2)
    reader.take(32)
    reader.vector(1)
    suite = reader.number(2)
    reader.take(1)
    if chosen := dict(_extensions(reader)).get(_VERSIONS):
        version = int.from_bytes(chosen)
    return _version(version), _code(suite)


def first_certificate(message: bytes, version: str) -> bytes | None:
    """The sender's own certificate (DER) of a Certificate message; ``None`` when it sent none."""
    reader = _body(message, 11)
    if version == "TLSv1.3":
        reader.vector(1)
    entries = _Reader(reader.vector(3))
    return entries.vector(3) if entries.more else None


def _body(message: bytes, kind: int) -> _Reader:
    reader = _Reader(message)
    if reader.number(1) != kind:
        raise ValueError("another handshake message")
    return _Reader(reader.vector(3))


def _extensions(reader: _Reader) -> Iterator[tuple[int, bytes]]:
    if reader.more:
        extensions = _Reader(reader.vector(2))
        while extensions.more:
            yield extensions.number(2), extensions.vector(2)


def _host(extension: bytes) -> str | None:
    if not extension:
        return None
    names = _Reader(_Reader(extension).vector(2))
    while names.more:
        kind, name = names.number(1), names.vector(2)
        if kind == 0:
            return name.decode("ascii", "backslashreplace")
    return None


def _pairs(content: bytes) -> list[int]:
    reader = _Reader(content)
    return [reader.number(2) for _ in range(len(content) // 2)]


def _codes(content: bytes) -> tuple[str, ...]:
    return tuple(_code(value) for value in _pairs(content) if not _grease(value))


def _grease(value: int) -> bool:
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF


def _code(value: int) -> str:
    return f"0x{value:04X}"


def _version(value: int) -> str:
    return VERSIONS.get(value, _code(value))
