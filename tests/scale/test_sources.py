"""Where documents come from: what is met is judged once, what cannot be is an answer, and no archive harms."""

import os
import struct
import zipfile
import zlib
from pathlib import Path

from conformance.scale import archive
from conformance.scale.item import HARMLESS, Refused
from conformance.scale.sources import batches, items
from tests.checks.documents_made import valid_xdm
from tests.scale.documents import distinct, judged_here, tree


def names(path, **rest):
    return sorted(os.path.relpath(item.path, path) for item in items(path, **rest))


def codes(verdicts):
    return [[finding["code"] for finding in verdict.findings] for verdict in verdicts]


def test_a_tree_is_walked_whole_without_hidden_names_nor_our_own_files(tmp_path):
    tree(tmp_path / "a" / "b", 2)
    (tmp_path / ".hidden").write_bytes(b"x")
    ours = tmp_path / "results.jsonl"
    ours.write_bytes(b"x")
    (tmp_path / "a" / "results.jsonl").write_bytes(b"x")
    assert names(tmp_path, skip=[ours]) == ["a/b/d0000.xml", "a/b/d0001.xml", "a/results.jsonl"]


def test_a_loop_of_links_is_walked_once(tmp_path):
    tree(tmp_path / "a", 1)
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    found = list(items(tmp_path))
    assert sorted(Path(item.path).name for item in found) == ["d0000.xml", "self"]
    assert codes(judged_here(sorted(found, key=lambda item: item.path)))[1] == ["document.unreadable-path"]


def test_an_empty_folder_is_told(tmp_path):
    (verdict,) = judged_here(items(tmp_path))
    assert (verdict.opened, verdict.valid, codes([verdict])) == (False, False, [["document.no-file"]])


def test_what_cannot_be_read_is_told(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    verdicts = judged_here([*items(tmp_path), *items(tmp_path / "absent")])
    assert codes(verdicts) == [["document.unreadable-path"]] * 3
    assert not any(verdict.opened or verdict.sha256 for verdict in verdicts)


def test_a_zip_of_documents_is_judged_member_by_member(tmp_path):
    path = tmp_path / "all.bin"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.mkdir("in")
        made.writestr("in/one.xml", distinct(1))
        made.writestr(zipfile.ZipInfo("two.xml"), distinct(2))
        made.writestr("three.zip", valid_xdm())
    verdicts = judged_here(items(path))
    assert [(each.path, each.kind, each.valid) for each in verdicts] == [
        (f"{path}!/in/one.xml", "cda", True),
        (f"{path}!/two.xml", "cda", True),
        (f"{path}!/three.zip", "xdm", True),
    ]


def test_an_xdm_archive_is_one_document(tmp_path):
    path = tmp_path / "one.zip"
    path.write_bytes(valid_xdm())
    (verdict,) = judged_here(items(path))
    assert (verdict.path, verdict.kind, verdict.valid) == (str(path), "xdm", True)


def test_a_bomb_in_a_zip_is_refused_before_it_unpacks(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("bomb.xml", bytes(40 * HARMLESS))
        made.writestr("good.xml", distinct(1))
    assert codes(judged_here(items(path))) == [["document.zip-bomb"], []]


def test_members_that_share_bytes_are_refused(tmp_path):
    path = tmp_path / "quoted.zip"
    path.write_bytes(overlapping(distinct(1), 5))
    assert codes(judged_here(items(path))) == [[], *[["document.zip-member"]] * 4]


def test_a_zip_that_lies_or_is_cut_is_an_answer(tmp_path):
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w") as made:
        made.writestr("one.xml", b"<a/>")
    content = whole.read_bytes()
    whole.write_bytes(content.replace(b"<a/>", b"<b/>"))
    cut = tmp_path / "cut.zip"
    cut.write_bytes(content[:-30])
    assert codes(judged_here(items(whole))) == [["document.zip-member"]]
    assert codes(judged_here(items(cut))) == [["document.zip-unreadable"]]


def test_a_list_of_members_too_long_to_hold_is_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "long.zip"
    with zipfile.ZipFile(path, "w") as made:
        for number in range(20):
            made.writestr(f"{number}.xml", b"<a/>")
    monkeypatch.setattr(archive, "MAX_DIRECTORY", 500)
    assert codes(judged_here(items(path))) == [["document.zip-directory"]]


def test_each_line_of_a_manifest_is_a_document_or_an_answer(tmp_path):
    tree(tmp_path / "docs", 1)
    path = tmp_path / "manifest.ndjson"
    deep = b"[" * 30_000
    path.write_bytes(
        b'{"path": "docs/d0000.xml"}\n\nnot json\n{"path": 3}\n["path"]\n'
        b'{"path": "docs/absent.xml"}\n\xff\xfe\n' + deep + b"\n" + b"x" * 200_000 + b'\n{"path": "docs/d0000.xml"}'
    )
    found = list(items(path))
    assert [type(item) is Refused for item in found] == [False, True, True, True, False, True, True, True, False]
    assert [Path(item.path).name for item in found if type(item) is Refused] == [
        f"manifest.ndjson:{number}" for number in (3, 4, 5, 7, 8, 9)
    ]
    verdicts = judged_here(found)
    assert [verdict.valid for verdict in verdicts] == [True, *[False] * 7, True]
    assert codes(verdicts)[4] == ["document.unreadable-path"]


def test_a_manifest_is_known_by_its_first_line_too(tmp_path):
    tree(tmp_path, 1)
    path = tmp_path / "list.txt"
    path.write_bytes(b'{"path": "d0000.xml"}\n')
    assert [item.path for item in items(path)] == [str(tmp_path / "d0000.xml")]


def test_only_one_batch_is_taken_from_the_stream(tmp_path):
    taken = []
    stream = batches((taken.append(number) or item for number, item in enumerate(items(tree(tmp_path, 7)))), str, 3)
    assert (len(next(stream)), len(taken)) == (3, 3)
    assert [len(batch) for batch in stream] == [3, 1]


def overlapping(content, count):
    """A zip whose members all have the same bytes: each names the one local header."""
    packed = zlib.compress(content)[2:-4]
    local = struct.pack(
        "<4sHHHHHLLLHH", b"PK\3\4", 20, 0, 8, 0, 33, zlib.crc32(content), len(packed), len(content), 1, 0
    )
    body = local + b"a" + packed
    central = b"".join(
        struct.pack(
            "<4sHHHHHHLLLHHHHHLL",
            *(b"PK\1\2", 20, 20, 0, 8, 0, 33, zlib.crc32(content), len(packed), len(content), 1, 0, 0, 0, 0, 0, 0),
        )
        + bytes([97 + number])
        for number in range(count)
    )
    return body + central + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, count, count, len(central), len(body), 0)
