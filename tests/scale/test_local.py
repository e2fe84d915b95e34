"""The local engine: the same verdicts as one by one; a process that dies loses, doubles and hides nothing."""

import os
import signal
from itertools import count

import pytest

from conformance.core.errors import HarnessError
from conformance.scale import local, worker
from conformance.scale.item import Given
from conformance.scale.local import Local
from conformance.scale.sources import batches, items
from tests.scale.documents import FATAL, ONCE, SLOW, cheap, judged_here, tree


def judge(engine, found, size=4, known=lambda _: None):
    return [verdict for answers in engine.judge(batches(found, known, size)) for verdict in answers]


def given(*names, others=9):
    return [Given(f"d{number}", bytes([number])) for number in range(others)] + [Given(each, b"x") for each in names]


def by_path(verdicts):
    return sorted(verdicts, key=lambda verdict: verdict.path)


def test_two_processes_say_what_one_by_one_says(tmp_path):
    tree(tmp_path, 3)
    (tmp_path / "bad.xml").write_bytes(b"<ClinicalDocument/>")
    (tmp_path / "odd").write_bytes(b"?")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    rules = local.rules_version()
    assert by_path(judge(Local(2), items(tmp_path))) == by_path(judged_here(items(tmp_path), rules))


def test_a_document_still_as_known_is_not_judged_again(tmp_path):
    tree(tmp_path, 3)
    known = {each.path: each.key for each in judged_here(items(tmp_path))}
    (tmp_path / "d0001.xml").write_bytes(b"changed")
    answers = judge(Local(1), items(tmp_path), known=known.get)
    assert [each.path for each in answers if each is not None] == [str(tmp_path / "d0001.xml")]
    assert len(answers) == 3


def test_a_document_that_ends_its_process_is_answered_for_and_the_others_are_judged():
    found = [*given(FATAL), Given("last", b"y")]
    verdicts = judge(Local(2, cheap), found)
    assert sorted(each.path for each in verdicts) == sorted(each.path for each in found)
    (dead,) = [each for each in verdicts if not each.valid]
    assert (dead.path, dead.findings[0]["code"], dead.findings[0]["fault"]) == (
        FATAL,
        "document.worker-died",
        "harness",
    )
    assert dead.sha256 is not None


def test_a_document_met_when_its_process_died_is_judged_again_alone(tmp_path):
    path = tmp_path / ONCE
    path.write_bytes(b"x")
    found = given() + list(items(tmp_path))
    verdicts = judge(Local(1, cheap), found, size=20)
    assert sorted(each.path for each in verdicts) == sorted(each.path for each in found)
    assert all(each.valid for each in verdicts)


def test_a_process_killed_in_the_middle_loses_and_doubles_nothing(tmp_path):
    found = list(items(tree(tmp_path, 24)))
    engine = Local(2)
    verdicts = []
    killed = 0
    for answers in engine.judge(batches(found, lambda _: None, 4)):
        verdicts += answers
        if killed < 2:
            os.kill(engine.processes()[-1], signal.SIGKILL)
            killed += 1
    assert killed == 2
    assert sorted(each.path for each in verdicts) == sorted(each.path for each in found)
    assert {each.kind for each in verdicts} == {"cda"}


def test_a_document_that_holds_its_process_is_answered_for(monkeypatch):
    monkeypatch.setattr(local, "TICK", 0.05)
    engine = Local(1, cheap, seconds=2.0)
    verdicts = judge(engine, given(SLOW, others=3))
    assert [(each.path, each.findings[0]["code"]) for each in verdicts if not each.valid] == [
        (SLOW, "document.worker-stuck")
    ]
    assert len(verdicts) == 4


def test_a_process_that_judges_by_other_rules_is_refused(monkeypatch):
    monkeypatch.setattr(local, "rules_version", lambda: "others")
    with pytest.raises(HarnessError, match=r"scale\.rules-differ"):
        judge(Local(1, cheap), given())


def test_processes_that_never_start_end_the_work(monkeypatch):
    monkeypatch.setattr(local, "serve", os._exit)
    monkeypatch.setattr(local, "STILLBORN", 1)
    with pytest.raises(HarnessError, match=r"scale\.workers-fail"):
        judge(Local(1, cheap), given())


def test_no_process_outlives_the_work():
    engine = Local(2, cheap)
    answers = engine.judge(batches((Given(str(n), b"") for n in count()), lambda _: None, 4))
    next(answers)
    at_work = [each.process for each in engine._workers]
    answers.close()
    assert at_work
    assert not any(process.is_alive() for process in at_work)


def test_the_rules_version_is_the_same_in_every_process():
    class Pipe:
        sent = []

        def send(self, what):
            self.sent.append(what)

        def recv(self):
            raise EOFError

    before = signal.getsignal(signal.SIGINT)
    worker.serve(Pipe(), None, cheap, "en")
    signal.signal(signal.SIGINT, before)
    assert Pipe.sent == [local.rules_version()]
