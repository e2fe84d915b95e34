"""How the doors open a box at Dovecot once the gate has let a client in: with the client's own token where it has one."""

from __future__ import annotations

import base64

PLAIN = "PLAIN"


def response(mechanism: str, message: bytes, address: str, password: str) -> tuple[str, bytes]:
    """The mechanism and the initial response for Dovecot.

    XOAUTH2 is passed on as it came: Dovecot verifies the token again, by itself. The certificate of an APP box was proved
    to the door, whose password stands for it (RFC 4616).
    """
    if mechanism != PLAIN:
        return mechanism, base64.b64encode(message)
    return PLAIN, base64.b64encode(b"\0" + address.encode() + b"\0" + password.encode())
