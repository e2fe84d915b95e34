"""Labels compared as a reader does: case, accents and punctuation apart."""

from __future__ import annotations

import functools
import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+")


def alike(one: str, other: str) -> bool:
    """Whether two labels are the same words, whatever their case, accents and punctuation."""
    return _words(one) == _words(other)


@functools.lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    opened = unicodedata.normalize("NFD", text.casefold().replace("œ", "oe"))
    return tuple(_WORD.findall("".join(c for c in opened if not unicodedata.combining(c))))
