"""The second means of an account: one-time codes of an application on a telephone (TOTP, RFC 6238)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from urllib.parse import quote, urlencode

from .. import facts
from ..sins import Sins
from ..store import Store

# RFC 6238 §4.1 and RFC 4226 §5.3: steps of thirty seconds, six digits, SHA-1; a secret of 160 bits (RFC 4226 §4, R6).
PERIOD, DIGITS, SECRET = 30, 6, 20
# One step late is allowed for the way (RFC 6238 §5.2).
LATE = 1


class Devices:
    """The device of each account; an account has one at most."""

    def __init__(self, store: Store, sins: Sins) -> None:
        self._store = store
        self._sins = sins

    def enrol(self, login: str) -> str:
        """A new device in place of the former one; answers the address that its application reads."""
        secret = base64.b32encode(secrets.token_bytes(SECRET)).decode()
        row = (login, secret, time.time(), 0, 1)
        self._store.run("INSERT OR REPLACE INTO devices VALUES (?, ?, ?, ?, ?)", *row)
        query = urlencode({"secret": secret, "issuer": facts.NAME, "period": PERIOD, "digits": DIGITS})
        return f"otpauth://totp/{quote(login)}?{query}"

    def has(self, login: str) -> bool:
        """Whether an account has a device in service."""
        return self._store.row("SELECT 1 FROM devices WHERE login = ? AND active = 1", login) is not None

    def disable(self, login: str) -> None:
        """Put a device out of service: it was lost or stolen."""
        if not self._sins.has("keeps-lost-devices"):
            self._store.run("UPDATE devices SET active = 0 WHERE login = ?", login)

    def since(self, login: str) -> float:
        """When the device in service was enrolled."""
        row = self._store.row("SELECT since FROM devices WHERE login = ? AND active = 1", login)
        return float(row["since"]) if row else 0.0

    def backdate(self, login: str, seconds: float) -> None:
        """Make a device older."""
        self._store.run("UPDATE devices SET since = since - ? WHERE login = ?", seconds, login)

    def accepts(self, login: str, code: str) -> bool:
        """Whether a code is the device's own of now, never accepted before (RFC 6238 §5.2)."""
        row = self._store.row("SELECT secret, step FROM devices WHERE login = ? AND active = 1", login)
        if row is None:
            return False
        now = int(time.time()) // PERIOD
        for step in range(max(now - LATE, row["step"] + 1), now + 1):
            if hmac.compare_digest(code_of(row["secret"], step).encode(), code.encode()):
                self._store.run("UPDATE devices SET step = ? WHERE login = ?", step, login)
                return True
        return False


def code_of(secret: str, step: int) -> str:
    """The code of a secret at a step (RFC 4226 §5.3)."""
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
