"""The finite-field Diffie-Hellman group of the servers: ffdhe2048 (RFC 7919, appendix A.1).

Its prime is computed from the RFC's formula, ``p = 2^2048 - 2^1984 + (floor(2^1918 * e) + 560316) * 2^64 - 1``.
The Python ssl module offers no DHE suite until a group is loaded; MSSanté allows two of them, with at
least 2048 bits (Référentiel socle MSSanté #2 v1.0, ECO.1.1.3).
"""

from __future__ import annotations

import base64
import textwrap

BITS = 2048
_OFFSET = 560316
_E_BITS = 1918


def ffdhe2048_prime() -> int:
    """The 2048-bit safe prime."""
    return (1 << BITS) - (1 << (BITS - 64)) + (_scaled_e(_E_BITS) + _OFFSET) * (1 << 64) - 1


def ffdhe2048_pem() -> str:
    """The group as a ``DH PARAMETERS`` PEM text (PKCS #3): prime and generator 2."""
    # cryptography announces the end of its finite-field Diffie-Hellman: these two integers are written here.
    prime = b"\x02\x82\x01\x01\x00" + ffdhe2048_prime().to_bytes(BITS // 8)
    der = b"\x30\x82\x01\x08" + prime + b"\x02\x01\x02"
    lines = textwrap.wrap(base64.b64encode(der).decode("ascii"), 64)
    return "\n".join(["-----BEGIN DH PARAMETERS-----", *lines, "-----END DH PARAMETERS-----", ""])


def _scaled_e(bits: int) -> int:
    """``floor(2^bits * e)``, by the series of 1/n! with 64 bits to spare."""
    guard = 64
    term = total = 1 << (bits + guard)
    n = 1
    while term:
        term //= n
        total += term
        n += 1
    return total >> guard
