"""FHIR in JSON, read under bounds: size, depth, one value per name, numbers that JSON has.

Source: RFC 8259; FHIR R4 4.0.1, json.html (UTF-8, no duplicate names).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SIZE = 64 * 1024 * 1024
DIGITS = 400
_NESTED = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
# Objects and arrays, one within another; Python's own parser gives up near 1,000.
NESTING = 200


@dataclass(frozen=True, slots=True)
class ReadFault:
    """Why a document was not read: a catalogue code, its place, its values."""

    code: str
    line: int | None = None
    column: int | None = None
    expected: str | None = None
    got: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


class _Twice(ValueError):
    pass


def read_json(content: bytes) -> tuple[Any, ReadFault | None]:
    """The value of a document, or why there is none; never raises."""
    if len(content) > SIZE:
        return None, ReadFault("fhir.read.too-much", expected=f"≤ {SIZE}", got=str(len(content)))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content[: exc.start].count(b"\n") + 1
        return None, ReadFault("fhir.read.not-utf8", line=line, expected="UTF-8", got=f"0x{content[exc.start]:02X}")
    if _deep(text):
        return None, ReadFault("fhir.read.too-deep", expected=f"≤ {NESTING}")
    return _parsed(text)


def _parsed(text: str) -> tuple[Any, ReadFault | None]:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refused, parse_int=_integer), None
    except json.JSONDecodeError as exc:
        return None, ReadFault("fhir.read.not-json", line=exc.lineno, column=exc.colno, got=exc.msg)
    except _Twice as exc:
        return None, ReadFault("fhir.read.twice", got=str(exc))
    except ValueError as exc:
        return None, ReadFault("fhir.read.not-json", got=str(exc)[:120])


def _deep(text: str) -> bool:
    depth = 0
    for found in _NESTED.finditer(text):
        mark = found.group(0)
        if mark in "[{":
            depth += 1
            if depth > NESTING:
                return True
        elif mark in "]}":
            depth -= 1
    return False


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return made


def _refused(name: str) -> Any:
    raise ValueError(name)


def _integer(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError(f"{digits[:20]}…")
    return int(digits)
