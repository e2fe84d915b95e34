"""A mail message taken apart under guard: bounds first, then the standard ``email`` package.

Hostile bytes end in a fault, never in an exception: the tree is built under ``compat32``, which keeps headers as
they came, so that their number and length are bounded before ``policy.default`` decodes them; and everything that
checks read is decoded here once, so that nothing of the ``email`` package is left to fail later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import compat32, default
from functools import lru_cache

MAX_BYTES = 64 * 1024 * 1024
# Messages up to this size are taken apart once for all that reads them.
MAX_REMEMBERED = 512 * 1024
MAX_CONTAINERS = 60
MAX_PARTS = 300
MAX_HEADERS = 300
# The header parsers of the standard library recurse, and take time that grows faster than the value.
MAX_HEADER_CHARACTERS = 32 * 1024
MAX_STRUCTURED_CHARACTERS = 4 * 1024
_STRUCTURED = frozenset(
    {"content-type", "content-disposition", "content-transfer-encoding", "mime-version", "message-id", "date"}
)
# Reports whose fields are read as text; the email package takes them for enclosed messages.
REPORTS = frozenset({"message/disposition-notification", "message/delivery-status"})
# Every level of nesting needs one of these, so their number bounds the depth before anything is parsed.
_CONTAINER = re.compile(rb"(?:\A|[\r\n])content-type:\s*(?:multipart|message)/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MimeFault:
    """Why a message was not read: what was counted, the bound, and the count where it is known."""

    what: str
    limit: int | None = None
    got: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """One header: its value as written, folds and all, and decoded (RFC 2047)."""

    name: str
    raw: str
    value: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One part that holds no other: its type, charset, disposition and file name as declared, its decoded bytes.

    ``choices`` numbers the ``multipart/alternative`` around it, outermost first. An enclosed message is one leaf
    without content: what it holds is not the message's own. The content of a report is its fields, one a line.
    """

    content_type: str
    charset: str | None
    disposition: str | None
    name: str
    content: bytes
    choices: tuple[int, ...] = ()

    @property
    def is_body(self) -> bool:
        """Whether it is the wording of the message rather than an attachment."""
        wording = self.content_type in ("text/plain", "text/html")
        return wording and not self.name and self.disposition != "attachment"


@dataclass(frozen=True, slots=True)
class Mime:
    """A message: its headers and its leaves, in order."""

    headers: tuple[Header, ...]
    leaves: tuple[Leaf, ...]


def parse(raw: bytes) -> Mime | MimeFault:
    """The message, or the fault that stands in its place; never raises."""
    return _remembered(raw) if len(raw) <= MAX_REMEMBERED else _parsed(raw)


# A message is read by many checks, under several profiles.
@lru_cache(maxsize=16)
def _remembered(raw: bytes) -> Mime | MimeFault:
    return _parsed(raw)


def _parsed(raw: bytes) -> Mime | MimeFault:
    if len(raw) > MAX_BYTES:
        return MimeFault("bytes", MAX_BYTES, str(len(raw)))
    containers = sum(1 for _ in _CONTAINER.finditer(raw))
    if containers > MAX_CONTAINERS:
        return MimeFault("containers", MAX_CONTAINERS, str(containers))
    try:
        built = BytesParser(EmailMessage, policy=compat32).parsebytes(raw)
        if fault := _bounded(built):
            return fault
        headers = tuple(Header(name, str(value), _decoded(name, str(value))) for name, value in built.raw_items())
        return Mime(headers, tuple(_leaves(built, ())))
    except Exception as exc:  # noqa: BLE001 - the email package raises many things on hostile bytes; none is our fault
        return MimeFault("parser", None, type(exc).__name__)


def _bounded(root: Message) -> MimeFault | None:
    """The first bound that is passed; every part is ready for decoding when there is none."""
    waiting: list[Message] = [root]
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
    return None if root.keys() else MimeFault("headers", 1, "0")


def _headers_fault(part: Message) -> MimeFault | None:
    headers = list(part.raw_items())
    if len(headers) > MAX_HEADERS:
        return MimeFault("headers", MAX_HEADERS, str(len(headers)))
    for name, value in headers:
        limit = MAX_STRUCTURED_CHARACTERS if name.lower() in _STRUCTURED else MAX_HEADER_CHARACTERS
        if len(str(value)) > limit:
            return MimeFault(f"header {name[:40]}", limit, str(len(str(value))))
    return None


def _decoded(name: str, raw: str) -> str:
    try:
        return str(default.header_fetch_parse(name, raw)).strip()
    except Exception:  # noqa: BLE001 - a value that does not decode is read as written
        return " ".join(raw.split())


def _leaves(part: Message, choices: tuple[int, ...]) -> Iterator[Leaf]:
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        inside = (*choices, id(part)) if part.get_content_subtype() == "alternative" else choices
        for child in part.get_payload():
            if isinstance(child, Message):
                yield from _leaves(child, inside)
        return
    payload = _fields(part) if part.get_content_type() in REPORTS else part.get_payload(decode=True)
    yield Leaf(
        content_type=part.get_content_type(),
        charset=part.get_content_charset(),
        disposition=part.get_content_disposition(),
        name=str(part.get_filename() or ""),
        content=payload if isinstance(payload, bytes) else b"",
        choices=choices,
    )


def _fields(report: Message) -> bytes:
    """The fields of a report, unfolded."""
    inside = report.get_payload()
    blocks = [block for block in inside if isinstance(block, Message)] if isinstance(inside, list) else []
    lines = [f"{name}: {' '.join(str(value).split())}" for block in blocks for name, value in block.raw_items()]
    return "\n".join(lines).encode("utf-8", "replace")
