"""The messages of a bind and of a search, written and read by either side (RFC 4511 §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.ldap import ber
from conformance.ldap.ber import Element, Malformed

BIND, BOUND, UNBIND, SEARCH, ENTRY, DONE = 0x60, 0x61, 0x42, 0x63, 0x64, 0x65
ABANDON, EXTENDED, EXTENDED_DONE, CONTROLS, SIMPLE = 0x50, 0x77, 0x78, 0xA0, 0x80
# Result codes (RFC 4511 §4.1.9).
SUCCESS, PROTOCOL, METHOD, CRITICAL, NO_OBJECT, CREDENTIALS, RIGHTS, UNWILLING = 0, 2, 7, 12, 32, 49, 50, 53
BASE, ONE, SUBTREE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its number, its operation, and whether it bears a control that must be understood."""

    id: int
    operation: Element
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """What a search asks for."""

    base: str
    scope: int
    filter: Element
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its name, and the values of each attribute."""

    dn: str
    attributes: Mapping[str, Sequence[str]]


def read(content: bytes) -> Message:
    """Read a message; anything else is :class:`Malformed`."""
    whole = ber.decode(content)
    if whole.tag != ber.SEQUENCE or len(whole.items) < 2:
        raise Malformed("message")
    controls = whole.items[2].items if len(whole.items) > 2 and whole.items[2].tag == CONTROLS else ()
    critical = any(i.tag == ber.BOOLEAN and i.content != b"\x00" for control in controls for i in control.items[1:2])
    return Message(whole.at(0, ber.INTEGER).number, whole.at(1), critical)


def read_search(operation: Element) -> Search:
    """Read a search request."""
    return Search(
        base=operation.at(0, ber.OCTETS).text,
        scope=operation.at(1, ber.ENUMERATED).number,
        filter=operation.at(6),
        attributes=tuple(item.text for item in operation.at(7, ber.SEQUENCE).items),
    )


def read_entry(operation: Element) -> Entry:
    """Read an entry of an answer."""
    pairs = operation.at(1, ber.SEQUENCE).items
    values = {pair.at(0).text: [value.text for value in pair.at(1, ber.SET).items] for pair in pairs}
    return Entry(operation.at(0, ber.OCTETS).text, values)


def message(id: int, operation: bytes) -> bytes:
    """Write a message."""
    return ber.element(ber.SEQUENCE, ber.number(id), operation)


def result(tag: int, code: int, diagnostic: str = "") -> bytes:
    """Write the end of an operation."""
    return ber.element(tag, ber.number(code, ber.ENUMERATED), ber.octets(""), ber.octets(diagnostic))


def entry(found: Entry) -> bytes:
    """Write an entry of an answer."""
    pairs = (
        ber.element(ber.SEQUENCE, ber.octets(name), ber.strings(ber.SET, values))
        for name, values in found.attributes.items()
    )
    return ber.element(ENTRY, ber.octets(found.dn), ber.element(ber.SEQUENCE, *pairs))


def bind(name: str, password: str) -> bytes:
    """Write a simple bind, version 3."""
    return ber.element(BIND, ber.number(3), ber.octets(name), ber.octets(password, SIMPLE))


def search(base: str, kind: str, attributes: Iterable[str]) -> bytes:
    """Write a search of the whole subtree for the entries of one object class."""
    wanted = ber.element(0xA3, ber.octets("objectClass"), ber.octets(kind))
    scope, never = ber.number(SUBTREE, ber.ENUMERATED), ber.number(0, ber.ENUMERATED)
    limits = (ber.number(0), ber.number(0), ber.boolean(False))
    return ber.element(SEARCH, ber.octets(base), scope, never, *limits, wanted, ber.strings(ber.SEQUENCE, attributes))
