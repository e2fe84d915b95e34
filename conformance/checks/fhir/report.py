"""What a walk says: findings, each once, with their place; or nothing but a refutation when only that is asked."""

from __future__ import annotations

import json
from typing import Any

from conformance.checks.fhir.path import Place
from conformance.core.finding import Finding, Where
from conformance.core.words import Level

# A hostile document must not turn into a report that nobody can open; each level has its own room.
MOST = 5_000
_SHOWN = 200


class Refuted(Exception):
    """Raised at the first error when the question is only whether something conforms."""


class Report:
    """Findings in the order they were met; ``asking`` stops at the first error instead of keeping any."""

    def __init__(self, *, asking: bool = False) -> None:
        self.asking = asking
        self.findings: list[Finding] = []
        self._known: set[tuple[str, str, str | None, str | None]] = set()
        self._general: set[tuple[str, str]] = set()
        self._counts: dict[Level, int] = {}

    def error(self, code: str, place: Place, expected: Any = None, got: Any = None, **values: object) -> None:
        """A rule is violated."""
        if self.asking:
            raise Refuted(code)
        self._add(code, Level.ERROR, place, expected, got, values)

    def warning(self, code: str, place: Place, expected: Any = None, got: Any = None, **values: object) -> None:
        """Something a person should look at."""
        if not self.asking:
            self._add(code, Level.WARNING, place, expected, got, values)

    def info(self, code: str, place: Place, expected: Any = None, got: Any = None, **values: object) -> None:
        """A remark."""
        if not self.asking:
            self._add(code, Level.INFO, place, expected, got, values)

    def not_checkable(self, what: str, place: Place, subject: str, detail: str = "") -> None:
        """A rule that could not be judged: said once per subject (profile, list, rule …), at its first place."""
        if self.asking or (key := (what, f"{subject}\n{detail}")) in self._general:
            return
        self._general.add(key)
        self._add(f"fhir.not-checkable.{what}", Level.INFO, place, None, None, {"subject": subject, "detail": detail})

    def ended(self, place: Place) -> list[Finding]:
        """The findings, and how many of each level were left out where there were too many to keep."""
        for level, count in list(self._counts.items()):
            if count > MOST:
                values = {"count": count - MOST, "level": str(level)}
                where = Where(fhirpath=str(place))
                self.findings.append(Finding("fhir.report.cut", Level.INFO, where=where, values=values))
        return self.findings

    def _add(self, code: str, level: Level, place: Place, expected: Any, got: Any, values: dict[str, object]) -> None:
        where, wanted, came = str(place), shown(expected), shown(got)
        key = (code, where, wanted, came if level is not Level.INFO else None)
        if code.startswith("fhir.not-checkable.") or key not in self._known:
            self._known.add(key)
            self._counts[level] = self._counts.get(level, 0) + 1
            if self._counts[level] > MOST:
                return
            found = Finding(code, level, expected=wanted, got=came, where=Where(fhirpath=where), values=values)
            self.findings.append(found)


def shown(value: Any) -> str | None:
    """A value as a finding shows it: text as it is, anything else as JSON, cut to a readable length."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
