"""The forms that attributes of a CDA header take: each says what it accepts, and how that is told.

Sources: HL7 v3 data types (II, TS, CS) as the *structuration minimale* restricts them (rules DT:II, DT:TS, DT:TEL).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TS = re.compile(r"(\d{14}(?=\.)|\d{4}(?:\d\d){0,5})(?:\.\d{1,6})?([+-]\d{1,4})?", re.ASCII)
# Fourteen digits, a fraction of six, an offset of four.
_LONGEST = 14 + 7 + 5
_LANGUAGE = re.compile(r"[a-z]{2}-[A-Z]{2}")
_VERSION = re.compile(r"[1-9]\d{0,8}", re.ASCII)
# What completes a time that is cut short: the first month, the first day, midnight.
_DEFAULTS = "00000101000000"
# Twice each digit, its own digits added (ISO/IEC 7812-1, annex B).
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


@dataclass(frozen=True, slots=True)
class Form:
    """A form of value: ``accepts`` decides, ``code`` and ``expected`` tell of a value that it refuses."""

    code: str
    expected: str
    accepts: Callable[[str], bool]


class Moment(NamedTuple):
    """An HL7 TS: the instant at its beginning, how many digits were written, and whether it bears an offset.

    Without an offset the instant is told in UTC.
    """

    at: datetime
    digits: int
    zoned: bool

    @property
    def utc(self) -> str:
        """The instant in UTC, as an XDS time cut at the precision written."""
        return self.at.astimezone(UTC).strftime("%Y%m%d%H%M%S")[: self.digits]


def moment(value: str | None) -> Moment | None:
    """Read an HL7 TS on the calendar; ``None`` when it is not one."""
    # Nothing long is remembered: it cannot be a time.
    return _moment(value) if value and len(value) <= _LONGEST else None


# Bounded; a document writes the same few moments again and again, and several rules read each.
@lru_cache(maxsize=1024)
def _moment(value: str) -> Moment | None:
    match = _TS.fullmatch(value)
    if match is None:
        return None
    written, offset = match.groups()
    full = written + _DEFAULTS[len(written) :]
    year, month, day, hour, minute, second = int(full[:4]), *(int(full[n : n + 2]) for n in range(4, 14, 2))
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC if offset is None else _zone(offset))
        if not MINYEAR < year < MAXYEAR:
            at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Moment(at, len(written), offset is not None)


def luhn(digits: str) -> bool:
    """Whether a number passes the Luhn key (ISO/IEC 7812-1, annex B), as RPPS, FINESS, SIREN and SIRET do."""
    doubled = [_DOUBLED[int(char)] for char in digits[-2::-2]]
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


@lru_cache(maxsize=64)
def _zone(offset: str) -> timezone:
    # The schema of HL7 v3 TS allows one to four digits; published examples hold +100 for one hour.
    digits = offset[1:] if len(offset) > 3 else f"{offset[1:]}00"
    hours, minutes = divmod(int(digits), 100)
    if hours > 14 or minutes > 59:
        raise ValueError(offset)
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1))


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


OID = Form("cda.not-an-oid", "OID", _matches(_OID))
OID_OR_UUID = Form("cda.not-an-oid", "OID | UUID", lambda value: bool(_OID.fullmatch(value) or _UUID.fullmatch(value)))
TIME = Form("cda.not-a-time", "YYYYMMDDhhmmss+hhmm", lambda value: moment(value) is not None)
TEXT = Form("cda.blank", "…", lambda value: bool(value.strip()))
CODE = Form("cda.not-a-code", "[^ ]+", lambda value: value.split() == [value])
# The published rule means an optional sign and digits; as written, its pattern is refused by conforming engines.
INTEGER = Form("cda.value", "… -1, 0, 1 …", _matches(re.compile(r"[+-]?\d+", re.ASCII)))
LANGUAGE = Form("cda.not-a-language", "fr-FR", _matches(_LANGUAGE))
VERSION = Form("cda.version.not-positive", "1, 2, 3 …", _matches(_VERSION))


def exactly(expected: str) -> Form:
    """One value and no other."""
    return Form("cda.value", expected, lambda value: value == expected)


def one_of(*expected: str) -> Form:
    """One of a few values."""
    return Form("cda.value", " | ".join(expected), lambda value: value in expected)
