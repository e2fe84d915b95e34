"""The whole demonstration on the embedded operator and on Dovecot: the same verdicts, row by row."""

import json
import subprocess
import sys

import pytest

from conformance.services.contract import BACKENDS
from conformance.services.mssante.dovecot.presence import missing

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(bool(missing()), reason=f"Dovecot is not installed here (Debian packages {missing()})"),
]


def test_the_whole_demonstration_gives_the_same_verdicts(tmp_path) -> None:
    told = {}
    for backend in BACKENDS:
        command = [sys.executable, "-m", "conformance", "demo", "--out", backend, "--seed", "1"]
        done = subprocess.run(
            [*command, "--mail-backend", backend], cwd=tmp_path, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stdout + done.stderr
        rows = json.loads((tmp_path / backend / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]
        told[backend] = {(row["profile"], row["id"]): row["verdict"] for row in rows}
    assert told["dovecot"] == told["embedded"]
    assert "pass" in told["dovecot"].values()
