"""Kill the run, or its services, at random moments: nothing acknowledged is lost, and resuming completes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.evidence.journal import read_journal

pytestmark = pytest.mark.heavy
ROUNDS = int(os.environ.get("KILL_ROUNDS", "20"))
SEED = int(os.environ.get("KILL_SEED", "1"))


def demo(folder, *arguments):
    command = [sys.executable, "-m", "conformance", "demo", "--out", "out", "--profile", "ms1-dui-va1", *arguments]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def services_of(session):
    """The pids of the session's service processes."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = line.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"conformance.services.host" in command and str(session).encode() in command:
            found.append(int(line.parent.name))
    return found


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("victim", ["run", "services"])
def test_a_kill_at_any_moment_loses_nothing(tmp_path, round_, victim) -> None:
    chance = random.Random(f"{SEED}/{round_}/{victim}")
    running = demo(tmp_path)
    time.sleep(chance.uniform(0.5, 6.0))
    if victim == "run":
        os.killpg(running.pid, signal.SIGKILL)
    else:
        for pid in services_of(running.pid):
            os.kill(pid, signal.SIGKILL)
    running.communicate(timeout=120)
    time.sleep(1)
    journal = tmp_path / "out" / "evidence"
    before = {r.id for r in read_journal(journal)} if (journal / "journal").is_dir() else set()
    again = demo(tmp_path, *(["--resume"] if before else []))
    told, _ = again.communicate(timeout=180)
    assert again.returncode == 0, told
    after = {r.id for r in read_journal(journal)}
    assert before <= after
    rows = json.loads((tmp_path / "out" / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]
    assert not {row["verdict"] for row in rows} & {"fail", "blocked", "setup", "harness_error"}
    verify = [sys.executable, "-m", "conformance", "dossier", "verify", "out/dossier.zip", "--allow-unsigned"]
    assert subprocess.run(verify, cwd=tmp_path, check=False, capture_output=True).returncode == 0
