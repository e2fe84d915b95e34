"""The second means of a fictitious person: the one-time codes of the address that a product gives (RFC 6238)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

# What holds where the address does not say (RFC 6238 §4.1, RFC 4226 §5.3).
PERIOD, DIGITS, HASH = 30, 6, "SHA1"
# Seconds that a code may take to its judge: one of a step that ends sooner is not given.
MARGIN = 3.0
HASHES = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}


@dataclass
class Device:
    """An application on a telephone; it gives each code once, for a product may refuse one that it accepted."""

    secret: bytes
    period: int = PERIOD
    digits: int = DIGITS
    hash: str = HASH
    used: int = 0

    @classmethod
    def of(cls, address: str) -> Device | None:
        """Read an ``otpauth://totp/`` address; ``None`` for one that is not."""
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        text = asked.get("secret", "").rstrip("=").upper()
        try:
            secret = base64.b32decode(text + "=" * (-len(text) % 8))
            period, digits = int(asked.get("period", PERIOD)), int(asked.get("digits", DIGITS))
        except (binascii.Error, ValueError):
            return None
        name = asked.get("algorithm", HASH).upper()
        known = name in HASHES and 1 <= period <= 300 and 6 <= digits <= 8
        if (parts.scheme, parts.netloc) != ("otpauth", "totp") or not secret or not known:
            return None
        return cls(secret, period, digits, name)

    def code(self) -> str:
        """A code that was not given yet: the one before now's, then now's, then after a while the next.

        A product accepts the one before for the time that typing takes (RFC 6238 §5.2).
        """
        now = int(time.time() + MARGIN) // self.period
        step = max(now - 1, self.used + 1)
        time.sleep(max(0.0, step * self.period - time.time()))
        self.used = step
        return self.at(step)

    def at(self, step: int) -> str:
        """The code of a step (RFC 4226 §5.3)."""
        digest = hmac.new(self.secret, step.to_bytes(8, "big"), HASHES[self.hash]).digest()
        place = digest[-1] & 15
        number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
        return f"{number % 10**self.digits:0{self.digits}d}"
