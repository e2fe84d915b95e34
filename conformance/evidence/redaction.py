"""Secrets of the product become placeholders at capture, once, before anything is written.

A placeholder keeps equality (the same secret gives the same placeholder in a run) and nothing else:
``<secret:`` + 16 hexadecimal digits of HMAC-SHA-256 + ``>``, keyed by the salt kept in the evidence.
What the harness mints itself (tokens of the simulated services, fictitious identities) is no secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_from_bytes

_SECRET_NAMES = re.compile(
    r"(?i)^(password|passwd|passphrase|client_secret|api[-_]?key|esante-api-key|private_key|control[-_]?token|otpauth)$"
)
_PRIVATE_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----.*?-----END (?:[A-Z]+ )*PRIVATE KEY-----", re.DOTALL
)
# What every such block holds: looked for first, twenty times as fast as the expression.
_PRIVATE_KEY_SIGN = b"PRIVATE KEY-----"
MIN_SECRET = 6


class Redactor:
    """Replaces declared secrets wherever they stand, and named secret fields whatever they hold."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        # Longest first: a secret may stand inside another.
        self._known: tuple[tuple[bytes, bytes], ...] = ()

    def declare(self, *secrets: str | bytes) -> None:
        """Make values secret from now on, in the spellings the wire may carry (plain, base64, percent, hexadecimal).

        Values shorter than six bytes are refused with :class:`ValueError`: replacing them everywhere would
        destroy the evidence.
        """
        for secret in secrets:
            raw = secret.encode() if isinstance(secret, str) else secret
            if len(raw) < MIN_SECRET:
                raise ValueError("a secret to redact needs at least six bytes")
            known = {**dict(self._known), **dict.fromkeys(_spellings(raw), self.placeholder(raw).encode())}
            self._known = tuple(sorted(known.items(), key=lambda one: len(one[0]), reverse=True))

    def placeholder(self, secret: bytes) -> str:
        """The stand-in of one secret."""
        return f"<secret:{hmac.new(self._salt, secret, hashlib.sha256).hexdigest()[:16]}>"

    def content(self, content: bytes) -> bytes:
        """Bytes without declared secrets or private keys; the very same where there are none."""
        if _PRIVATE_KEY_SIGN in content:
            content = _PRIVATE_KEY.sub(lambda found: self.placeholder(found.group()).encode(), content)
        for secret, placeholder in self._known:
            if secret in content:
                content = content.replace(secret, placeholder)
        return content

    def text(self, text: str) -> str:
        """As :meth:`content`, for text."""
        raw = text.encode("utf-8", "surrogateescape")
        clean = self.content(raw)
        return text if clean is raw else clean.decode("utf-8", "surrogateescape")

    def data(self, value: Any, name: str = "") -> Any:
        """A JSON value without secrets; a member with a secret's name is replaced whole."""
        if isinstance(value, dict):
            return {self.text(str(key)): self.data(member, str(key)) for key, member in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(member, name) for member in value]
        if isinstance(value, str):
            if value and _SECRET_NAMES.match(name) and not value.startswith("<secret:"):
                return self.placeholder(value.encode())
            return self.text(value)
        return value


def _spellings(raw: bytes) -> Iterator[bytes]:
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield quote_from_bytes(raw, safe="").encode()
    # Inside a longer base64 text (``user:secret``) a secret starts at one of three alignments; the characters that
    # it shares with its neighbours are left out. RFC 4648 section 4, and section 5 for the URL alphabet.
    for offset, shared in ((0, 0), (1, 2), (2, 3)):
        text = base64.b64encode(b"\0" * offset + raw).rstrip(b"=")
        core = text[shared:] if (offset + len(raw)) % 3 == 0 else text[shared:-1]
        if len(core) >= MIN_SECRET:
            yield core
            yield core.replace(b"+", b"-").replace(b"/", b"_")
