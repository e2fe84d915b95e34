"""Playing the reference and every defect, each in a lane of its own, on warm processes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from conformance.bench.profiles import shipped_profiles
from conformance.bench.reference import ReferenceDui
from conformance.cli.playing import Progress, play
from conformance.core.profile import load_profile
from conformance.evidence.evidence import Evidence
from conformance.hardening import SCENARIO
from conformance.selftest.ablation import ablate
from conformance.selftest.defects import Defect
from conformance.selftest.matrix import REFERENCE, Matrix, kill_matrix


def campaign(out: Path, defects: Sequence[Defect], *, whole: bool, workers: int, progress: Progress) -> Matrix:
    """Play everything into ``out`` and answer with the matrix; ``workers`` processes share the lanes out.

    Unless ``whole``, the reference plays the scenarios of these defects only.
    """
    import conformance.checks  # noqa: F401 - fills the register

    paths = list(shipped_profiles().values())
    profiles = [load_profile(path) for path in paths]
    # No profile names the look at the front door: it counts in no verdict, yet its rules are proven like the others.
    every = {SCENARIO, *(name for profile in profiles for name in profile.scenarios)}
    scenarios = sorted(every if whole else {name for defect in defects for name in defect.scenarios})
    out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        duis = [stack.enter_context(ReferenceDui(out / f"reference-dui-{n}", switchable=True)) for n in range(workers)]
        lanes = duis[0].lane(REFERENCE, scenarios=scenarios)
        for position, defect in enumerate(defects):
            dui = duis[(position + 1) % len(duis)]
            lanes += dui.lane(defect.name, scenarios=defect.scenarios, defects=(defect.name,))
        sheet = duis[0].write_sheet(out / "dui.toml", lanes)
        arguments = ["--dui", str(sheet)]
        for path in paths:
            arguments += ["--profile", str(path)]
        play(arguments, out, progress=progress, workers=str(workers) if workers > 1 else None)
    evidence = Evidence.load(out / "evidence")
    matrix = kill_matrix(evidence, profiles, defects, whole=whole)
    matrix.ablation = ablate(evidence, profiles)
    return matrix
