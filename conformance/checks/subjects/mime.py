"""A mail message taken apart under guard: bounds first, then the standard ``email`` package.

Hostile bytes end in a fault, never in an exception. The tree is built under ``compat32``, which keeps headers as
they came, so that their number and length are bounded before ``policy.default`` decodes any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import compat32, default

MAX_BYTES = 64 * 1024 * 1024
MAX_CONTAINERS = 60
MAX_PARTS = 300
MAX_HEADERS = 300
MAX_HEADER_CHARACTERS = 64 * 1024
MAX_STRUCTURED_CHARACTERS = 8 * 1024

# Every level of nesting needs one of these, so their number bounds the depth before anything is parsed.
_CONTAINER = re.compile(rb"(?:\A|[\r\n])content-type:\s*(?:multipart|message)/", re.IGNORECASE)
# The header parsers of the standard library take time that grows faster than the value (python/cpython).
_STRUCTURED = frozenset(
    {"content-type", "content-disposition", "content-transfer-encoding", "mime-version", "message-id", "date"}
)


@dataclass(frozen=True, slots=True)
class MimeFault:
    """Why a message was not read: what was counted, the bound, and the count where it is known."""

    what: str
    limit: int | None = None
    got: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """One leaf that is not the body: its file name as written, its type, and its decoded bytes."""

    name: str
    content_type: str
    content: bytes


def parse(raw: bytes) -> EmailMessage | MimeFault:
    """The message, or the fault that stands in its place."""
    if len(raw) > MAX_BYTES:
        return MimeFault("bytes", MAX_BYTES, str(len(raw)))
    containers = sum(1 for _ in _CONTAINER.finditer(raw))
    if containers > MAX_CONTAINERS:
        return MimeFault("containers", MAX_CONTAINERS, str(containers))
    try:
        built = _message(raw)
        return _guarded(built) or built
    except Exception as exc:  # noqa: BLE001 - the email package raises many things on hostile bytes; none is our fault
        return MimeFault("parser", None, type(exc).__name__)


def leaves(message: Message) -> Iterator[EmailMessage]:
    """The leaves of a message in order; an enclosed message is one leaf, and what it holds is not looked into."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from leaves(part)
    elif isinstance(message, EmailMessage):
        yield message


def content_of(part: EmailMessage) -> bytes:
    """The decoded bytes of a leaf; what does not decode comes as it is."""
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    return b"".join(child.as_bytes() for child in part.get_payload() if isinstance(child, Message))


def attachment_of(part: EmailMessage) -> Attachment | None:
    """The attachment that a leaf is, or ``None`` for a leaf of the body."""
    name = str(part.get_filename() or "")
    body = part.get_content_type() in ("text/plain", "text/html")
    if body and not name and part.get_content_disposition() != "attachment":
        return None
    return Attachment(name, part.get_content_type(), content_of(part))


def _message(raw: bytes) -> EmailMessage:
    built = BytesParser(EmailMessage, policy=compat32).parsebytes(raw)
    if not isinstance(built, EmailMessage):
        raise TypeError(type(built).__name__)
    return built


def _guarded(built: Message) -> MimeFault | None:
    waiting: list[Message] = [built]
    seen = 0
    while waiting:
        part = waiting.pop()
        seen += 1
        if seen > MAX_PARTS:
            return MimeFault("parts", MAX_PARTS)
        if fault := _headers_fault(part):
            return fault
        part.policy = default
        if part.is_multipart():
            waiting += [child for child in part.get_payload() if isinstance(child, Message)]
    if not built.keys():
        return MimeFault("headers", 1, "0")
    return None


def _headers_fault(part: Message) -> MimeFault | None:
    headers = list(part.raw_items())
    if len(headers) > MAX_HEADERS:
        return MimeFault("headers", MAX_HEADERS, str(len(headers)))
    for name, value in headers:
        limit = MAX_STRUCTURED_CHARACTERS if name.lower() in _STRUCTURED else MAX_HEADER_CHARACTERS
        if len(str(value)) > limit:
            return MimeFault(f"header {name[:40]}", limit, str(len(str(value))))
    return None
