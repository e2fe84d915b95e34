"""Whether a value fits what a search asks (FHIR R4, search.html#ptypes): commas are *or*, prefixes compare dates."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.services.fhir.outcome import FhirFault

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
_DATE = re.compile(
    r"(?P<y>[0-9]{4})(-(?P<m>[0-9]{2})(-(?P<d>[0-9]{2})(T(?P<t>[0-9:.]{5,15})(?P<z>Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)
Span = tuple[datetime, datetime]


def matches(kind: str, found: Sequence[Any], asked: str, modifier: str) -> bool:
    """Whether any of the values found fits any of the values asked."""
    if modifier == "missing":
        return bool(found) != (asked == "true")
    wanted = [part for part in asked.split(",") if part]
    if kind == "token":
        fits = any(_token(value, one) for value in found for one in wanted)
        return not fits if modifier == "not" else fits
    test: Callable[[Any, str], bool] = {
        "string": lambda value, one: _string(value, one, modifier),
        "date": _date,
        "reference": lambda value, one: _reference(value, one, modifier),
        "uri": lambda value, one: bool(value == one),
    }[kind]
    return any(test(value, one) for value in found for one in wanted)


def _token(value: Any, asked: str) -> bool:
    system, bar, code = asked.rpartition("|")
    for held_system, held_code in _codes(value):
        same = held_code == code or (bar and not code)
        if same and (not bar or held_system == system):
            return True
    return False


def _codes(value: Any) -> Iterable[tuple[str, str]]:
    """System and code of a code, a Coding, a CodeableConcept, an Identifier or a ContactPoint."""
    if isinstance(value, bool):
        return [("", "true" if value else "false")]
    if isinstance(value, str):
        return [("", value)]
    if not isinstance(value, Mapping):
        return []
    if isinstance(value.get("coding"), list):
        return [pair for coding in value["coding"] for pair in _codes(coding)]
    return [(str(value.get("system") or ""), str(value.get("code") or value.get("value") or ""))]


def _string(value: Any, asked: str, modifier: str) -> bool:
    texts = _texts(value)
    if modifier == "exact":
        return asked in texts
    wanted = asked.casefold()
    if modifier == "contains":
        return any(wanted in text.casefold() for text in texts)
    return any(text.casefold().startswith(wanted) for text in texts)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _texts(inner)]
    return [text for inner in value for text in _texts(inner)] if isinstance(value, list) else []


def _reference(value: Any, asked: str, modifier: str) -> bool:
    if not isinstance(value, Mapping):
        return False
    if modifier == "identifier":
        return _token(value.get("identifier"), asked)
    held = str(value.get("reference") or "")
    wanted = f"{modifier}/{asked}" if modifier else asked
    return held == wanted or (bool(held) and held.rpartition("/")[2] == wanted) or held.endswith(f"/{wanted}")


def _date(value: Any, asked: str) -> bool:
    prefix, text = (asked[:2], asked[2:]) if asked[:2] in PREFIXES else ("eq", asked)
    wanted = span(text)
    held = _period(value)
    if wanted is None:
        raise FhirFault(400, "invalid", "fhirserver.date", got=asked)
    if held is None:
        return False
    return _compared(prefix, held, wanted)


def _compared(prefix: str, held: Span, wanted: Span) -> bool:
    """search.html#prefix, on half-open spans."""
    inside = wanted[0] <= held[0] and held[1] <= wanted[1]
    answers = {
        "eq": inside,
        "ne": not inside,
        "gt": held[1] > wanted[1],
        "ge": held[1] > wanted[1] or inside,
        "lt": held[0] < wanted[0],
        "le": held[0] < wanted[0] or inside,
        "sa": held[0] >= wanted[1],
        "eb": held[1] <= wanted[0],
        "ap": held[0] < wanted[1] and wanted[0] < held[1],
    }
    return answers[prefix]


def _period(value: Any) -> Span | None:
    if isinstance(value, str):
        return span(value)
    if not isinstance(value, Mapping):
        return None
    start, end = span(str(value.get("start") or "0001")), span(str(value.get("end") or "9998"))
    return (start[0], end[1]) if start and end else None


def span(text: str) -> Span | None:
    """The instants that a date, a dateTime or an instant covers, the end excluded; without offset, UTC is taken."""
    read = _DATE.fullmatch(text)
    if read is None:
        return None
    try:
        if read["t"]:
            start = datetime.fromisoformat(text)
            start = start if start.tzinfo else start.replace(tzinfo=UTC)
            step = timedelta(minutes=1) if read["t"].count(":") == 1 else timedelta(seconds=1)
            return start, start + (timedelta(microseconds=1) if "." in read["t"] else step)
        month, day = int(read["m"] or 1), int(read["d"] or 1)
        start = datetime(int(read["y"]), month, day, tzinfo=UTC)
        days = calendar.monthrange(start.year, start.month)[1]
        if read["d"]:
            return start, start + timedelta(days=1)
        if read["m"]:
            return start, start + timedelta(days=days)
        return start, datetime(start.year + 1, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
