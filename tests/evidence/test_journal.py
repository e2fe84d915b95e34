"""The journal: durable, gap-free, redacted, and readable after the worst."""

import base64
import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from conformance.core.errors import HarnessError
from conformance.core.words import Provenance
from conformance.evidence.journal import Journal, read_journal, read_segment
from conformance.evidence.record import Record
from conformance.evidence.store import Altered, ContentStore, digest_of


def note(journal, kind="k", lane="a", **data):
    return journal.append("s", lane, kind, provenance=Provenance.WIRE, data=data)


def test_sequences_have_no_gap_per_service_and_lane(tmp_path) -> None:
    journal = Journal(tmp_path)
    for lane in ("a", "b", "a"):
        note(journal, lane=lane)
    assert sorted(r.id for r in read_journal(tmp_path)) == ["s/a/1", "s/a/2", "s/b/1"]
    assert journal.lasts("a") == {"s": 2}


def test_a_later_writer_goes_on_where_the_earlier_stopped(tmp_path) -> None:
    first = Journal(tmp_path, "first")
    note(first)
    first.close()
    second = Journal(tmp_path, "second")
    assert note(second).seq == 2
    assert len(list((tmp_path / "journal").glob("*.jsonl"))) == 2


def test_threads_share_a_journal_without_gap(tmp_path) -> None:
    journal = Journal(tmp_path)
    threads = [threading.Thread(target=lambda: [note(journal) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r.seq for r in read_journal(tmp_path)) == list(range(1, 41))


def test_contents_are_filed_by_hash_and_verified(tmp_path) -> None:
    journal = Journal(tmp_path)
    record = journal.append("s", "a", "k", provenance=Provenance.WIRE, blobs={"message": b"bytes"})
    store = ContentStore(tmp_path / "content")
    assert store.get(record.blobs["message"]) == b"bytes"
    store.path(record.blobs["message"]).write_bytes(b"other")
    with pytest.raises(Altered):
        store.get(record.blobs["message"])
    with pytest.raises(Altered):
        store.get("sha256:../../etc/passwd")


def test_marks_are_lower_case_and_unique(tmp_path) -> None:
    journal = Journal(tmp_path)
    record = journal.append("s", "a", "k", provenance=Provenance.WIRE, marks=["B@X.test", "b@x.test", ""])
    assert record.marks == ("b@x.test",)


def test_a_torn_last_line_is_passed_over(tmp_path) -> None:
    journal = Journal(tmp_path)
    note(journal)
    segment = next((tmp_path / "journal").glob("*.jsonl"))
    with segment.open("ab") as out:
        out.write(b'{"schema": 1, "service": "s", "la')
    assert [r.seq for r in read_journal(tmp_path)] == [1]
    assert note(Journal(tmp_path, "next")).seq == 2


def test_a_broken_line_elsewhere_is_told(tmp_path) -> None:
    journal = Journal(tmp_path)
    good = note(journal).to_line().encode()
    with pytest.raises(HarnessError) as caught:
        list(read_segment(b"garbage\n" + good + b"\n", "x.jsonl"))
    assert caught.value.values["line"] == 1


def test_a_record_survives_its_line() -> None:
    record = Record("s", "a", 1, "k", "2026-01-01T00:00:00.000000Z", 1.5, Provenance.PROBE, "c", {"é": 1}, {}, ("m",))
    assert Record.from_line(record.to_line()) == record


@pytest.mark.parametrize("line", ["[]", "{}", '{"schema": 2}', '{"schema": 1}', "1", '{"schema": 1, "marks": []}'])
def test_what_is_not_a_record_is_refused(line) -> None:
    with pytest.raises(ValueError, match="journal record"):
        Record.from_line(line)


def test_appending_after_closing_is_our_fault(tmp_path) -> None:
    journal = Journal(tmp_path)
    journal.close()
    with pytest.raises(HarnessError):
        note(journal)


WRITER = """
import sys
from pathlib import Path
from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
journal = Journal(Path(sys.argv[1]))
for n in range(100000):
    record = journal.append("s", "a", "k", provenance=Provenance.WIRE, data={"n": n}, blobs={"b": b"%d" % n})
    print(record.seq, flush=True)
"""


def test_kill_9_loses_nothing_acknowledged(tmp_path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    for _ in range(25):
        acknowledged = int(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    for line in writer.stdout:
        acknowledged = int(line)
    writer.wait(10)
    writer.stdout.close()
    records = list(read_journal(tmp_path))
    store = ContentStore(tmp_path / "content")
    assert [r.seq for r in records] == list(range(1, len(records) + 1))
    assert len(records) >= acknowledged
    assert all(store.get(r.blobs["b"]) == b"%d" % r.data["n"] for r in records)


def test_secrets_never_reach_the_disk(tmp_path) -> None:
    journal = Journal(tmp_path)
    journal.redactor.declare("hunter2-hunter2")
    key = b"-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----"
    journal.append(
        "s",
        "a",
        "k",
        provenance=Provenance.WIRE,
        data={"line": "PASS hunter2-hunter2", "password": "short", "nested": [{"api_key": "k"}], "pem": key.decode()},
        blobs={"raw": b"aHVudGVyMi1odW50ZXIy " + key},
    )
    written = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.name != "salt")
    for secret in (b"hunter2", b"aHVudGVyMi1odW50ZXIy", b"MIIabc", b'"short"', b'"api_key": "k"'):
        assert secret not in written
    record = next(read_journal(tmp_path))
    assert record.data["line"].removeprefix("PASS ").startswith("<secret:")


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"user:", b"longer:"])
@pytest.mark.parametrize("after", [b"", b"1", b"12", b"123"])
def test_a_secret_is_found_inside_base64(tmp_path, before, after) -> None:
    redactor = Journal(tmp_path).redactor
    redactor.declare("tok-abcdefgh-123")
    told = redactor.content(b"Basic " + base64.b64encode(before + b"tok-abcdefgh-123" + after))
    assert b"<secret:" in told
    assert b"abcdefgh" not in base64.b64decode(told.removeprefix(b"Basic ").split(b"<")[0] + b"==", validate=False)


@pytest.mark.parametrize("spelling", ["tok%2Fabc%2Bdef", "746f6b2f6162632b646566", "746F6B2F6162632B646566"])
def test_a_secret_is_found_percent_encoded_and_in_hexadecimal(tmp_path, spelling) -> None:
    redactor = Journal(tmp_path).redactor
    redactor.declare("tok/abc+def")
    assert redactor.text(f"at {spelling}.") == f"at {redactor.placeholder(b'tok/abc+def')}."


def test_a_secret_is_found_in_the_name_of_a_member(tmp_path) -> None:
    redactor = Journal(tmp_path).redactor
    redactor.declare("tok-abcdefgh")
    assert "tok-abcdefgh" not in str(redactor.data({"tok-abcdefgh": 1}))


def test_a_write_cut_short_leaves_a_journal_that_reads(tmp_path, monkeypatch) -> None:
    journal = Journal(tmp_path)
    note(journal)
    real = os.writev

    def full_disk(descriptor, lines):
        real(descriptor, [lines[0][:10]])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "writev", full_disk)
    with pytest.raises(HarnessError):
        note(journal)
    monkeypatch.setattr(os, "writev", real)
    assert note(journal).seq == 2
    assert [r.seq for r in read_journal(tmp_path)] == [1, 2]


def test_placeholders_keep_equality_within_a_run(tmp_path) -> None:
    redactor = Journal(tmp_path / "a").redactor
    other = Journal(tmp_path / "b").redactor
    assert redactor.placeholder(b"same secret") == redactor.placeholder(b"same secret")
    assert redactor.placeholder(b"same secret") != redactor.placeholder(b"other secret")
    assert redactor.placeholder(b"same secret") != other.placeholder(b"same secret")


def test_a_secret_too_short_to_replace_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match="six bytes"):
        Journal(tmp_path).redactor.declare("abc")


def test_lines_are_canonical_json(tmp_path) -> None:
    line = note(Journal(tmp_path), b=1, a=2).to_line()
    assert list(json.loads(line)) == sorted(json.loads(line))
    assert digest_of(line.encode()) == digest_of(line.encode())
