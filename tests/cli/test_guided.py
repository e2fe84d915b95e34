"""A guided campaign needs somebody to guide: without a terminal the command says so, and plays nothing."""

import os
import subprocess
import sys

SHEET = """
[product]
name = "Un DUI"
version = "1"
editor = "Un éditeur"
reference = "UN-1"
[conditions]
[driver]
kind = "guided"
"""


def test_a_guided_run_without_a_terminal_is_a_setup_error_before_anything_is_played(tmp_path) -> None:
    (tmp_path / "dui.toml").write_text(SHEET, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "conformance",
        "run",
        "--dui",
        "dui.toml",
        "--profile",
        "socle-va2",
        "--out",
        "results",
    ]
    # A session of its own has no controlling terminal, wherever the tests are run from.
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "CONFORMANCE_LANG": "en"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=False,
    )
    assert (done.returncode, "driver.no-terminal" in done.stderr) == (3, True)
    assert not (tmp_path / "results").exists()
