"""Two products in two lanes under ``-n 2``: each is judged on its own exchanges."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from conformance.bench.profiles import shipped_profiles
from conformance.bench.reference import ReferenceDui
from conformance.core.profile import load_profile
from conformance.core.words import Verdict
from conformance.evidence.evidence import Evidence
from conformance.judge import Judge

LANES = ("north", "south")
PLAYED = ("mss.send-professional", "mss.untrusted-servers", "mss.session-closed")
LANE = '\n[[lane]]\nname = "{name}"\nurl = "{url}"\nscenarios = [{scenarios}]\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lanes")
    scenarios = ", ".join(f'"{name}"' for name in PLAYED)
    with ReferenceDui(folder / "a") as first, ReferenceDui(folder / "b") as second:
        lanes = [
            LANE.format(name=n, url=d.url, scenarios=scenarios) for n, d in zip(LANES, (first, second), strict=True)
        ]
        sheet = first.write_sheet(folder / "dui.toml", "".join(lanes))
        command = [sys.executable, "-m", "pytest", "--pyargs", "conformance._bundled.scenarios", "-n", "2", "-q"]
        command += ["--dui", str(sheet), "--profile", str(shipped_profiles()["socle-va2"])]
        done = subprocess.run(
            [*command, "--conformance-out", str(folder / "out"), "-p", "no:cacheprovider"],
            cwd=folder,
            env={**os.environ, "CONFORMANCE_LANG": "en"},
            capture_output=True,
            text=True,
            timeout=200,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "out" / "evidence"


@pytest.fixture(scope="module")
def evidence(folder: Path) -> Evidence:
    return Evidence.load(folder)


def test_every_scenario_was_observed_whole_in_each_lane(evidence: Evidence) -> None:
    seen = {(o.lane, o.scenario) for o in evidence.observations if o.sound and not o.hindrance}
    assert seen == {(lane, scenario) for lane in LANES for scenario in PLAYED}


def test_each_worker_wrote_the_windows_of_one_lane(folder: Path) -> None:
    segments = [path.read_text("utf-8") for path in (folder / "journal").glob("*.jsonl")]
    wrote = [{lane for lane in LANES if f"@{lane}#" in text} for text in segments if "window.open" in text]
    assert sorted(wrote, key=sorted) == [{lane} for lane in LANES]


@pytest.mark.parametrize("lane", LANES)
def test_no_exchange_of_the_other_lane_is_mixed_in(evidence: Evidence, lane: str) -> None:
    (other,) = set(LANES) - {lane}
    mine = [o for o in evidence.observations if o.lane == lane]
    exchanges = [r for o in mine for r in o.exchanges]
    assert {r.lane for r in exchanges} == {lane}
    said = "\n".join(r.to_line() for r in exchanges)
    assert f"{lane}.mssante.test" in said
    assert f"{other}.mssante.test" not in said
    assert {r.data["client_id"] for r in exchanges if r.kind == "psc.token"} == {f"dui-{lane}"}
    messages = [r for r in exchanges if r.kind == "smtp.message"]
    assert messages
    assert all(r.data["mail_from"].endswith(f"{lane}.mssante.test") for r in messages)


@pytest.mark.parametrize("lane", LANES)
def test_each_lane_has_its_own_verdicts(evidence: Evidence, lane: str) -> None:
    profile = load_profile(shipped_profiles()["socle-va2"])
    import_module("conformance.checks")  # fills the register
    judge = Judge(evidence, profile, lane)
    played = [verdict for seen in evidence.observations if seen.lane == lane for _, verdict in judge.scenario(seen)]
    assert len(played) > 10
    assert {v.verdict for v in played} <= {Verdict.PASS, Verdict.NEEDS_REVIEW}, [
        (v.aspect.id, v.reason) for v in played if v.verdict is not Verdict.PASS
    ]
    lanes = {evidence.records[e].lane for v in played for e in v.evidence}
    assert lanes <= {lane, "*"}
