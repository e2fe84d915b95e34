"""What PDF/A-1 forbids by name, looked for in every object of a file.

The allow-list examiner says "unknown" of a construct that it does not handle, even one that the standard forbids
outright. These few are looked for here, so that a file that holds them is refused and not merely unchecked.
Clauses are those of ISO 19005-1:2005.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pikepdf

MAX_OBJECTS = 50_000
# 6.6.1: actions that a PDF/A-1 may not hold.
_ACTIONS = frozenset({"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData"})
# Keys that may not stand in any dictionary, and the clause that says so.
_KEYS: Mapping[str, str] = {"/EF": "6.1.11", "/EmbeddedFiles": "6.1.11", "/JavaScript": "6.6.1", "/AA": "6.6.2"}
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


@dataclass(frozen=True, slots=True)
class Forbidden:
    """One forbidden construct: the clause, the number of the object, what was found there."""

    clause: str
    number: int
    what: str


def forbidden(opened: pikepdf.Pdf) -> Iterator[Forbidden]:
    """The forbidden constructs of the first :data:`MAX_OBJECTS` objects."""
    if opened.is_encrypted:
        yield Forbidden("6.1.3", 0, "/Encrypt")
    for number, held in zip(range(1, MAX_OBJECTS + 1), opened.objects, strict=False):
        if isinstance(held, pikepdf.Stream):
            yield from _of_stream(number, held)
        elif isinstance(held, pikepdf.Dictionary):
            yield from _of_dictionary(number, held)


def _of_dictionary(number: int, held: pikepdf.Object) -> Iterator[Forbidden]:
    keys = set(held.keys())
    for key in sorted(keys & _KEYS.keys()):
        yield Forbidden(_KEYS[key], number, key)
    for key, value in held.items():
        # An action may lie in the dictionary that triggers it rather than be an object of its own.
        if isinstance(value, pikepdf.Dictionary) and str(value.get("/S")) in _ACTIONS:
            yield Forbidden("6.6.1", number, ascii(f"{key} {value.get('/S')}"))
    if str(held.get("/S")) in _ACTIONS:
        yield Forbidden("6.6.1", number, str(held.get("/S")))
    if str(held.get("/Type")) == "/FontDescriptor" and not any(name in keys for name in _FONT_FILES):
        yield Forbidden("6.3.4", number, f"{held.get('/FontName')}: no FontFile")
    if "/SMask" in keys and str(held.get("/SMask")) != "/None":
        yield Forbidden("6.4", number, "/SMask")


def _of_stream(number: int, held: pikepdf.Object) -> Iterator[Forbidden]:
    filters = held.get("/Filter")
    names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if "/LZWDecode" in names:
        yield Forbidden("6.1.10", number, "/LZWDecode")
    if "/SMask" in held and str(held.get("/SMask")) != "/None":
        yield Forbidden("6.4", number, "/SMask")
