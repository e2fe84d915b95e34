"""Revocation of the operator's certificate, by the CRL that it names (MSS/va1.05); the last good CRL is kept (MSS/CONF.22).

The check comes right after the handshake and before any credential: the ssl module cannot fetch a CRL by itself.
"""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509

from .faults import MailFault
from .sins import Sins

MAX_CRL = 1024 * 1024
TIMEOUT = 5.0
# Seconds for which a CRL is used without asking again.
FRESH = 60.0


class Revocations:
    """The CRL known to the product, by the address where they are published; in memory."""

    def __init__(self, sins: Sins) -> None:
        self._sins = sins
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[x509.CertificateRevocationList, float]] = {}

    def check(self, certificate: bytes | None, ca_pem: str) -> None:
        """Raise :class:`MailFault` for a certificate (DER) that is revoked, or whose CRL cannot be had.

        A certificate that names no CRL is taken as it is.
        """
        if self._sins.has("never-asks-for-revocation") or self._sins.has("accepts-any-authority") or not certificate:
            return
        shown = x509.load_der_x509_certificate(certificate)
        for url in _addresses(shown):
            revocations = self._list(url, ca_pem)
            if revocations.get_revoked_certificate_by_serial_number(shown.serial_number) is not None:
                raise MailFault("refdui.fault.revoked", transient=False, host=_name(shown))

    def _list(self, url: str, ca_pem: str) -> x509.CertificateRevocationList:
        with self._lock:
            kept, at = self._kept.get(url, (None, 0.0))
            if kept is not None and not self._current(kept):
                kept = None
            if self._sins.has("forgets-the-revocation-list"):
                kept = None
            if kept is not None and time.monotonic() - at < FRESH:
                return kept
            with suppress(OSError, http.client.HTTPException, ValueError):
                fetched = _verified(_fetch(url), ca_pem)
                if self._current(fetched):
                    self._kept[url] = (fetched, time.monotonic())
                    return fetched
            if kept is None:
                raise MailFault("refdui.fault.no-revocation-list", host=url)
            return kept

    @staticmethod
    def _current(revocations: x509.CertificateRevocationList) -> bool:
        until = revocations.next_update_utc
        return until is not None and datetime.now(UTC) < until


def _addresses(certificate: x509.Certificate) -> list[str]:
    with suppress(x509.ExtensionNotFound):
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        return [name.value for point in points for name in point.full_name or () if name.value.startswith("http://")]
    return []


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()[:200]


def _fetch(url: str) -> bytes:
    """One GET in clear: what it brings is signed (RFC 5280 §8)."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        content = answer.read(MAX_CRL + 1)
    finally:
        connection.close()
    if answer.status != 200 or len(content) > MAX_CRL:
        raise ValueError(url)
    return content


def _verified(der: bytes, ca_pem: str) -> x509.CertificateRevocationList:
    """The list, once its signature is that of the trusted authority; raises :class:`ValueError`."""
    revocations = x509.load_der_x509_crl(der)
    authority = x509.load_pem_x509_certificate(ca_pem.encode("ascii"))
    key = authority.public_key()
    if revocations.issuer != authority.subject or not revocations.is_signature_valid(key):  # type: ignore[arg-type]
        raise ValueError("signature")
    return revocations
