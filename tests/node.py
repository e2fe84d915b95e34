"""Peers written with the packages of others for node: found where ``NODE_PATH`` looks, spoken to in lines of JSON."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

LIMIT = 30.0


@cache
def has(package: str) -> bool:
    """Whether node finds a package: ``NODE_PATH`` says where packages are."""
    node = shutil.which("node")
    if node is None:
        return False
    asked = [node, "-e", f"require('{package}')"]
    return subprocess.run(asked, check=False, capture_output=True, timeout=60).returncode == 0


def reason(package: str) -> str:
    """Why a test that needs a package is skipped."""
    return f"no npm package {package} where NODE_PATH looks"


class NodePeer:
    """A script that answers each line of JSON with one; ``ca`` is the authority that it trusts beside its own."""

    def __init__(self, script: Path, told: Mapping[str, Any], ca: Path | None = None) -> None:
        anchors = {"NODE_EXTRA_CA_CERTS": str(ca)} if ca else {}
        self._process = subprocess.Popen(
            ["node", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NODE_NO_WARNINGS": "1", **anchors},
        )
        self.ready = self.ask(**told)

    def ask(self, **told: Any) -> dict[str, Any]:
        """One question and its answer; a peer that is silent for too long, or dead, is an :class:`AssertionError`."""
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        readable, _, _ = select.select([self._process.stdout], [], [], LIMIT)
        line = self._process.stdout.readline() if readable else ""
        if not line:
            self._process.kill()
            raise AssertionError(f"the peer said nothing: {self._process.stderr.read()[-2000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate(timeout=LIMIT)
