"""Playing the shipped scenarios from a command: pytest inside, progress lines outside."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

from conformance.bench.places import scenarios_folder
from conformance.core.errors import ConformanceError, HarnessError, UsageError

SYMBOLS = {"passed": "✔", "failed": "✘", "skipped": "-", "error": "!"}


@dataclass(eq=False)
class Progress:
    """A pytest plug-in that prints one line per scenario and keeps what usage errors said."""

    shown: bool = True
    conformance_refused: ConformanceError | None = None
    total: int = 0
    done: int = 0
    interrupted: bool = False
    outcomes: dict[str, str] = field(default_factory=dict)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """How many there are."""
        self.total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: Sequence[str]) -> None:
        """As above, under xdist, where the controller collects nothing itself."""
        del node
        self.total = len(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One line when a scenario ends."""
        if report.when == "call" or (report.when == "setup" and not report.passed):
            self.done += 1
            outcome = "error" if report.when == "setup" and report.failed else report.outcome
            name = str(dict(report.user_properties).get("scenario") or report.nodeid.rpartition("::")[2])
            self.outcomes[name] = outcome
            self._print(f"  {SYMBOLS[outcome]} {self.done:2d}/{self.total:<2d} {name:<28} {report.duration:5.1f} s")
            if outcome == "error":
                self._print(_last_lines(report))

    def _print(self, line: str) -> None:
        if self.shown:
            click.echo(line)


def play(arguments: Sequence[str], out: Path, *, progress: Progress, workers: str | None = None) -> None:
    """Play into ``out``: evidence, ``junit.xml``, ``allure-results``. Outcomes of tests are not errors here."""
    command = [
        str(scenarios_folder()),
        # The user's own pytest configuration is not this run's.
        "-c",
        os.devnull,
        "--rootdir",
        str(scenarios_folder()),
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:terminal",
        "--conformance-out",
        str(out),
        "--junitxml",
        str(out / "junit.xml"),
        "--alluredir",
        str(out / "allure-results"),
        "--clean-alluredir",
        *arguments,
    ]
    if workers:
        command += ["-n", workers]
    try:
        code = pytest.main(command, plugins=[progress])
    except pytest.UsageError as exc:
        raise UsageError("cli.pytest-usage", reason=str(exc)) from exc
    if progress.conformance_refused is not None:
        raise progress.conformance_refused
    if code == pytest.ExitCode.INTERNAL_ERROR:
        raise HarnessError("cli.pytest-internal")
    if code == pytest.ExitCode.USAGE_ERROR:
        raise UsageError("cli.pytest-usage", reason="pytest")
    progress.interrupted = code == pytest.ExitCode.INTERRUPTED


def _last_lines(report: pytest.TestReport, count: int = 4) -> str:
    return "\n".join("      " + line for line in report.longreprtext.strip().splitlines()[-count:])
