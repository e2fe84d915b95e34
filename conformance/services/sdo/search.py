"""Reading the parameters of a search as the guide and FHIR R4 §3.1.1 define them.

A parameter that the service does not know is ignored, a mandatory one that is missing only widens the search: the
service records what was asked and leaves judging to the checks. A value that cannot be read is refused (400).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

MAX_PARAMETERS = 50
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PREFIX = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)", re.DOTALL)


class Unreadable(Exception):
    """A parameter whose value cannot be read: its name."""


@dataclass(frozen=True, slots=True)
class Query:
    """The pairs of a query in their order, decoded; a bare ``+`` is a space (``application/x-www-form-urlencoded``)."""

    raw: str
    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, raw: str) -> Query:
        """Read a query string; too many parameters are refused."""
        try:
            pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
        except ValueError as exc:
            raise Unreadable("query") from exc
        return cls(raw, tuple(pairs))

    def one(self, name: str) -> str:
        """The first value of a parameter, or nothing."""
        return next((value for key, value in self.pairs if key == name), "")

    def token(self, name: str) -> str:
        """The code or value of a token parameter, without its system."""
        return self.one(name).rpartition("|")[2]


def since(value: str) -> Callable[[datetime], bool]:
    """What ``_lastUpdated=value`` lets through; no value lets everything through.

    FHIR R4 §3.1.1.4.3: ``gt`` and a day mean *after the end of that day*. The day is taken in UTC.
    """
    if not value:
        return lambda _: True
    found = _PREFIX.fullmatch(value)
    prefix, text = (found.group(1) or "eq", found.group(2)) if found else ("eq", value)
    low, high = _span(text)
    return {
        "gt": lambda moment: moment >= high,
        "sa": lambda moment: moment >= high,
        "ge": lambda moment: moment >= low,
        "lt": lambda moment: moment < low,
        "eb": lambda moment: moment < low,
        "le": lambda moment: moment < high,
        "ne": lambda moment: not low <= moment < high,
    }.get(prefix, lambda moment: low <= moment < high)


def _span(text: str) -> tuple[datetime, datetime]:
    try:
        if _DAY.fullmatch(text):
            day = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return day, day + timedelta(days=1)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise Unreadable("_lastUpdated")
        return moment, moment + timedelta(microseconds=1)
    except (ValueError, OverflowError) as exc:
        raise Unreadable("_lastUpdated") from exc
