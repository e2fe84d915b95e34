"""The embedded reference DUI, through the commands of the README."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from conformance.dossier.schema import validator

# A few scenarios, quick ones first, for what does not need them all.
FEW = ("--profile", "socle-va2", "--scenario", "mss.send-professional", "--scenario", "mss.send-plain", "-n", "1")


SEVERAL = (*FEW, "--scenario", "mss.receive", "--scenario", "mss.configure-box", "--scenario", "mss.receive-again")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """One demonstration, shared by the tests that look at its outputs."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "demo", "--out", "out"],
        cwd=folder,
        env={**os.environ, "CONFORMANCE_LANG": "fr"},
        capture_output=True,
        text=True,
        timeout=420,
    )
    return done, folder / "out"


def test_the_reference_conforms_and_is_told_incomplete(demo) -> None:
    done, out = demo
    assert done.returncode == 0, done.stdout + done.stderr
    assert "INCOMPLET" in done.stdout
    verdicts = json.loads((out / "verdicts.json").read_text(encoding="utf-8"))
    assert list(validator("verdicts").iter_errors(verdicts)) == []
    found = {row["verdict"] for row in verdicts["verdicts"]}
    assert not found & {"fail", "deviation", "setup", "harness_error", "blocked"}
    assert sum(row["verdict"] == "pass" for row in verdicts["verdicts"]) >= 10


def test_assumed_rows_are_marked(demo) -> None:
    _, out = demo
    rows = json.loads((out / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]
    assert sum(row["assumed"] for row in rows) == 21


def test_every_pass_cites_evidence_that_is_sealed(demo) -> None:
    _, out = demo
    rows = json.loads((out / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]
    with zipfile.ZipFile(out / "dossier.zip") as dossier:
        sealed = set()
        for name in dossier.namelist():
            if name.endswith(".jsonl"):
                for line in dossier.read(name).splitlines():
                    record = json.loads(line)
                    sealed.add(f"{record['service']}/{record['lane']}/{record['seq']}")
    for row in rows:
        if row["verdict"] == "pass":
            assert row["evidence"]
            assert set(row["evidence"]) <= sealed, row["id"]


def test_a_plain_dossier_is_sound_but_unsigned(demo, conformance) -> None:
    _, out = demo
    dossier = str(out / "dossier.zip")
    assert conformance("dossier", "verify", dossier).returncode == 3
    assert conformance("dossier", "verify", dossier, "--allow-unsigned").returncode == 0
    assert conformance("dossier", "rejudge", dossier).returncode == 0


def test_a_defect_is_a_non_conformity(conformance, tmp_path) -> None:
    done = conformance("demo", "--out", "out", "--defect", "drops-nil-header", *FEW)
    assert done.returncode == 1, done.stdout + done.stderr
    rows = json.loads((tmp_path / "out" / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]
    failed = {row["id"] for row in rows if row["verdict"] == "fail"}
    assert failed == {"MSS/CONF.16"}


def test_an_unknown_defect_is_a_usage_error(conformance) -> None:
    done = conformance("demo", "--defect", "drops-nil-headers")
    assert (done.returncode, "drops-nil-header," in done.stderr) == (2, True)
    # Where none is near, none is named: only where they are.
    done = conformance("demo", "--defect", "no-such-sin")
    assert (done.returncode, "defects" in done.stderr, "drops-nil-header" in done.stderr) == (2, True, False)


def test_an_unknown_scenario_is_a_usage_error(conformance) -> None:
    done = conformance("demo", "--scenario", "mss.send-plane", "--profile", "socle-va2", CONFORMANCE_LANG="en")
    assert (done.returncode, "mss.send-plain" in done.stderr) == (2, True), done.stderr


def test_a_killed_run_is_resumed_to_its_end(tmp_path, conformance) -> None:
    command = [sys.executable, "-m", "conformance", "demo", "--out", "out", *SEVERAL]
    environment = {**os.environ, "CONFORMANCE_LANG": "en"}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        for line in running.stdout:
            if found := re.search(r" 1/(\d+)", line):
                total = int(found[1])
                break
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(10)
    time.sleep(0.5)
    done = conformance("demo", "--out", "out", "--resume", *SEVERAL)
    assert done.returncode == 0, done.stdout + done.stderr
    played = [line for line in done.stdout.splitlines() if "✔" in line]
    rows = json.loads((tmp_path / "out" / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]
    assert 0 < len(played) < total
    assert not {row["verdict"] for row in rows} & {"fail", "blocked", "setup", "harness_error"}
    assert "pass" in {row["verdict"] for row in rows}
    assert conformance("dossier", "rejudge", "out/dossier.zip").returncode == 0


def test_help_is_in_the_readers_language(conformance) -> None:
    assert "Banc de conformité" in conformance("--help", CONFORMANCE_LANG="fr").stdout
    assert "Conformance harness" in conformance("--help", CONFORMANCE_LANG="en").stdout
