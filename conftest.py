"""The repository's own tests: one home for the bench's state, so that no test touches the user's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    # The test PKI is generated once for the session, in a folder of its own.
    os.environ.setdefault("CONFORMANCE_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The published corpus and reference files, where they are present beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the shared corpus is not beside this repository")
    return SHARED
