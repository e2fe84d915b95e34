"""A message cut into its parts, byte for byte: what BODY[1.2] returns is what was received."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value
from functools import cached_property

DEPTH = 10
PARTS = 500
HEADER = 256 * 1024
_BLANK = re.compile(rb"(?:\A|\r?\n)\r?\n")


class Part:
    """A message, or a part of one: ``raw`` is its header, a blank line and its body."""

    def __init__(self, raw: bytes, depth: int = 0) -> None:
        blank = _BLANK.search(raw)
        start = blank.end() if blank else len(raw)
        self.header = raw[:start]
        self.body = raw[start:]
        self.depth = depth

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The header's fields, in order, as they were written."""
        return tuple(_fields(self.header[:HEADER]))

    @cached_property
    def parsed(self) -> Message:
        """The header, parsed."""
        return BytesHeaderParser().parsebytes(self.header[:HEADER])

    def value(self, name: str) -> bytes | None:
        """The first field of a name, unfolded; ``None`` when there is none."""
        return next((field.value for field in self.fields if field.name == name.lower()), None)

    @property
    def maintype(self) -> str:
        """The left side of the media type, in lower case."""
        return self.parsed.get_content_maintype()

    @property
    def subtype(self) -> str:
        """The right side of the media type, in lower case."""
        return self.parsed.get_content_subtype()

    def parameters(self, header: str) -> list[tuple[str, str]]:
        """The parameters of a structured field, without its main value."""
        found = self.parsed.get_params(header=header) or []
        return [(name, collapse_rfc2231_value(value)) for name, value in found[1:]]

    @cached_property
    def children(self) -> tuple[Part, ...]:
        """The parts of a multipart; empty for a leaf, and beyond :data:`DEPTH`."""
        boundary = self.parsed.get_boundary()
        if self.maintype != "multipart" or not boundary or self.depth >= DEPTH:
            return ()
        slices = _between(self.body, boundary.encode("latin-1", "replace"))
        return tuple(Part(piece, self.depth + 1) for piece in slices)

    @cached_property
    def message(self) -> Part | None:
        """The message that a ``message/rfc822`` part carries."""
        if (self.maintype, self.subtype) != ("message", "rfc822") or self.depth >= DEPTH:
            return None
        return Part(self.body, self.depth + 1)

    def at(self, path: Sequence[int]) -> Part | None:
        """The part of a number such as ``2.1`` (RFC 3501 §6.4.5); a single-part message is its own part 1."""
        part: Part = self
        for number in path:
            holder = part.message or part
            if holder.children:
                if not 1 <= number <= len(holder.children):
                    return None
                part = holder.children[number - 1]
            elif number != 1 or (part is not self and part.message is None):
                return None
            else:
                part = Leaf(holder)
        return part


class Leaf(Part):
    """The body of a single-part message, taken as its part 1."""

    def __init__(self, whole: Part) -> None:
        self.header = whole.header
        self.body = whole.body
        self.depth = whole.depth


@dataclass(frozen=True, slots=True)
class Field:
    """A header field: its name in lower case, its value unfolded, and its lines as they are."""

    name: str
    value: bytes
    raw: bytes


def _fields(header: bytes) -> Iterator[Field]:
    lines: list[bytes] = []
    for line in [*header.splitlines(keepends=True), b""]:
        if line[:1] in (b" ", b"\t") and lines:
            lines.append(line)
            continue
        if lines:
            name, colon, value = b"".join(lines).partition(b":")
            if colon:
                unfolded = re.sub(rb"\r?\n(?=[ \t])", b"", value).strip()
                yield Field(name.strip().lower().decode("latin-1"), unfolded, b"".join(lines))
        lines = [line]


def _between(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """The bytes between delimiter lines (RFC 2046 §5.1.1); the CR LF before a delimiter belongs to it."""
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    start: int | None = None
    for count, found in enumerate(delimiter.finditer(body)):
        if start is not None:
            yield body[start : max(start, found.start())]
        if found[1] or count >= PARTS:
            return
        newline = body.find(b"\n", found.end())
        start = newline + 1 if newline >= 0 else len(body)
    if start is not None:  # the closing delimiter is missing: what remains is the last part
        yield body[start:]
