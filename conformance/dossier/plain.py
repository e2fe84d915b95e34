"""Text of unknown origin made harmless: what a product sent is quoted, never obeyed."""

from __future__ import annotations

import json
from typing import Any

# Characters that reorder or hide what surrounds them (Unicode UAX #9, and "Trojan Source", CVE-2021-42574).
_HIDING = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
# U+FFFE and U+FFFF are not XML characters (XML 1.0, production [2] Char); surrogates cannot be written in UTF-8.
_NOT_XML = frozenset("\ufffe\uffff")


def clean(text: str, limit: int | None = None) -> str:
    """The text with control, reordering and unwritable characters spelt out by number, cut at ``limit``."""
    cut = text if limit is None or len(text) <= limit else text[: limit - 1] + "…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(map(_spelt, cut))


def one_line(text: str, limit: int | None = None) -> str:
    """As :func:`clean`, on one line with single spaces."""
    return clean(" ".join(text.split()), limit)


def canonical_json(value: Any) -> bytes:
    """One spelling for a JSON value: keys sorted, two spaces of indent, UTF-8, a final newline."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False) + "\n").encode(
        "utf-8", "backslashreplace"
    )


def _spelt(character: str) -> str:
    code = ord(character)
    unwritable = 0xD800 <= code <= 0xDFFF or character in _NOT_XML
    control = (code < 0x20 and character not in "\t\n") or 0x7F <= code <= 0x9F
    if unwritable or control or character in _HIDING:
        return f"\\u{code:04x}"
    return character
