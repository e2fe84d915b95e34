#!/usr/bin/env python3
"""Set up and run, with nothing but Python 3.11 and pip.

python3 bootstrap.py demo   sets up, then plays the campaign against the embedded reference DUI
python3 bootstrap.py test   sets up, then runs the tests

Everything goes into ``.venv``; the versions and hashes are those of ``requirements.lock``.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "locked"
USAGE = 2
FLOOR = (3, 11)


def main(arguments: list[str]) -> int:
    """Set up if needed, then run the command."""
    if sys.version_info < FLOOR:
        print("Python 3.11 or newer is needed.", file=sys.stderr)
        return USAGE
    if not arguments or arguments[0] not in ("setup", "demo", "test"):
        print((__doc__ or "").strip(), file=sys.stderr)
        return USAGE
    set_up()
    command, rest = arguments[0], arguments[1:]
    if command == "demo":
        return subprocess.call([str(PYTHON), "-m", "conformance", "demo", *rest], cwd=ROOT)
    if command == "test":
        workers = str(min(4, os.cpu_count() or 1))
        # A campaign takes minutes: whoever is done takes over what waits behind it.
        shared = ["-n", workers, "--dist", "worksteal"]
        return subprocess.call([str(PYTHON), "-m", "pytest", *shared, *rest], cwd=ROOT)
    return 0


def set_up() -> None:
    """Create the environment and install the lock and the project; nothing to do when the lock has not changed."""
    wanted = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text(encoding="ascii") == wanted:
        return
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    pip("--require-hashes", "--requirement", str(LOCK))
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(wanted, encoding="ascii")


def pip(*arguments: str) -> None:
    """Install quietly; a failure stops everything with pip's own words."""
    subprocess.run(
        [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments],
        cwd=ROOT,
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
