"""MTOM packages (W3C XOP 1.0 in multipart/related, RFC 2387): taken apart within bounds, and put together.

Parts are found by their delimiter alone and never decoded as mail: ``email.parser`` takes eleven times as long on
a document of 20 MB. A body is searched once, and each part copied out of it once.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import unquote

from conformance.soap.guarded import Element, Unreadable

XOP = "http://www.w3.org/2004/08/xop/include"
MAX_PARTS = 100
MAX_PART_HEADER = 8 * 1024
# RFC 2046 §5.1.1: a boundary has 1 to 70 characters.
MAX_BOUNDARY = 70
# What is read of a part's header, and must not be told twice.
_TOLD = ("content-id", "content-transfer-encoding")


@dataclass(frozen=True, slots=True)
class Package:
    """The XML of a message and the parts beside it, by Content-ID without angle brackets.

    ``places`` says where in the message the parts begin that stand in it as they are (not those in base64).
    """

    root: bytes
    parts: Mapping[str, bytes] = field(default_factory=dict)
    multipart: bool = False
    places: Mapping[str, int] = field(default_factory=dict)

    def place(self, content: bytes) -> int | None:
        """Where in the message a part begins, this very object; ``None`` for what does not stand there as it is."""
        return next((self.places.get(name) for name, part in self.parts.items() if part is content), None)


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
    parts: dict[str, bytes] = {}
    places: dict[str, int] = {}
    first = None
    for begin, end in _spans(body, b"--" + boundary):
        name, content, place = _part(body, begin, end)
        if name in parts:
            raise Unreadable("part-twice")
        parts[name] = content
        if place is not None:
            places[name] = place
        first = name if first is None else first
    start = given.get("start", "").strip("<>") or first
    if start is None or start not in parts:
        raise Unreadable("no-root")
    return Package(parts.pop(start), parts, multipart=True, places=places)


def _spans(body: bytes, dashed: bytes) -> Iterator[tuple[int, int]]:
    """Where each part lies, from the end of the delimiter before it to the beginning of the one after it (RFC 2046, 5.1.1)."""
    delimiter = b"\r\n" + dashed
    # At the very beginning the delimiter has no line break before it; elsewhere, what stands before it is a preamble.
    at = -2 if body.startswith(dashed) else body.find(delimiter)
    if at == -1:
        raise Unreadable("not-closed")
    begin, count = at + len(delimiter), 0
    while not body.startswith(b"--", begin):
        count += 1
        if count > MAX_PARTS:
            raise Unreadable("too-many-parts")
        end = body.find(delimiter, begin)
        if end < 0:
            raise Unreadable("not-closed")
        yield begin, end
        begin = end + len(delimiter)
    if body[begin + 2 : begin + 2 + MAX_BOUNDARY].partition(b"\r\n")[0].strip():
        raise Unreadable("not-closed")


def _part(body: bytes, begin: int, end: int) -> tuple[str, bytes, int | None]:
    """Name and content of a part, and where its content begins if it stands there as it is."""
    gap = body.find(b"\r\n\r\n", begin, min(end, begin + MAX_PART_HEADER + 4))
    # Between a delimiter and its line break only white space may stand: more, and it is another, longer boundary.
    if gap < 0 or body[begin : body.find(b"\r\n", begin)].strip(b" \t"):
        raise Unreadable("part-header")
    headers: dict[str, str] = {}
    for line in body[begin:gap].split(b"\r\n")[1:]:
        name, _, value = line.decode("latin-1").partition(":")
        name = name.strip().lower()
        if name in _TOLD and name in headers:
            raise Unreadable("header-twice")
        headers[name] = value.strip()
    place = gap + 4
    content: bytes = body[place:end]
    named = headers.get("content-id", "").strip("<>")
    encoding = headers.get("content-transfer-encoding", "binary").lower()
    if encoding == "base64":
        return named, _decoded(content), None
    if encoding not in ("binary", "8bit", "7bit"):
        raise Unreadable("transfer-encoding")
    return named, content, place


def content_of(element: Element, package: Package) -> bytes | None:
    """The bytes that an element holds: those of the part that it includes, else its base64 text; ``None`` if missing."""
    includes = element.findall(f"{{{XOP}}}Include")
    if not includes:
        return _decoded("".join(str(t) for t in element.itertext()).encode("ascii", "replace"))
    # XOP 1.0, 2.1 and 3.2: the inclusion is all that the element holds.
    if len(element) > 1 or (element.text or "").strip() or (includes[0].tail or "").strip():
        raise Unreadable("include")
    reference = includes[0].get("href", "")
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
