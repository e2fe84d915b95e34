"""Starting and stopping the reference DUI, as its own process."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from conformance import _bundled
from conformance.core.errors import SetupError, UsageError
from conformance.core.nearest import nearest

START_LIMIT = 30.0
STOP_LIMIT = 10.0
TOKEN_ENV = "DUI_CONTROL_TOKEN"  # noqa: S105 - the name of the variable

SHEET = """\
# The reference DUI: a small product that conforms, shipped with the harness. Everything in it is fictitious.
[product]
name = "DUI de référence"
version = "{version}"
editor = "dui-conformance"
reference = "{reference}"

[conditions]
pa_ph = true
identity_referential = true
{conditions}

[offers]

[driver]
kind = "http"
url = "{url}"
token_env = "{token_env}"

[front]
url = "{front}"
ca = "{authority}"

[limits]
idle = 30
quiet = 2
answer = 15
"""


def shipped_defects() -> dict[str, Path]:
    """The named defects of the reference DUI."""
    return {path.stem: path for path in sorted(_defects_folder().glob("*.toml"))}


def refuse_unknown_defects(asked: Iterable[str]) -> None:
    """Raise a :class:`UsageError` for the first named defect, in the order of names, that is not shipped."""
    known = shipped_defects()
    if unknown := sorted(set(asked) - set(known)):
        near = nearest(unknown[0], known)
        raise UsageError(
            "demo.unknown-defect", name=unknown[0], near=near, count=len(known), folder=str(_defects_folder())
        )


def _defects_folder() -> Path:
    return _bundled.folder("reference_dui") / "defects"


class ReferenceDui:
    """A running reference DUI; a context manager."""

    def __init__(self, data: Path, *, defects: Sequence[str] = (), switchable: bool = False) -> None:
        refuse_unknown_defects(defects)
        self.data = data
        self.defects = tuple(defects)
        self.switchable = switchable
        self.url = ""
        self.front = ""
        self.authority = ""
        self.about: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.data.mkdir(parents=True, exist_ok=True)
        ready = self.data / "ready.json"
        ready.unlink(missing_ok=True)
        token = os.environ.setdefault(TOKEN_ENV, secrets.token_urlsafe(24))
        command = [sys.executable, "-m", "conformance._bundled.reference_dui"]
        command += ["--port", "0", "--ready", str(ready), "--data", str(self.data)]
        for name in self.defects:
            command += ["--defect", name]
        command += ["--allow-defects"] if self.switchable else []
        with (self.data / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, env={**os.environ, TOKEN_ENV: token}
            )
        try:
            self._wait(ready)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process, kindly then firmly."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_LIMIT)
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None

    def write_sheet(self, path: Path, lanes: str = "") -> Path:
        """Write the product sheet of this instance; ``lanes`` is appended as it is."""
        from conformance.core.profile import load_profile

        profiles = [load_profile(p) for p in sorted(_bundled.folder("profiles").glob("*.yaml"))]
        asked = sorted({c for p in profiles for c in p.conditions} - {"pa_ph", "identity_referential"})
        # Two conditions exclude each other: reimbursed care or not (SC.INS.28A, SC.INS.28B).
        answers = "\n".join(f"{name} = {str(name != 'no_reimbursed_care').lower()}" for name in asked)
        path.write_text(
            SHEET.format(
                url=self.url,
                front=self.front,
                authority=self.authority,
                token_env=TOKEN_ENV,
                version=self.about["version"],
                reference=self.about["reference"],
                conditions=answers,
            )
            + lanes,
            encoding="utf-8",
        )
        return path

    def lane(self, name: str, *, scenarios: Sequence[str] = (), defects: Sequence[str] = ()) -> str:
        """A lane of a product sheet that this instance plays; it shares all scenarios with others where it names none."""

        def quoted(values: Sequence[str]) -> str:
            return "[" + ", ".join(f'"{value}"' for value in values) + "]"

        played = f"scenarios = {quoted(scenarios)}\ndefects = {quoted(defects)}\n"
        front = f'front = {{ url = "{self.front}", ca = "{self.authority}" }}\n'
        return f'\n[[lane]]\nname = "{name}"\nurl = "{self.url}"\n{played}{front}'

    def _wait(self, ready: Path) -> None:
        from conformance.drivers.http import HttpDriver
        from conformance.drivers.operations import ReadAbout

        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            if ready.exists():
                told = json.loads(ready.read_text(encoding="utf-8"))
                self.url = told["url"].rstrip("/") + "/conformance/v1"
                self.front, self.authority = told["front"], told["authority"]
                self.about = HttpDriver(self.url, os.environ[TOKEN_ENV], 10).perform(ReadAbout()).body
                return
            if self._process is not None and self._process.poll() is not None:
                break
            time.sleep(0.02)
        log = (self.data / "log.txt").read_text(encoding="utf-8", errors="replace")
        raise SetupError("demo.not-started", log=log[-600:])
