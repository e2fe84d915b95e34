"""The same scenarios on the embedded operator and on Dovecot: the same verdicts."""

from __future__ import annotations

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
from conformance.services.contract import BACKENDS
from conformance.services.mssante.dovecot.presence import missing

# One of each kind; the whole demonstration has a tox environment (tests/heavy/test_mail_backends.py).
PLAYED = (
    "mss.configure-box",
    "mss.configure-box-app",
    "mss.send-professional",
    "mss.reply",
    "mss.receive",
    "mss.session-closed",
)
LANE = '\n[[lane]]\nname = "main"\nurl = "{url}"\nscenarios = [{scenarios}]\n'

pytestmark = pytest.mark.skipif(
    bool(missing()), reason=f"Dovecot is not installed here (Debian packages {' '.join(missing())})"
)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Evidence]:
    """The evidence of each backend."""
    return {backend: play(tmp_path_factory.mktemp(backend), backend) for backend in BACKENDS}


def play(folder: Path, backend: str) -> Evidence:
    scenarios = ", ".join(f'"{name}"' for name in PLAYED)
    with ReferenceDui(folder / "dui") as dui:
        sheet = dui.write_sheet(folder / "dui.toml", LANE.format(url=dui.url, scenarios=scenarios))
        command = [sys.executable, "-m", "pytest", "--pyargs", "conformance._bundled.scenarios", "-q"]
        command += ["--dui", str(sheet), "--profile", str(shipped_profiles()["socle-va2"])]
        command += ["--seed", "1", "--mail-backend", backend, "--conformance-out", str(folder / "out")]
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider"],
            cwd=folder,
            env={**os.environ, "CONFORMANCE_LANG": "en"},
            capture_output=True,
            text=True,
            timeout=200,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return Evidence.load(folder / "out" / "evidence")


def test_the_run_says_which_backend_it_stood_on(played) -> None:
    assert {backend: evidence.start["mail_backend"] for backend, evidence in played.items()} == {
        backend: backend for backend in BACKENDS
    }


def test_the_verdicts_are_the_same(played) -> None:
    import_module("conformance.checks")  # fills the register
    profile = load_profile(shipped_profiles()["socle-va2"])
    told = {
        backend: {answer.requirement.id: answer.verdict for answer in Judge(evidence, profile).verdicts()}
        for backend, evidence in played.items()
    }
    assert told["dovecot"] == told["embedded"]
    assert Verdict.PASS in told["dovecot"].values()
    assert Verdict.FAIL not in told["dovecot"].values()
