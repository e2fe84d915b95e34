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


def oakley1024_prime() -> int:
    """The 1024-bit safe prime of the second Oakley group (RFC 2409 §6.2): too short on purpose.

    ``p = 2^1024 - 2^960 - 1 + 2^64 * (floor(2^894 * pi) + 129093)``.
    """
    return (1 << 1024) - (1 << 960) - 1 + ((_scaled_pi(894) + 129093) << 64)


def ffdhe2048_pem() -> str:
    """The 2048-bit group as a ``DH PARAMETERS`` PEM text."""
    return _group_pem(ffdhe2048_prime())


def oakley1024_pem() -> str:
    """The 1024-bit group as a ``DH PARAMETERS`` PEM text."""
    return _group_pem(oakley1024_prime())


def _group_pem(prime: int) -> str:
    """PKCS #3: prime and generator 2."""
    # cryptography announces the end of its finite-field Diffie-Hellman: these two integers are written here.
    size = prime.bit_length() // 8 + 1  # the first octet is zero, for the number is positive
    number = b"\x02\x82" + size.to_bytes(2) + prime.to_bytes(size)
    body = number + b"\x02\x01\x02"
    der = b"\x30\x82" + len(body).to_bytes(2) + body
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


def _scaled_pi(bits: int) -> int:
    """``floor(2^bits * pi)``, by Machin's formula with 64 bits to spare."""
    guard = 64
    one = 1 << (bits + guard)
    return (16 * _arctan_of_inverse(5, one) - 4 * _arctan_of_inverse(239, one)) >> guard


def _arctan_of_inverse(x: int, one: int) -> int:
    term = total = one // x
    n, sign = 3, -1
    while term:
        term //= x * x
        total += sign * (term // n)
        n, sign = n + 2, -sign
    return total
