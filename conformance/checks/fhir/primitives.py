"""Primitive values: their JSON type, their format, and whether a date that looks like one exists.

Formats: FHIR R4 4.0.1, datatypes.html#primitive.
"""

from __future__ import annotations

import base64
import binascii
import calendar
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_ZONE = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?"
_DAY = r"(0[1-9]|[12]\d|3[01])"
_YEAR = r"([1-9]\d{3}|0\d{3})"
_MONTH = r"(0[1-9]|1[0-2])"
FORMATS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "id": r"[A-Za-z0-9\-.]{1,64}",
        "code": r"[^\s]+( [^\s]+)*",
        "oid": r"urn:oid:[0-2](\.(0|[1-9]\d*))+",
        "uuid": r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "uri": r"\S+",
        "url": r"\S+",
        "canonical": r"\S+",
        "date": rf"{_YEAR}(-{_MONTH}(-{_DAY})?)?",
        "dateTime": rf"{_YEAR}(-{_MONTH}(-{_DAY}(T{_TIME}{_ZONE})?)?)?",
        "instant": rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
        "time": _TIME,
    }.items()
}
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OID = FORMATS["oid"]
_DATED = ("date", "dateTime", "instant")
_SPACES = re.compile(r"\s+")
_INTEGERS: Mapping[str, tuple[int, int]] = {
    "integer": (-(2**31), 2**31 - 1),
    "unsignedInt": (0, 2**31 - 1),
    "positiveInt": (1, 2**31 - 1),
}
# R4 4.0.1, datatypes.html#string: at most 1,048,576 characters.
LONGEST = 1024 * 1024
_TEXTS = ("string", "markdown")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def fault_of(code: str, value: Any) -> str | None:
    """What is wrong with a primitive value: ``type``, ``format``, ``range``, ``date``, ``empty``, ``long``; or ``None``."""
    if code == "boolean":
        return None if isinstance(value, bool) else "type"
    if code in _INTEGERS:
        return _integer(code, value)
    if code == "decimal":
        return _decimal(value)
    if not isinstance(value, str):
        return "type"
    return _text(code, value)


def _integer(code: str, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return "type"
    lowest, highest = _INTEGERS[code]
    return None if lowest <= value <= highest else "range"


def _decimal(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return "type"
    return None if not isinstance(value, float) or math.isfinite(value) else "range"


def _text(code: str, value: str) -> str | None:
    if not value or value.isspace():
        return "empty"
    if code == "base64Binary":
        return None if decoded(value) is not None else "format"
    if len(value) > LONGEST:
        return "long"
    if code in _TEXTS:
        return "format" if _CONTROL.search(value) else None
    return _formatted(code, value)


def _formatted(code: str, value: str) -> str | None:
    pattern = FORMATS.get(code)
    if pattern is not None and not pattern.fullmatch(value):
        return "format"
    if code in _DATED and not real_date(value):
        return "date"
    return _identifier(value) if code in ("uri", "url", "canonical") else None


def _identifier(value: str) -> str | None:
    """A urn:uuid or urn:oid inside a uri must be one (R4, datatypes.html#uri)."""
    name = value.partition("#")[0]
    if name.startswith("urn:uuid:") and not _UUID.fullmatch(name):
        return "format"
    return "format" if name.startswith("urn:oid:") and not _OID.fullmatch(name) else None


def real_date(value: str) -> bool:
    """Whether the calendar has this day; a year or a month alone always does."""
    if len(value) < 10:
        return True
    year, month, day = int(value[:4]), int(value[5:7]), int(value[8:10])
    # The calendar module needs a year from 1; year 0 of the proleptic calendar is a leap year, as 2000 is.
    return day <= calendar.monthrange(year or 2000, month)[1]


def decoded(value: str) -> bytes | None:
    """The bytes of a base64 text, white space allowed (R4, base64Binary), or ``None``."""
    try:
        return base64.b64decode(_SPACES.sub("", value), validate=True)
    except (binascii.Error, ValueError):
        return None


def matches(value: Any, pattern: Any) -> bool:
    """Whether a value holds a pattern: every member of the pattern, every item of its arrays somewhere (R4, pattern[x])."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(k in value and matches(value[k], p) for k, p in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(matches(v, p) for v in value) for p in pattern)
    return same(value, pattern)


def same(value: Any, fixed: Any) -> bool:
    """Deep equality that keeps ``true`` and ``1`` apart, as JSON does."""
    if isinstance(fixed, bool) or isinstance(value, bool):
        return value is fixed
    if isinstance(fixed, dict):
        return isinstance(value, dict) and set(value) == set(fixed) and all(same(value[k], v) for k, v in fixed.items())
    if isinstance(fixed, list):
        return (
            isinstance(value, list)
            and len(value) == len(fixed)
            and all(same(v, f) for v, f in zip(value, fixed, strict=True))
        )
    return bool(value == fixed)


_ORDERED = (*_INTEGERS, "decimal", "time")


def beyond(code: str, value: Any, lowest: Any, highest: Any) -> bool:
    """Whether a value lies outside minValue and maxValue; types that have no plain order are never outside."""
    if code not in _ORDERED or fault_of(code, value):
        return False
    return (lowest is not None and value < lowest) or (highest is not None and value > highest)
