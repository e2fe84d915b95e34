"""The text of a message after DATA: ended by CR LF dot CR LF and nothing else, and bounded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from conformance.services.mssante.limits import Limits

END = b".\r\n"


@dataclass(slots=True)
class Text:
    """What was read; ``refusal`` is the reply to a text that cannot be taken, ``complete`` whether its end came."""

    content: bytes = b""
    refusal: str = ""
    complete: bool = True


async def read_text(reader: asyncio.StreamReader, limits: Limits) -> Text:
    """Read a text and undo its transparency (RFC 5321 §4.5.2).

    A bare LF or a bare CR never ends a line, so that ``LF . LF`` is text (RFC 5321 §4.1.1.4; the attack known as
    SMTP smuggling). A text over the limit is read to its end and refused; at twice the limit it is given up.
    """
    kept = bytearray()
    size = 0
    refusal = ""
    at_start = True
    while size <= 2 * limits.message:
        try:
            line = await reader.readuntil(b"\r\n")
        except asyncio.LimitOverrunError as overrun:
            size += len(await reader.readexactly(overrun.consumed))
            refusal = refusal or "500 5.6.0 Line of text too long"
            at_start = False
            continue
        if at_start and line == END:
            return Text(bytes(kept), refusal)
        stuffed = at_start and line.startswith(b".")
        at_start = True
        size += len(line) - stuffed
        if size > limits.message:
            refusal = "552 5.3.4 Message size exceeds the limit"
        if refusal:
            kept.clear()
        else:
            kept += line[stuffed:]
    return Text(refusal="552 5.3.4 Message size exceeds the limit", complete=False)
