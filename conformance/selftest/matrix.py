"""The kill matrix: which checks fail in which lane, against what the defects' files announced.

A check is *killed* when a defect that announces it makes it fail. It *survives* when no defect does. A *false
alarm* is a check that fails on the reference, or under a defect whose file does not announce it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.core.check import Registry
from conformance.core.requirement import Aspect, Profile
from conformance.core.words import Level, Verdict, Verification
from conformance.evidence.evidence import Evidence
from conformance.judge import Judge
from conformance.selftest.defects import Defect

REFERENCE = "reference"


@dataclass
class Matrix:
    """What the self-test found; :attr:`good` is its answer."""

    checks: list[str]
    killed: dict[str, list[str]] = field(default_factory=dict)
    false_alarms: list[dict[str, str]] = field(default_factory=list)
    missed: list[dict[str, str]] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    ablation: dict[str, Any] = field(default_factory=dict)

    @property
    def survived(self) -> list[str]:
        """Checks that no defect killed."""
        return [id for id in self.checks if id not in self.killed]

    @property
    def good(self) -> bool:
        """All killed, each announced kill seen, each check passed on the reference, no false alarm, no survivor."""
        sound = not self.ablation.get("survived")
        return sound and not (self.survived or self.false_alarms or self.missed or self.unproven)

    def as_json(self) -> dict[str, Any]:
        """The stable shape (``schemas/selftest.json``)."""
        return {
            "schema": 1,
            "checks": len(self.checks),
            "killed": len(self.killed),
            "survived": self.survived,
            "false_alarms": self.false_alarms,
            "missed": self.missed,
            "unproven": self.unproven,
            "ablation": self.ablation,
            "matrix": {id: sorted(by) for id, by in sorted(self.killed.items())},
        }


def automatic_checks(profiles: Iterable[Profile]) -> list[str]:
    """The checks that some automatic aspect of a profile relies on."""
    return sorted(
        {
            id
            for profile in profiles
            for requirement in profile.requirements
            for aspect in requirement.aspects
            if aspect.verification is Verification.AUTOMATIC
            for id in aspect.checks
        }
    )


def unclaimed_checks(profiles: Iterable[Profile]) -> list[str]:
    """The registered checks that no requirement of a profile relies on: they serve ``conformance check`` only."""
    return sorted(set(Registry.checks) - set(automatic_checks(profiles)))


def kill_matrix(
    evidence: Evidence, profiles: Sequence[Profile], defects: Sequence[Defect], *, whole: bool = True
) -> Matrix:
    """Judge every lane under every profile and compare with what was announced.

    Unless ``whole``, the scenarios of some defects only were played: an aspect is then asked of those it has among them.
    """
    matrix = Matrix(sorted(Registry.checks))
    failing = _failing(evidence, profiles)
    for id, where in sorted(failing.get(REFERENCE, {}).items()):
        matrix.false_alarms.append({"check": id, "lane": REFERENCE, "finding": where})
    for defect in defects:
        seen = failing.get(defect.name, {})
        for id in sorted(defect.expected):
            if id in seen:
                matrix.killed.setdefault(id, []).append(defect.name)
            else:
                matrix.missed.append({"check": id, "lane": defect.name})
        for id in sorted(set(seen) - defect.expected):
            matrix.false_alarms.append({"check": id, "lane": defect.name, "finding": seen[id]})
    matrix.unproven = _unproven(evidence, profiles, matrix.checks, whole=whole)
    return matrix


def _failing(evidence: Evidence, profiles: Sequence[Profile]) -> Mapping[str, Mapping[str, str]]:
    """Lane -> check -> code of its first error, over every observation and profile."""
    failing: defaultdict[str, dict[str, str]] = defaultdict(dict)
    judges = [Judge(evidence, profile) for profile in profiles]
    # One observation under every profile before the next: what was read of its messages is still at hand.
    for observation in evidence.observations:
        for _, verdict in (told for judge in judges for told in judge.scenario(observation)):
            for finding in verdict.findings:
                if finding.level is Level.ERROR:
                    failing[observation.lane].setdefault(finding.check, finding.code)
            if verdict.verdict is Verdict.HARNESS_ERROR:
                reason = verdict.reason[0] if verdict.reason else ""
                failing[observation.lane].setdefault(f"harness:{verdict.aspect.id}", reason)
    for lane, id, code in _unclaimed_failing(evidence, profiles):
        failing[lane].setdefault(id, code)
    return failing


def _unclaimed_failing(evidence: Evidence, profiles: Sequence[Profile]) -> Iterator[tuple[str, str, str]]:
    judge = Judge(evidence, profiles[0])
    unclaimed = unclaimed_checks(profiles)
    for observation in evidence.observations:
        for id in unclaimed:
            for _, findings in judge.hear(Registry.get(id), observation):
                yield from ((observation.lane, id, f.code) for f in findings if f.level is Level.ERROR)


def _unproven(evidence: Evidence, profiles: Sequence[Profile], checks: Iterable[str], *, whole: bool) -> list[str]:
    """Checks without a positive control: no aspect that relies on them passes on the reference."""
    proven: set[str] = set()
    for profile in profiles:
        judge = Judge(evidence, profile, REFERENCE)
        for requirement in profile.requirements:
            for aspect in requirement.aspects:
                if aspect.verification is not Verification.AUTOMATIC or set(aspect.checks) <= proven:
                    continue
                # A hypothesis never passes, yet its check was heard and satisfied: that is its positive control.
                verdict = judge.aspect(aspect if whole else _played(aspect, evidence))
                if verdict.verdict is Verdict.PASS or (
                    verdict.verdict is Verdict.NEEDS_REVIEW
                    and verdict.reason is not None
                    and verdict.reason[0] == "reason.hypothesis"
                ):
                    proven |= set(aspect.checks)
    judge = Judge(evidence, profiles[0], REFERENCE)
    for id in unclaimed_checks(profiles):
        heard = [
            seen for seen in evidence.observations if seen.lane == REFERENCE and judge.hear(Registry.get(id), seen)
        ]
        proven |= {id} if heard else set()
    return [id for id in checks if id not in proven]


def _played(aspect: Aspect, evidence: Evidence) -> Aspect:
    """An aspect with the scenarios that the reference played, or as it is where it played none of them."""
    played = tuple(name for name in aspect.scenarios if evidence.latest(name, REFERENCE))
    return replace(aspect, scenarios=played) if played else aspect
