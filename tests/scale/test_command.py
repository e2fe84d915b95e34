"""The command as a person gives it: exit codes, results, and what is left after ``kill -9``."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.check import check
from conformance.core.errors import ConformanceError
from conformance.core.texts import use_language
from conformance.scale import cluster
from tests.scale.documents import lines, tree, twice


@pytest.fixture(autouse=True)
def _english():
    use_language("en")
    yield
    use_language(None)


def run(*arguments):
    return CliRunner().invoke(check, [str(each) for each in arguments])


def test_results_go_to_the_file_and_the_summary_to_the_screen(tmp_path):
    docs = tree(tmp_path / "docs", 2)
    (docs / "odd").write_bytes(b"?")
    out = docs / "out.jsonl"
    result = run(docs, "--jobs", 1, "--out", out)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "3 document(s): 2 valid, 1 not."
    assert "document.unknown" in result.stdout
    assert sorted(Path(each["path"]).name for each in lines(out)) == ["d0000.xml", "d0001.xml", "odd"]
    assert not list(docs.glob("*.index"))


def test_a_second_run_judges_what_is_new_or_changed_only(tmp_path):
    docs = tree(tmp_path / "docs", 3)
    out = tmp_path / "out.jsonl"
    assert run(docs, "--jobs", 1, "--out", out).exit_code == 0
    assert isinstance(run(docs, "--jobs", 1, "--out", out).exception, ConformanceError)
    (docs / "d0000.xml").write_bytes(b"changed")
    (docs / "new.xml").write_bytes(b"<a/>")
    told = json.loads(run(docs, "--jobs", 1, "--out", out, "--resume", "--format", "json").stdout)
    assert (told["documents"], told["judged"], told["kept"], told["invalid"]) == (4, 2, 2, 2)
    assert len(lines(out)) == 5
    assert twice(lines(out)) == []


def test_without_a_file_the_lines_have_standard_output(tmp_path):
    docs = tree(tmp_path / "docs", 2)
    result = run(docs, "--jobs", 1, "--format", "json", "--progress")
    assert [json.loads(line)["kind"] for line in result.stdout.splitlines()] == ["cda", "cda"]
    assert "2 judged, 0 not valid" in result.stderr
    assert '"documents": 2' in result.stderr


def test_text_names_each_document_that_has_findings(tmp_path):
    (tmp_path / "bad\x1b[31m.xml").write_bytes(b"<a>")
    (tmp_path / "empty").mkdir()
    told = run(tmp_path, tmp_path / "empty", "--jobs", 1)
    assert told.exit_code == 2
    assert "\x1b" not in told.output
    assert told.stdout.startswith("✘ ")
    assert "[document.no-file]" in told.stdout


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--jobs", "1", "--format", "sarif"], "scale.no-sarif"),
        (["--resume"], "scale.resume-needs-out"),
        (["--scheduler", "tcp://127.0.0.1:1"], "scale.scheduler-needs-dask"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, code, tmp_path):
    exception = run(tmp_path, *options).exception
    assert isinstance(exception, ConformanceError)
    assert (exception.code, exception.exit_code) == (code, 2)


def test_without_the_extra_the_cluster_engine_says_how_to_have_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    exception = run(tree(tmp_path, 1), "--engine", "dask").exception
    assert isinstance(exception, ConformanceError)
    assert (exception.code, exception.exit_code) == ("scale.dask-missing", 3)
    assert "dui-conformance[scale]" in exception.card("en")
    assert cluster.AHEAD > 0


def test_killed_in_the_middle_it_resumes_without_loss_or_double(tmp_path):
    docs = tree(tmp_path / "docs", 120)
    out = tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "conformance", "check", str(docs), "--jobs", "2", "--out", str(out)]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and first.poll() is None and not (out.exists() and out.stat().st_size):
        time.sleep(0.01)
    os.kill(first.pid, signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    before = len(lines(out))
    assert 0 < before < 120
    with out.open("ab") as file:
        file.write(b'{"schema": 1, "path": "torn')
    told = json.loads(run(docs, "--jobs", 2, "--out", out, "--resume", "--format", "json").stdout)
    assert (told["documents"], told["judged"], told["kept"], told["valid"]) == (120, 120 - before, before, 120)
    assert sorted(Path(each["path"]).name for each in lines(out)) == sorted(path.name for path in docs.iterdir())
