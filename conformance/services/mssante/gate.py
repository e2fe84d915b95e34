"""Who may open a box, and how: XOAUTH2 for PER and ORG, client certificate and PLAIN for APP.

Référentiel socle MSSanté #2 v1.0, ECO.1.2.1 (MSS/CONF.07) for PER and ORG, MSS/CONF.12 for APP.
The password that goes with PLAIN is not specified by the referential: any is taken and none is kept (hypothesis);
what authenticates an APP box is its certificate.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from conformance.services.mssante.boxes import Box, Boxes

MECHANISMS = ("XOAUTH2", "PLAIN")
USER = 320

# The error challenge of XOAUTH2 (developers.google.com/gmail/imap/xoauth2-protocol, "Error response").
XOAUTH2_ERROR = json.dumps({"status": "401", "schemes": "bearer"}).encode()


class TokenFacts(Protocol):
    """What the identity provider of the bench says of an access token."""

    @property
    def token_id(self) -> str | None: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def active(self) -> bool: ...
    @property
    def reason(self) -> str | None: ...


Verify = Callable[[str], TokenFacts]
# What ``SSLObject.getpeercert()`` gives: empty or None when no certificate was shown and verified.
Certificate = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of one attempt; ``box`` is set only when it succeeded, ``reason`` only when it did not."""

    mechanism: str
    user: str
    box: Box | None = None
    reason: str = ""
    token_id: str | None = None

    def refused(self, reason: str) -> Answer:
        """The same attempt, refused after all."""
        return replace(self, box=None, reason=reason)


def decode(blob: bytes) -> bytes | None:
    """The bytes of a base64 SASL message; ``=`` stands for an empty one (RFC 4954 §4, RFC 4959 §3)."""
    if blob == b"=":
        return b""
    try:
        return base64.b64decode(blob, validate=True)
    except binascii.Error:
        return None


class Gate:
    """Answers attempts for the boxes of one lane; keeps no token and no password."""

    def __init__(self, boxes: Boxes, verify: Verify) -> None:
        self._boxes = boxes
        self._verify = verify

    def answer(self, mechanism: str, message: bytes | None, certificate: Certificate) -> Answer:
        """Judge one decoded SASL message; ``None`` is a message that is not base64."""
        if message is None:
            return Answer(mechanism, "", reason="malformed")
        if mechanism == "XOAUTH2":
            return self._xoauth2(message)
        return self._plain(message, certificate)

    def _xoauth2(self, message: bytes) -> Answer:
        # user={user}^Aauth=Bearer {token}^A^A (same page as XOAUTH2_ERROR, "Initial client response").
        user_field, _, rest = message.partition(b"\x01")
        name, _, user_bytes = user_field.partition(b"=")
        scheme, _, token = rest.removesuffix(b"\x01\x01").removeprefix(b"auth=").partition(b" ")
        user = _text(user_bytes)
        well_formed = rest.startswith(b"auth=") and rest.endswith(b"\x01\x01") and scheme.lower() == b"bearer"
        if name != b"user" or not user or not well_formed or not token or b"\x01" in token:
            return Answer("XOAUTH2", user, reason="malformed")
        facts = self._verify(token.decode("ascii", "replace"))
        box = self._boxes.get(user)
        reason = ""
        if not facts.active:
            reason = facts.reason or "token-inactive"
        elif box is None:
            reason = "unknown-box"
        elif box.kind not in ("PER", "ORG"):
            reason = "wrong-kind"
        elif box.owner and box.owner != facts.subject:
            reason = "not-owner"
        return Answer("XOAUTH2", user, None if reason else box, reason, facts.token_id or None)

    def _plain(self, message: bytes, certificate: Certificate) -> Answer:
        parts = message.split(b"\0")  # RFC 4616 §2: authzid NUL authcid NUL passwd
        if len(parts) != 3 or not parts[1]:
            return Answer("PLAIN", "", reason="malformed")
        user = _text(parts[1])
        box = self._boxes.get(user)
        reason = ""
        if not certificate:
            reason = "no-client-certificate"
        elif box is None:
            reason = "unknown-box"
        elif box.kind != "APP":
            reason = "wrong-kind"
        elif parts[0] and _text(parts[0]).lower() != user.lower():
            reason = "other-authorization"
        elif box.owner and box.owner != _common_name(certificate):
            reason = "not-owner"
        return Answer("PLAIN", user, None if reason else box, reason)


def _text(raw: bytes) -> str:
    return raw[:USER].decode("utf-8", "replace")


def _common_name(certificate: Mapping[str, Any]) -> str:
    names = [value for rdn in certificate.get("subject", ()) for key, value in rdn if key == "commonName"]
    return str(names[-1]) if names else ""
