"""How much, how long and how often the operator puts up with: every reader of the network is bounded here."""

from __future__ import annotations

from dataclasses import dataclass

# Size over which a message comes back undelivered, 25 MB (documentation of the Mon espace santé messaging).
# Whether the operator counts in thousands or in 1024s is not published: the larger reading is taken, a hypothesis.
MESSAGE = 25 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are in bytes, times in seconds.

    ``line`` bounds a command line (RFC 2683 §3.2.1.5 advises 8000 for IMAP; RFC 5321 §4.5.3.1.4 asks for 512 and
    room for AUTH), ``text_line`` a line of message text, above the 998 of RFC 5322 so that a careless product
    is recorded rather than cut off. ``commands``, ``errors`` and ``attempts`` (of authentication) count by
    connection. ``idle`` is the silence, and the unread output, that ends a session; ``transfer`` the whole time a
    message may take; ``wait`` how long IDLE lasts; ``box`` bounds the bytes of one box, and ``messages`` their number.
    """

    message: int = MESSAGE
    line: int = 12 * 1024
    text_line: int = 64 * 1024
    commands: int = 10_000
    errors: int = 20
    attempts: int = 5
    recipients: int = 100
    literals: int = 32
    connections: int = 100
    folders: int = 100
    box: int = 512 * 1024 * 1024
    messages: int = 20_000
    idle: float = 300.0
    handshake: float = 20.0
    transfer: float = 600.0
    wait: float = 1800.0
