"""The matrix of FHIR resources: every rule of the validator proven on sound resources and on named faults in them.

The same rules as for documents: nothing may be said of a sound resource, and of a fault exactly what its file announces:
an error of the validator itself (``fhir.r4``), and an error or a warning of a rule of ours (``ig:…``).
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance import _bundled
from conformance.checks.fhir.judge import bundled_validator
from conformance.checks.fhir.rules import RULES
from conformance.checks.fhir.validator import CHECK
from conformance.core.errors import HarnessError
from conformance.core.texts import Text
from conformance.core.words import Level
from conformance.selftest.matrix import Matrix

LANE = "fhir:"
RULE = "ig:"


@dataclass(frozen=True, slots=True)
class ResourceMutant:
    """One sin in a resource: the rules that must tell it, exactly those. ``on`` names the resource that is altered."""

    name: str
    on: str
    sin: Text
    expected: frozenset[str]
    change: Mapping[str, Any]

    def of(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        """The altered resource; a path that meets nothing is a fault of the file."""
        made = copy.deepcopy(dict(resource))
        *way, last = str(self.change["path"]).split(".")
        holder: Any = made
        try:
            for step in way:
                holder = holder[int(step)] if isinstance(holder, list) else holder[step]
            _alter(holder, last, self.change)
        except (LookupError, TypeError, ValueError) as exc:
            raise HarnessError("selftest.defect-file", path=f"{self.name}.toml", key="path") from exc
        return made


def resource_mutants() -> list[ResourceMutant]:
    """Every shipped fault, by name."""
    folder = _bundled.folder("fixtures") / "fhir" / "mutants"
    return [_mutant(path) for path in sorted(folder.glob("*.toml"))]


def positives() -> Mapping[str, Callable[[], dict[str, Any]]]:
    """The sound resources that faults alter, by name."""
    from conformance._bundled.fixtures.fhir import medicosocial, sharing

    return {
        "transfer": medicosocial.transfer,
        "status": medicosocial.status,
        "decision": medicosocial.decision,
        "shared": sharing.shared,
        "submission": sharing.submission,
    }


def fhir_matrix(matrix: Matrix) -> Matrix:
    """Judge every sound resource and every fault, and write what came of it into the matrix."""
    matrix.checks = sorted({*matrix.checks, CHECK, *RULES})
    contents = {name: make() for name, make in positives().items()}
    for name, content in contents.items():
        for id, code in sorted(told(content).items()):
            matrix.false_alarms.append({"check": id, "lane": f"{LANE}{name}", "finding": code})
    for mutant in resource_mutants():
        lane = f"{LANE}{mutant.name}"
        seen = told(mutant.of(contents[mutant.on]))
        for id in sorted(mutant.expected & set(seen)):
            matrix.killed.setdefault(id, []).append(lane)
        matrix.missed += [{"check": id, "lane": lane} for id in sorted(mutant.expected - set(seen))]
        for id in sorted(set(seen) - mutant.expected):
            matrix.false_alarms.append({"check": id, "lane": lane, "finding": seen[id]})
    return matrix


def told(resource: Mapping[str, Any]) -> dict[str, str]:
    """Rule -> code of its first finding that counts."""
    found: dict[str, str] = {}
    for finding in bundled_validator().validate(resource):
        ours = finding.check.startswith(RULE) and finding.level is Level.WARNING
        if ours or finding.level is Level.ERROR:
            found.setdefault(finding.check, finding.code)
    return found


def _alter(holder: Any, last: str, change: Mapping[str, Any]) -> None:
    key: Any = int(last) if isinstance(holder, list) else last
    if change.get("remove"):
        del holder[key]
    elif isinstance(holder, list) and key == len(holder):
        holder.append(change["set"])
    else:
        holder[key] = change["set"]


def _mutant(path: Path) -> ResourceMutant:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        expected = frozenset(raw["expected"])
        made = ResourceMutant(raw["name"], raw["on"], Text.of(raw["sin"]), expected, raw["change"])
    except KeyError as exc:
        raise HarnessError("selftest.defect-file", path=path.name, key=str(exc)) from exc
    if made.name != path.stem or made.on not in positives() or not made.expected:
        raise HarnessError("selftest.defect-file", path=path.name, key="name, on, expected")
    return made
