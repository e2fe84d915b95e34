"""MTOM packages (W3C XOP 1.0 in multipart/related, RFC 2387): taken apart within bounds, and put together.

Parts are split on their delimiter alone and never decoded as mail: ``email.parser`` takes eleven times as long on
a document of 20 MB.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import unquote

from conformance.soap.guarded import Element, Unreadable

XOP = "http://www.w3.org/2004/08/xop/include"
MAX_PARTS = 100
MAX_PART_HEADER = 8 * 1024
# RFC 2046 §5.1.1: a boundary has 1 to 70 characters.
MAX_BOUNDARY = 70


@dataclass(frozen=True, slots=True)
class Package:
    """The XML of a message and the parts beside it, by Content-ID without angle brackets."""

    root: bytes
    parts: Mapping[str, bytes] = field(default_factory=dict)
    multipart: bool = False


def parameters(content_type: str) -> tuple[str, dict[str, str]]:
    """A media type in lower case and its parameters."""
    holder = Message()
    holder["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")
    found = holder.get_params() or []
    return holder.get_content_type(), {name.lower(): str(value) for name, value in found[1:]}


def unpack(content_type: str, body: bytes) -> Package:
    """Take a message apart; one that is not multipart is its own root. Raises :class:`Unreadable`."""
    kind, given = parameters(content_type)
    if kind != "multipart/related":
        return Package(body)
    boundary = given.get("boundary", "").encode("ascii", "replace")
    if not 1 <= len(boundary) <= MAX_BOUNDARY:
        raise Unreadable("boundary")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, MAX_PARTS + 2)
    if len(pieces) > MAX_PARTS + 2:
        raise Unreadable("too-many-parts")
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Unreadable("not-closed")
    parts: dict[str, bytes] = {}
    first = ""
    for piece in pieces[1:-1]:
        name, content = _part(piece)
        if name in parts:
            raise Unreadable("part-twice")
        parts[name] = content
        first = first or name
    start = given.get("start", "").strip("<>") or first
    if start not in parts:
        raise Unreadable("no-root")
    return Package(parts.pop(start), parts, multipart=True)


def _part(piece: bytes) -> tuple[str, bytes]:
    head, gap, content = piece.partition(b"\r\n\r\n")
    if not gap or len(head) > MAX_PART_HEADER or head.split(b"\r\n", 1)[0].strip():
        raise Unreadable("part-header")
    headers = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    encoding = headers.get("content-transfer-encoding", "binary").lower()
    if encoding == "base64":
        content = _decoded(content)
    elif encoding not in ("binary", "8bit", "7bit"):
        raise Unreadable("transfer-encoding")
    return headers.get("content-id", "").strip("<>"), content


def content_of(element: Element, package: Package) -> bytes | None:
    """The bytes that an element holds: those of the part that it includes, else its base64 text; ``None`` if missing."""
    include = element.find(f"{{{XOP}}}Include")
    if include is None:
        return _decoded("".join(str(t) for t in element.itertext()).encode("ascii", "replace"))
    reference = include.get("href", "")
    if not reference.startswith("cid:"):
        return None
    return package.parts.get(unquote(reference.removeprefix("cid:")))


def pack(root: bytes, parts: Sequence[tuple[str, bytes]], *, boundary: str, action: str = "") -> tuple[str, bytes]:
    """Content type and bytes of a package; ``parts`` are (Content-ID, bytes). The boundary must occur in no part."""
    said = f'; action="{action}"' if action else ""
    pieces = [
        f"--{boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; "
        f'type="application/soap+xml"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root@bench.test>\r\n\r\n'.encode(),
        root,
    ]
    for name, content in parts:
        pieces.append(
            f"\r\n--{boundary}\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: binary\r\n"
            f"Content-ID: <{name}>\r\n\r\n".encode()
        )
        pieces.append(content)
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    kind = (
        f'multipart/related; type="application/xop+xml"; start="<root@bench.test>"; '
        f'start-info="application/soap+xml"; boundary="{boundary}"{said}'
    )
    return kind, b"".join(pieces)


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as exc:
        raise Unreadable("base64") from exc
