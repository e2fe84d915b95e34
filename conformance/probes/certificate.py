"""The certificate that a front door shows, in plain values, and whether an authority that is trusted vouches for it."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from conformance.probes.budget import Budget
from conformance.probes.connection import connected
from conformance.probes.target import Target

# X509_V_FLAG_NO_CHECK_TIME (openssl/x509_vfy.h): dates are told, and judged, apart.
NO_CHECK_TIME = ssl.VerifyFlags(0x200000)


# What the library raises on a certificate that it cannot read, whole or in part.
UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


def described(der: bytes) -> Mapping[str, Any]:
    """Subject, names, dates (ISO 8601, UTC), key and signature; only that it does not read, for one that does not."""
    with warnings.catch_warnings():
        # The library warns of what a certificate has out of order; it is told, or not, by what is read of it.
        warnings.simplefilter("ignore")
        try:
            return {"readable": True, **_read(x509.load_der_x509_certificate(der))}
        except UNREADABLE:
            return {"readable": False}


def _read(shown: x509.Certificate) -> Mapping[str, Any]:
    kind, bits = _key(shown)
    return {
        "subject": shown.subject.rfc4514_string()[:300],
        "issuer": shown.issuer.rfc4514_string()[:300],
        "names": _names(shown),
        "not_before": shown.not_valid_before_utc.isoformat(),
        "not_after": shown.not_valid_after_utc.isoformat(),
        "key": kind,
        "bits": bits,
        "hash": shown.signature_hash_algorithm.name if shown.signature_hash_algorithm else "",
    }


def vouched(target: Target, budget: Budget) -> tuple[bool | None, str]:
    """Whether the chain leads to the authority of the target, or of this machine; ``None`` when nothing was concluded.

    Name and dates do not count here: they are faults of their own.
    """
    limit = budget.connection()
    context = ssl.create_default_context(cadata=target.ca or None)
    context.check_hostname = False
    # As for name and dates: a short key is told apart.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.verify_flags |= NO_CHECK_TIME
    try:
        with (
            connected(target, limit) as plain,
            context.wrap_socket(plain, server_hostname=target.server_name),
        ):
            return True, ""
    except ssl.SSLCertVerificationError as exc:
        return False, exc.verify_message
    except OSError as exc:
        return None, type(exc).__name__


def _key(shown: x509.Certificate) -> tuple[str, int]:
    key = shown.public_key()
    match key:
        case rsa.RSAPublicKey():
            return "RSA", key.key_size
        case ec.EllipticCurvePublicKey():
            return "EC", key.key_size
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            return "EdDSA", 256
        case _:
            return type(key).__name__, int(getattr(key, "key_size", 0))


def _names(shown: x509.Certificate) -> list[str]:
    try:
        found = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    names = found.get_values_for_type(x509.DNSName)
    return [*names, *(str(ip) for ip in found.get_values_for_type(x509.IPAddress))][:50]
