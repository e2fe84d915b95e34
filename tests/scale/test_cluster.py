"""The cluster engine, where it is installed: the same verdicts, and killed workers that lose and double nothing."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from subprocess import DEVNULL

import pytest
from click.testing import CliRunner

from conformance.cli.check import check
from conformance.core.errors import SetupError
from conformance.scale import cluster
from conformance.scale.cluster import Cluster
from conformance.scale.item import Given
from conformance.scale.sources import batches, items
from tests.scale.documents import FATAL, cheap, judged_here, lines, tree, twice

distributed = pytest.importorskip("distributed", reason="the extra 'scale' (dask.distributed) is not installed")
# Tornado and asyncio leave sockets of dead workers to the collector; that is theirs.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


def judge(engine, found, size=4):
    return [verdict for answers in engine.judge(batches(found, lambda _: None, size)) for verdict in answers]


def by_path(verdicts):
    return sorted(verdicts, key=lambda verdict: verdict.path)


@pytest.fixture
def workers():
    made = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs="CRITICAL"
    )
    with made:
        yield made


def test_workers_say_what_one_by_one_says_and_killed_ones_lose_and_double_nothing(workers, tmp_path):
    found = list(items(tree(tmp_path, 40)))
    engine = Cluster(workers.scheduler_address, 1)
    verdicts = []
    killed = 0
    for answers in engine.judge(batches(found, lambda _: None, 4)):
        verdicts += answers
        if killed < 2:
            os.kill(workers.workers[killed].pid, signal.SIGKILL)
            killed += 1
    assert killed == 2
    assert by_path(verdicts) == by_path(judged_here(found, cluster.rules_version()))


def test_a_document_that_ends_workers_is_answered_for_and_the_others_are_judged(workers):
    found = [Given(f"d{number}", bytes([number])) for number in range(6)] + [Given(FATAL, b"x")]
    with distributed.Client(workers) as client:
        client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
    verdicts = judge(Cluster(workers.scheduler_address, 1, cheap), found, size=7)
    assert sorted(each.path for each in verdicts) == sorted(each.path for each in found)
    assert [(each.path, each.findings[0]["code"]) for each in verdicts if not each.valid] == [
        (FATAL, "document.worker-died")
    ]


def test_the_command_starts_its_own_workers_journals_and_resumes(tmp_path):
    docs = tree(tmp_path / "docs", 4)
    (docs / "copy.xml").write_bytes((docs / "d0000.xml").read_bytes())
    out = tmp_path / "out.jsonl"
    arguments = [str(docs), "--engine", "dask", "--jobs", "1", "--out", str(out), "--format", "json"]
    first = json.loads(CliRunner().invoke(check, arguments).stdout)
    (docs / "new.xml").write_bytes(b"<a/>")
    again = json.loads(CliRunner().invoke(check, [*arguments, "--resume"]).stdout)
    assert (first["documents"], first["judged"]) == (5, 5)
    assert (again["documents"], again["judged"], again["kept"]) == (6, 1, 5)
    assert len(lines(out)) == 6
    assert twice(lines(out)) == []
    base = sqlite3.connect(tmp_path / "out.jsonl.sqlite")
    assert base.execute("SELECT count(*) FROM verdict").fetchone() == (5,)
    assert base.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    base.close()


def test_workers_of_several_threads_are_refused(tmp_path):
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address=None, silence_logs="CRITICAL"
        ) as made,
        pytest.raises(SetupError, match=r"scale\.dask-threads"),
    ):
        judge(Cluster(made.scheduler_address, 1), items(tmp_path))


def test_a_scheduler_that_does_not_answer_is_a_card(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(SetupError, match=r"scale\.dask-unreachable"):
        judge(Cluster("tcp://127.0.0.1:1", 1), items(tmp_path))


def test_killed_in_the_middle_it_resumes_without_loss_or_double(tmp_path):
    docs, out = tree(tmp_path / "docs", 160), tmp_path / "out.jsonl"
    command = ["check", str(docs), "--engine", "dask", "--jobs", "1", "--out", str(out), "--format", "json"]
    first = subprocess.Popen([sys.executable, "-m", "conformance", *command], stdout=DEVNULL, stderr=DEVNULL)
    written = tmp_path / "out.jsonl.sqlite-wal"
    deadline = time.monotonic() + 60
    # One batch of fifty is more than the tables alone.
    while time.monotonic() < deadline and first.poll() is None and not (written.exists() and kept(written) > 40_000):
        time.sleep(0.01)
    first.kill()
    assert first.wait() == -signal.SIGKILL
    assert not out.exists()
    told = json.loads(CliRunner().invoke(check, [*command[1:], "--resume"]).stdout)
    assert (told["documents"], told["valid"], told["judged"] + told["kept"]) == (160, 160, 160)
    assert 0 < told["kept"] < 160
    assert sorted(each["path"] for each in lines(out)) == sorted(map(str, docs.iterdir()))


def kept(path):
    return path.stat().st_size
