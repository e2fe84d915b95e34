"""An HTTP body in parts (MTOM/XOP, W3C 2005): ``multipart/related``, split under guard and byte for byte.

Accepts what a trace holds: the bare body, the body under its header fields, or the whole request. The parts are cut
at ``CRLF--boundary`` and never decoded as text, so that a binary part comes out as it went in (RFC 2046, 5.1.1).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_BYTES = 64 * 1024 * 1024
MAX_PARTS = 200
MAX_HEAD = 16 * 1024
XOP = b"application/xop+xml"
_START_LINE = re.compile(rb"(?:POST|PUT) \S{1,2000} HTTP/1\.[01]\r?\n|HTTP/1\.[01] \d{3}[^\r\n]{0,200}\r?\n")
_FIELD = re.compile(rb"([A-Za-z0-9-]{1,80}):[ \t]*((?:[^\r\n]|\r?\n[ \t])*)")
_BOUNDARY = re.compile(r"""boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))""", re.IGNORECASE)
_START = re.compile(r"""start=(?:"([^"]{1,500})"|([^\s;"]{1,500}))""", re.IGNORECASE)
_AS_IT_IS = ("", "binary", "8bit", "7bit")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its content id without angle brackets, its type, its bytes."""

    id: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Package:
    """The root part, and the others by content id; ``fault`` (code, expected, got) stands in their place."""

    root: bytes = b""
    parts: Mapping[str, Part] = field(default_factory=dict)
    fault: tuple[str, str | None, str | None] | None = None
    repeated: tuple[str, ...] = ()


def looks_like_parts(content: bytes) -> bool:
    """Whether the first bytes are those of an MTOM package."""
    head = content[:MAX_HEAD]
    if XOP not in head.lower():
        return False
    opening = head.lstrip(b"\r\n")
    return bool(opening.startswith(b"--") or _START_LINE.match(opening) or _FIELD.match(opening))


def split(content: bytes, content_type: str | None = None) -> Package:
    """Cut a package in its parts; never raises. ``content_type`` is that of the HTTP exchange, where it is known."""
    if len(content) > MAX_BYTES:
        return _faulted("xds.request.too-much", f"≤ {MAX_BYTES}", str(len(content)))
    body = content.lstrip(b"\r\n")
    if content_type is None and not body.startswith(b"--"):
        fields, body = _headed(_START_LINE.sub(b"", body, count=1))
        content_type = fields.get("content-type")
    boundary = _parameter(_BOUNDARY, content_type) or _first_boundary(body)
    if not boundary:
        return _faulted("xds.request.parts", "boundary", content_type)
    mark = b"--" + boundary.encode("latin-1", "replace")
    # A trace saved as text may have lost the carriage returns.
    line = b"\r\n" if b"\r\n" + mark in body else b"\n"
    pieces = (line + body).split(line + mark, MAX_PARTS + 2)
    if len(pieces) > MAX_PARTS + 2:
        return _faulted("xds.request.too-much", f"parts ≤ {MAX_PARTS}", f"> {MAX_PARTS}")
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        return _faulted("xds.request.parts", f"--{boundary}--", None)
    return _packaged(pieces[1:-1], _parameter(_START, content_type))


def _packaged(pieces: list[bytes], start: str | None) -> Package:
    parts: list[Part] = []
    for piece in pieces:
        fields, content = _headed(piece.partition(b"\n")[2])
        encoding = fields.get("content-transfer-encoding", "").strip().lower()
        if encoding == "base64":
            try:
                content = base64.b64decode(b"".join(content.split()), validate=True)
            except (binascii.Error, ValueError):
                return _faulted("xds.request.parts", "base64", fields.get("content-id"))
        elif encoding not in _AS_IT_IS:
            return _faulted("xds.request.parts", ", ".join(_AS_IT_IS[1:]), encoding[:80])
        parts.append(Part(_bare(fields.get("content-id", "")), fields.get("content-type", ""), content))
    root = next((p for p in parts if start and p.id == _bare(start)), parts[0])
    named = [p for p in parts if p is not root]
    ids = [p.id for p in named]
    repeated = tuple(sorted({id for id in ids if ids.count(id) > 1}))
    return Package(root.content, {p.id: p for p in named}, repeated=repeated)


def _headed(content: bytes) -> tuple[dict[str, str], bytes]:
    """The header fields at the beginning, lower case, and what follows their empty line."""
    if content.startswith((b"\r\n", b"\n")):
        return {}, content.split(b"\n", 1)[1]
    head, separator, rest = content.partition(b"\r\n\r\n")
    if not separator or len(head) > MAX_HEAD:
        head, separator, rest = content.partition(b"\n\n")
    if not separator or len(head) > MAX_HEAD:
        return {}, content
    fields = {m.group(1).decode().lower(): m.group(2).decode("latin-1") for m in _FIELD.finditer(head)}
    return fields, rest


def _first_boundary(body: bytes) -> str | None:
    line = body[:300].partition(b"\n")[0].strip()
    return line[2:].decode("latin-1") if line.startswith(b"--") and len(line) > 2 else None


def _parameter(pattern: re.Pattern[str], content_type: str | None) -> str | None:
    match = pattern.search(content_type or "")
    return (match.group(1) or match.group(2)) if match else None


def _bare(id: str) -> str:
    return id.strip().strip("<>")


def _faulted(code: str, expected: str | None, got: str | None) -> Package:
    return Package(fault=(code, expected, got))
