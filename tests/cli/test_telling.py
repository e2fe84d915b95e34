"""What a run says at its end."""

from __future__ import annotations

import pytest

from conformance.cli.telling import MOST, tell
from conformance.core.words import Verdict
from conformance.dossier.outputs import Summary


def summary(broken: list[str]) -> Summary:
    counts = dict.fromkeys(Verdict, 0) | {Verdict.FAIL: len(broken), Verdict.PASS: 3}
    return Summary(counts, 0, 1, {}, {Verdict.FAIL: broken})


def test_the_requirements_that_fail_are_named_under_their_count(capsys: pytest.CaptureFixture[str]) -> None:
    tell(summary(["SC.MSS.02", "DMP/CONF.03"]))
    lines = capsys.readouterr().out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip().startswith("2 "))
    assert lines[at + 1].split() == ["SC.MSS.02", "DMP/CONF.03"]
    assert sum("SC." in line or "DMP/" in line for line in lines) == 1


def test_many_are_named_in_part(capsys: pytest.CaptureFixture[str]) -> None:
    tell(summary([f"SC.X.{n:03d}" for n in range(MOST + 5)]))
    told = capsys.readouterr().out
    assert f"SC.X.{MOST - 1:03d}" in told
    assert f"SC.X.{MOST:03d}" not in told
    assert "…" in told
    assert max(map(len, told.splitlines())) <= 100


def test_nothing_is_named_where_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    tell(summary([]))
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines() if line] == ["3"]
