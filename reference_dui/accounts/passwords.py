"""Passwords: how they are kept, and which are too weak."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from .policy import Policy

_COST = {"n": 2**14, "r": 8, "p": 1}
SALT = 16


def sealed(password: str) -> tuple[bytes, bytes]:
    """A new salt and the hash of a password."""
    salt = secrets.token_bytes(SALT)
    return salt, hashed(password, salt)


def hashed(password: str, salt: bytes) -> bytes:
    """The hash of a password (scrypt, RFC 7914)."""
    return hashlib.scrypt(password.encode(), salt=salt, **_COST)


def matches(password: str, salt: bytes, known: bytes) -> bool:
    """Whether a password is the one kept; as slow where none is."""
    return hmac.compare_digest(hashed(password, salt or b"\0" * SALT), known)


def weak(password: str, policy: Policy) -> bool:
    """Whether a password misses the length or the classes of characters that the policy asks for."""
    return len(password) < policy.length or classes(password) < policy.classes


def classes(password: str) -> int:
    """How many of the four classes a password has: lower case, upper case, digits, the rest."""
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(kind(character) for character in password) for kind in kinds)
