"""Ablation: a pass must end when any piece of evidence that it cites is taken away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from conformance.core.requirement import Aspect, Profile
from conformance.core.words import Verdict, Verification
from conformance.evidence.evidence import EVERY_LANE, Evidence
from conformance.judge import Judge
from conformance.selftest.matrix import REFERENCE


def ablate(evidence: Evidence, profiles: Sequence[Profile]) -> dict[str, Any]:
    """Remove each cited record in turn, judge again; ``survived`` names the passes that did not end."""
    lane = Evidence((r for r in evidence.records.values() if r.lane in (REFERENCE, EVERY_LANE)), evidence.contents)
    passes: defaultdict[str, list[tuple[Profile, Aspect]]] = defaultdict(list)
    total = 0
    for profile in profiles:
        judge = Judge(lane, profile, REFERENCE)
        for requirement in profile.requirements:
            for aspect in requirement.aspects:
                if aspect.verification is not Verification.AUTOMATIC:
                    continue
                verdict = judge.aspect(aspect)
                if verdict.verdict is Verdict.PASS:
                    total += 1
                    for cited in verdict.evidence:
                        passes[cited].append((profile, aspect))
    survived = [
        {"aspect": f"{profile.name}#{aspect.id}", "evidence": record_id}
        for record_id, relying in sorted(passes.items())
        for profile, aspect in _still_passing(lane, record_id, relying)
    ]
    return {"passes": total, "removals": len(passes), "survived": survived}


def _still_passing(
    evidence: Evidence, record_id: str, relying: Sequence[tuple[Profile, Aspect]]
) -> list[tuple[Profile, Aspect]]:
    less = evidence.without(record_id)
    judges: dict[str, Judge] = {}
    found = []
    for profile, aspect in relying:
        judge = judges.setdefault(profile.name, Judge(less, profile, REFERENCE))
        requirement = next(r for r in profile.requirements if aspect in r.aspects)
        verdicts = judge.requirement(requirement).aspects
        if next(v for v in verdicts if v.aspect == aspect).verdict is Verdict.PASS:
            found.append((profile, aspect))
    return found
