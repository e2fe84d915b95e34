"""Search filters: whether an entry meets one, and how it is written (RFC 4511 §4.5.1.7, RFC 4515)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.ldap.ber import Element, Malformed

AND, OR, NOT, EQUAL, SUBSTRINGS, GREATER, LESS, PRESENT = 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0x87
INITIAL, ANY, FINAL = 0x80, 0x81, 0x82
_SIGNS = {EQUAL: "=", GREATER: ">=", LESS: "<="}


def meets(values: Mapping[str, Sequence[str]], asked: Element) -> bool:
    """Whether an entry meets a filter; attributes are named in lower case, and compared without case."""
    match asked.tag:
        case 0xA0:
            return all(meets(values, one) for one in asked.items)
        case 0xA1:
            return any(meets(values, one) for one in asked.items)
        case 0xA2:
            return not meets(values, asked.at(0))
        case 0x87:
            return asked.text.lower() in values
        case 0xA4:
            return any(_contains(value, asked) for value in _values(values, asked))
        case 0xA3 | 0xA5 | 0xA6:
            wanted = asked.at(1).text.casefold()
            known = [value.casefold() for value in _values(values, asked)]
            holds = {EQUAL: lambda v: v == wanted, GREATER: lambda v: v >= wanted, LESS: lambda v: v <= wanted}
            return any(map(holds[asked.tag], known))
        case _:
            raise Malformed("filter")


def written(asked: Element) -> str:
    """A filter as text."""
    if asked.tag in (AND, OR, NOT):
        sign = {AND: "&", OR: "|", NOT: "!"}[asked.tag]
        return f"({sign}{''.join(map(written, asked.items))})"
    if asked.tag == PRESENT:
        return f"({asked.text}=*)"
    if asked.tag == SUBSTRINGS:
        parts = [(piece.tag, _escaped(piece.text)) for piece in asked.at(1).items]
        middle = "*".join(text for tag, text in parts if tag == ANY)
        first = "".join(text for tag, text in parts if tag == INITIAL)
        last = "".join(text for tag, text in parts if tag == FINAL)
        return f"({asked.at(0).text}={first}*{middle + '*' if middle else ''}{last})"
    if asked.tag in _SIGNS:
        return f"({asked.at(0).text}{_SIGNS[asked.tag]}{_escaped(asked.at(1).text)})"
    raise Malformed("filter")


def _values(values: Mapping[str, Sequence[str]], asked: Element) -> Sequence[str]:
    return values.get(asked.at(0).text.lower(), ())


def _contains(value: str, asked: Element) -> bool:
    rest = value.casefold()
    for piece in asked.at(1).items:
        wanted = piece.text.casefold()
        if piece.tag == INITIAL:
            if not rest.startswith(wanted):
                return False
            rest = rest[len(wanted) :]
        elif piece.tag == FINAL:
            return rest.endswith(wanted)
        else:
            _before, met, rest = rest.partition(wanted)
            if not met:
                return False
    return True


def _escaped(text: str) -> str:
    return "".join(f"\\{ord(c):02x}" if c in "*()\\\0" else c for c in text)
