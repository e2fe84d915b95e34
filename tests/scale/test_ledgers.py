"""What is kept: nothing lost once kept, nothing twice, and a torn end is done again."""

import json

import pytest

from conformance.core.errors import SetupError, UsageError
from conformance.dossier.schema import validator
from conformance.scale.journal import Journal
from conformance.scale.jsonlines import JsonLines
from conformance.scale.sources import items
from conformance.scale.summary import Summary
from conformance.scale.verdict import Verdict, fatal
from tests.scale.documents import judged_here, lines, tree, twice


def verdict(path, sha256="a", rules="r", findings=()):
    return Verdict(path, sha256, "unknown", not findings, True, tuple(findings), rules)


@pytest.fixture(params=[JsonLines, Journal])
def kind(request):
    return request.param


def kept(ledger):
    return sorted((each.path, each.sha256) for each in ledger.verdicts())


def test_the_same_verdict_is_kept_once(kind, tmp_path):
    out = tmp_path / "o.jsonl"
    ledger = kind(out, "r")
    assert [each.path for each in ledger.add([verdict("p"), verdict("q"), verdict("p")])] in (
        ["p", "q"],
        ["p", "q", "p"],
    )
    assert ledger.add([verdict("q")]) == []
    ledger.draw()
    ledger.close()
    assert [each["path"] for each in lines(out)] in (["p", "q"], ["q", "p"])


def test_a_resumed_ledger_knows_what_it_holds_under_its_rules(kind, tmp_path):
    out = tmp_path / "o.jsonl"
    for rules in ("old", "new"):
        ledger = kind(out, rules, resume=rules == "new")
        assert ledger.known("p") is None
        ledger.add([verdict("p", rules=rules), verdict("unread", None, rules)])
        ledger.draw()
        ledger.close()
    ledger = kind(out, "old", resume=True)
    assert (ledger.known("p"), ledger.known("unread"), ledger.known("q")) == ("a", "", None)
    assert kept(ledger) == [("p", "a"), ("unread", None)]
    ledger.close()


def test_a_changed_document_is_counted_as_it_is_now(kind, tmp_path):
    ledger = kind(tmp_path / "o.jsonl", "r")
    for sha256 in ("a", "b", "a"):
        ledger.add([verdict("p", sha256)])
        assert (ledger.known("p"), kept(ledger)) == (sha256, [("p", sha256)])
    ledger.draw()
    ledger.close()
    assert twice(lines(tmp_path / "o.jsonl")) == []


def test_any_name_is_kept(kind, tmp_path):
    ledger = kind(tmp_path / "o.jsonl", "r")
    ledger.add([verdict("a\udcff\n\u202e é")])
    assert kept(ledger) == [("a\udcff\n\u202e é", "a")]
    ledger.close()


def test_a_file_of_results_is_never_written_over(kind, tmp_path):
    ledger = kind(tmp_path / "o.jsonl", "r")
    ledger.add([verdict("p")])
    ledger.draw()
    ledger.close()
    with pytest.raises(UsageError, match=r"scale\.out-exists"):
        kind(tmp_path / "o.jsonl", "r")


def test_one_command_writes_at_a_time(kind, tmp_path):
    first = kind(tmp_path / "o.jsonl", "r")
    first.add([verdict("p")])
    with pytest.raises(SetupError, match=r"scale\.out-busy"):
        kind(tmp_path / "o.jsonl", "r", resume=True)
    first.close()


@pytest.mark.parametrize(("begun", "resumed"), [(JsonLines, Journal), (Journal, JsonLines)])
def test_a_file_is_taken_up_by_the_engine_that_began_it(begun, resumed, tmp_path):
    ledger = begun(tmp_path / "o.jsonl", "r")
    ledger.close()
    with pytest.raises(UsageError, match=r"scale\.other-engine"):
        resumed(tmp_path / "o.jsonl", "r", resume=True)


def test_a_line_torn_anywhere_is_done_again(tmp_path):
    out = tmp_path / "o.jsonl"
    whole = verdict("p").line() + verdict("q").line()
    first = len(verdict("p").line())
    for size in range(len(whole)):
        out.write_bytes(whole[:size])
        ledger = JsonLines(out, "r", resume=True)
        assert (ledger.known("p"), ledger.known("q")) == ("a" if size >= first else None, None)
        assert len(ledger.add([verdict("p"), verdict("q")])) == (1 if size >= first else 2)
        ledger.close()
        assert out.read_bytes() == whole


@pytest.mark.parametrize("content", [b"notes of mine\n", b'{"schema": 1}\n', b"\0\n" + verdict("q").line()])
def test_a_file_that_is_not_ours_is_left_alone(content, tmp_path):
    out = tmp_path / "o.jsonl"
    out.write_bytes(content)
    with pytest.raises(UsageError, match=r"scale\.out-damaged"):
        JsonLines(out, "r", resume=True)
    assert out.read_bytes() == content


def test_zeros_left_by_a_lost_machine_are_cut_off(tmp_path):
    out = tmp_path / "o.jsonl"
    out.write_bytes(verdict("p").line() + bytes(5000))
    JsonLines(out, "r", resume=True).close()
    assert out.read_bytes() == verdict("p").line()


def test_lines_and_summary_have_their_schemas(tmp_path):
    (tmp_path / "bad.xml").write_bytes(b"<a>")
    tree(tmp_path, 1)
    found = list(items(tmp_path))
    verdicts = [*judged_here([*found, *items(tmp_path / "absent")]), fatal(found[0], "r", "document.worker-died")]
    for each in verdicts:
        validator("check_line").validate(json.loads(each.line()))
        assert Verdict.from_line(each.line()) == each
    told = Summary("r", judged=4).add(verdicts).as_json()
    validator("check_summary").validate(told)
    assert (told["documents"], told["valid"], told["invalid"], told["unopened"]) == (4, 1, 3, 1)
    assert {"document.worker-died", "document.unreadable-path"} <= {each["code"] for each in told["findings"]}
