"""Ablation: a pass must end when any piece of evidence that it cites is taken away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.core.requirement import Aspect, Profile, Requirement
from conformance.core.words import Verdict, Verification
from conformance.evidence.evidence import EVERY_LANE, Evidence
from conformance.judge import Judge
from conformance.selftest.matrix import REFERENCE


def ablate(evidence: Evidence, profiles: Sequence[Profile]) -> dict[str, Any]:
    """Remove each cited record in turn, judge again; ``survived`` names the passes that did not end."""
    lane = Evidence((r for r in evidence.records.values() if r.lane in (REFERENCE, EVERY_LANE)), evidence.contents)
    judges = {profile.name: Judge(lane, profile, REFERENCE) for profile in profiles}
    passes: defaultdict[str, list[tuple[Judge, Requirement]]] = defaultdict(list)
    total = 0
    for judge in judges.values():
        for requirement in judge.profile.requirements:
            for aspect in requirement.aspects:
                if aspect.verification is not Verification.AUTOMATIC:
                    continue
                verdict = judge.aspect(aspect)
                if verdict.verdict is Verdict.PASS:
                    total += 1
                    for cited in verdict.evidence:
                        passes[cited].append((judge, replace(requirement, aspects=(aspect,))))
    survived = [
        {"aspect": f"{profile}#{aspect.id}", "evidence": record_id}
        for record_id, relying in sorted(passes.items())
        for profile, aspect in _still_passing(lane.without(record_id), relying)
    ]
    return {"passes": total, "removals": len(passes), "survived": survived}


def _still_passing(less: Evidence, relying: Sequence[tuple[Judge, Requirement]]) -> list[tuple[str, Aspect]]:
    """What still passes of aspects that relied on a record; each stands alone in its requirement, which may not apply."""
    judges: dict[str, Judge] = {}
    found = []
    for whole, requirement in relying:
        name = whole.profile.name
        if name not in judges:
            judges[name] = whole.over(less)
        (verdict,) = judges[name].requirement(requirement).aspects
        if verdict.verdict is Verdict.PASS:
            found.append((name, verdict.aspect))
    return found
