"""The Basic Encoding Rules as LDAP restricts them: definite lengths, tags of one byte (RFC 4511 §5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BOOLEAN, INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31
CONSTRUCTED = 0x20
MAX_DEPTH, MAX_ELEMENTS, MAX_NUMBER = 30, 20_000, 8


class Malformed(ValueError):
    """Not BER, or beyond its bounds."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its tag, its content, and the elements inside where it is constructed."""

    tag: int
    content: bytes
    items: tuple[Element, ...] = ()

    @property
    def number(self) -> int:
        """The value of an integer, an enumerated or a boolean."""
        if not 0 < len(self.content) <= MAX_NUMBER:
            raise Malformed("number")
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def text(self) -> str:
        """The value of an octet string, as UTF-8."""
        return self.content.decode("utf-8", "replace")

    def at(self, place: int, tag: int | None = None) -> Element:
        """The element at a place inside, of this tag where one is asked for."""
        if place >= len(self.items) or (tag is not None and self.items[place].tag != tag):
            raise Malformed("element")
        return self.items[place]


def decode(content: bytes) -> Element:
    """Read one element that fills the content."""
    budget = [MAX_ELEMENTS]
    elements = _elements(content, 0, budget)
    if len(elements) != 1:
        raise Malformed("trailing")
    return elements[0]


def measure(head: bytes) -> int | None:
    """The length of the element that begins here, with its head; ``None`` while the head is not whole."""
    if len(head) < 2:
        return None
    if head[1] < 0x80:
        return 2 + head[1]
    count = head[1] & 0x7F
    if not 0 < count <= 4:
        raise Malformed("length")
    return None if len(head) < 2 + count else 2 + count + int.from_bytes(head[2 : 2 + count], "big")


def element(tag: int, *items: bytes) -> bytes:
    """One element around what is already encoded."""
    content = b"".join(items)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def octets(text: str | bytes, tag: int = OCTETS) -> bytes:
    """An octet string."""
    return element(tag, text.encode() if isinstance(text, str) else text)


def number(value: int, tag: int = INTEGER) -> bytes:
    """An integer or an enumerated."""
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def boolean(value: bool) -> bytes:
    """A boolean."""
    return element(BOOLEAN, b"\xff" if value else b"\x00")


def strings(tag: int, texts: Iterable[str]) -> bytes:
    """A sequence or a set of octet strings."""
    return element(tag, *(octets(text) for text in texts))


def _elements(content: bytes, depth: int, budget: list[int]) -> tuple[Element, ...]:
    if depth > MAX_DEPTH:
        raise Malformed("depth")
    found: list[Element] = []
    place = 0
    while place < len(content):
        budget[0] -= 1
        size = measure(content[place : place + 6])
        if budget[0] < 0 or size is None or place + size > len(content):
            raise Malformed("size")
        tag = content[place]
        start = 2 if content[place + 1] < 0x80 else 2 + (content[place + 1] & 0x7F)
        inner = content[place + start : place + size]
        items = _elements(inner, depth + 1, budget) if tag & CONSTRUCTED else ()
        found.append(Element(tag, inner, items))
        place += size
    return tuple(found)
