"""Products to play against: the documented example, and the reference DUI."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-tests"

SHEET = """
[product]
name = "Exemple"
version = "1.0"
editor = "Essai"
reference = "DUI-EXAMPLE-0001"
[conditions]
{conditions}
[driver]
kind = "http"
url = "http://127.0.0.1:{port}/conformance/v1"
token_env = "DUI_CONTROL_TOKEN"
[limits]
idle = 10
quiet = 1
answer = 10
"""


def answered_conditions() -> str:
    from conformance.bench.profiles import shipped_profiles
    from conformance.core.profile import load_profile

    names = {name for path in shipped_profiles().values() for name in load_profile(path).conditions}
    return "\n".join(f"{name} = true" for name in sorted(names))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The product sheet of the documented three-operation example, which runs."""
    port = free_port()
    environment = {**os.environ, "DUI_CONTROL_TOKEN": TOKEN}
    product = subprocess.Popen(
        [sys.executable, str(ROOT / "docs" / "examples" / "three_operations.py"), str(port)], env=environment
    )
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    sheet = tmp_path_factory.mktemp("example") / "dui.toml"
    sheet.write_text(SHEET.format(port=port, conditions=answered_conditions()), encoding="utf-8")
    yield sheet
    product.terminate()
    product.wait(10)


@pytest.fixture
def conformance(tmp_path: Path):
    """Run the command in an empty folder, as a user would."""

    def run(*arguments: str, timeout: float = 120, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "conformance", *arguments],
            cwd=tmp_path,
            env={**os.environ, "DUI_CONTROL_TOKEN": TOKEN, "CONFORMANCE_LANG": "en", **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return run


@pytest.fixture
def plain_pytest(tmp_path: Path):
    """Run plain pytest on the shipped scenarios, in an empty folder."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "--pyargs", "conformance._bundled.scenarios"]
        return subprocess.run(
            [*command, *arguments],
            cwd=tmp_path,
            env={**os.environ, "DUI_CONTROL_TOKEN": TOKEN, "CONFORMANCE_LANG": "en"},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run
