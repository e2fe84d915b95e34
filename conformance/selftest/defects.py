"""The named defects of the reference DUI, as their files describe them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from conformance.bench.reference import shipped_defects
from conformance.core.errors import HarnessError
from conformance.core.texts import Text


@dataclass(frozen=True, slots=True)
class Defect:
    """One sin: the checks that must fail, exactly those, and the scenarios that show it."""

    name: str
    sin: Text
    expected: frozenset[str]
    scenarios: tuple[str, ...]


def defects() -> list[Defect]:
    """Every shipped defect, by name."""
    return [_defect(name, path) for name, path in shipped_defects().items()]


def _defect(name: str, path: Path) -> Defect:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        made = Defect(raw["name"], Text.of(raw["sin"]), frozenset(raw["expected"]), tuple(raw["scenarios"]))
    except KeyError as exc:
        raise HarnessError("selftest.defect-file", path=path.name, key=str(exc)) from exc
    if made.name != name or not made.expected or not made.scenarios:
        raise HarnessError("selftest.defect-file", path=path.name, key="name, expected, scenarios")
    return made
