"""Sealing and verifying: the same inputs give the same bytes, and no byte changes unseen."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.core.errors import HarnessError, UsageError
from conformance.dossier import layout, reading, structure
from conformance.dossier.outputs import Summary
from conformance.dossier.schema import validator
from conformance.dossier.structure import AlteredDossier
from conformance.dossier.verify import verify

Make = Callable[..., Any]
Members = dict[str, bytes]


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def rewritten(path: Path, files: Members, **changed: Any) -> Path:
    """A zip with the attributes of a sealed one, whose files are these, in this order."""
    target = path.with_name("rewritten.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, changed.get("date", (1980, 1, 1, 0, 0, 0)))
            info.external_attr = changed.get("mode", 0o100644) << 16
            info.create_system = 3
            info.compress_type = changed.get("method", zipfile.ZIP_STORED)
            archive.writestr(info, content)
    return target


def fault(path: Path) -> tuple[str, str]:
    found = verify(path)
    assert not found.sound
    assert found.exit_code(allow_unsigned=True) == 1
    return found.altered[0]


# Sealing


def test_the_same_evidence_seals_to_the_same_bytes(run: Make, tmp_path: Path) -> None:
    made = run()
    made.note()
    first, second = made.sealed(tmp_path / "a"), made.sealed(tmp_path / "b")
    assert first.paths["dossier"].read_bytes() == second.paths["dossier"].read_bytes()
    assert (first.root, first.seal) == (second.root, second.seal)


def test_a_dossier_holds_what_it_needs_to_be_judged_again(sealed: Summary) -> None:
    found = set(members(sealed.paths["dossier"]))
    assert found >= layout.MANDATORY
    assert "profiles/test-profile.yaml" in found
    assert any(name.startswith(layout.JOURNAL) for name in found)
    assert any(name.startswith(layout.CONTENT) for name in found)


def test_the_manifest_follows_its_schema_and_names_every_file(sealed: Summary) -> None:
    files = members(sealed.paths["dossier"])
    manifest = json.loads(files.pop(layout.MANIFEST))
    assert list(validator("manifest").iter_errors(manifest)) == []
    listed = {row["path"]: (row["size"], row["sha256"]) for row in manifest["files"]}
    assert listed == {name: (len(c), hashlib.sha256(c).hexdigest()) for name, c in files.items()}
    assert manifest["profiles"][0]["scenarios"] == ["test.note-sent"]


def test_the_root_hash_is_the_one_documented(sealed: Summary) -> None:
    files = members(sealed.paths["dossier"])
    lines = ["dui-conformance dossier root 1\n"]
    covered = set(files) - {"manifest.json", "report.html", "TITLE.txt", "LISEZMOI.txt"}
    for name in sorted(covered, key=str.encode):
        lines += [f"{hashlib.sha256(files[name]).hexdigest()} {len(files[name])} {name}\n"]
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == sealed.root
    assert hashlib.sha256(files["manifest.json"]).hexdigest() == sealed.seal


def test_the_title_pages_print_the_root_hash_in_both_languages(sealed: Summary) -> None:
    files = members(sealed.paths["dossier"])
    for name, said in ((layout.TITLE, b"is not a decision"), (layout.TITLE_FR, "n'est pas une décision".encode())):
        assert said in files[name]
        assert str(sealed.root).encode() in files[name]


def test_entries_bear_no_time_and_plain_permissions(sealed: Summary) -> None:
    with zipfile.ZipFile(sealed.paths["dossier"]) as archive:
        infos = archive.infolist()
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {stat.filemode(info.external_attr >> 16) for info in infos} == {"-rw-r--r--"}
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)


def test_a_missing_record_refuses_the_seal(run: Make, tmp_path: Path) -> None:
    made = run()
    made.note()
    made.journal.close()
    (segment,) = (made.folder / "journal").iterdir()
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(line for line in lines if b"test.note" not in line and b"window.open" not in line))
    with pytest.raises(HarnessError, match=r"seal\.gap"):
        made.sealed(tmp_path / "out")


def test_a_record_written_twice_refuses_the_seal(run: Make, tmp_path: Path) -> None:
    made = run()
    made.note()
    made.journal.close()
    (segment,) = (made.folder / "journal").iterdir()
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join([*lines, lines[1]]))
    with pytest.raises(HarnessError, match=r"seal\.twice"):
        made.sealed(tmp_path / "out")


def test_a_broken_line_refuses_the_seal(run: Make, tmp_path: Path) -> None:
    made = run()
    made.note()
    made.journal.close()
    (segment,) = (made.folder / "journal").iterdir()
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(lines[0] + b"{torn\n" + b"".join(lines[1:]))
    with pytest.raises(HarnessError, match=r"evidence\.broken-line"):
        made.sealed(tmp_path / "out")


@pytest.mark.parametrize("how", ["lost", "changed"])
def test_a_content_that_is_not_what_it_was_refuses_the_seal(run: Make, tmp_path: Path, how: str) -> None:
    made = run()
    made.note()
    (content,) = (made.folder / "content").glob("*/*")
    content.unlink() if how == "lost" else content.write_bytes(b"other")
    with pytest.raises(HarnessError, match=rf"seal\.content-{how}"):
        made.sealed(tmp_path / "out")


# Verifying


def test_a_sealed_dossier_is_sound_but_unsigned(sealed: Summary) -> None:
    found = verify(sealed.paths["dossier"])
    assert found.sound
    assert (found.root, found.seal) == (sealed.root, sealed.seal)
    assert found.exit_code(allow_unsigned=False) == 3
    assert found.exit_code(allow_unsigned=True) == 0


def test_the_expected_hash_may_be_the_root_or_the_seal(sealed: Summary) -> None:
    assert verify(sealed.paths["dossier"], expect=sealed.root).matched == "root"
    assert verify(sealed.paths["dossier"], expect=f"sha256:{sealed.seal}".upper()).matched == "seal"
    other = verify(sealed.paths["dossier"], expect="0" * 64)
    assert other.altered == (("manifest.json", "expected"),)


def test_a_hash_that_does_not_read_is_a_usage_error(sealed: Summary) -> None:
    with pytest.raises(UsageError, match=r"dossier\.bad-hash"):
        verify(sealed.paths["dossier"], expect="abc")


@pytest.mark.parametrize("what", ["nothing", "a folder"])
def test_what_is_no_file_is_a_usage_error(tmp_path: Path, what: str) -> None:
    with pytest.raises(UsageError, match=r"dossier\.unreadable"):
        verify(tmp_path if what == "a folder" else tmp_path / "nowhere.zip")


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_dossier_is_altered(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    assert not verify(path).sound


def test_every_file_is_named_when_it_alone_changes(sealed: Summary) -> None:
    files = members(sealed.paths["dossier"])
    for name in files:
        if name == layout.MANIFEST:
            continue
        changed = bytes([files[name][0] ^ 1]) + files[name][1:]
        path, reason = fault(rewritten(sealed.paths["dossier"], {**files, name: changed}))
        assert (path, reason) == (name, "hash")


def test_a_file_that_goes_or_comes_is_named(sealed: Summary) -> None:
    files = members(sealed.paths["dossier"])
    content = next(name for name in files if name.startswith(layout.CONTENT))
    without = {name: c for name, c in files.items() if name != content}
    assert fault(rewritten(sealed.paths["dossier"], without)) == (content, "missing")
    extra = "evidence/content/ff/" + "f" * 62
    more = {name: {**files, extra: b"x"}[name] for name in sorted([*files, extra])}
    assert fault(rewritten(sealed.paths["dossier"], more)) == (extra, "extra")


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "evidence/../x", "readme.md", "evidence\\salt", "profiles/"]
)
def test_a_foreign_name_is_refused(sealed: Summary, name: str) -> None:
    files = members(sealed.paths["dossier"])
    assert fault(rewritten(sealed.paths["dossier"], {**files, name: b"x"}))[1] == "foreign"


def test_another_order_is_altered(sealed: Summary) -> None:
    files = members(sealed.paths["dossier"])
    assert fault(rewritten(sealed.paths["dossier"], dict(reversed(files.items()))))[1] == "order"


@pytest.mark.parametrize(
    "changed",
    [{"mode": 0o120777}, {"mode": 0o40755}, {"date": (2026, 1, 1, 0, 0, 0)}, {"method": zipfile.ZIP_DEFLATED}],
)
def test_links_folders_dates_and_compression_are_altered(sealed: Summary, changed: dict[str, Any]) -> None:
    files = members(sealed.paths["dossier"])
    assert fault(rewritten(sealed.paths["dossier"], files, **changed))[1] == "attributes"


def test_a_file_twice_is_altered(sealed: Summary) -> None:
    files = members(sealed.paths["dossier"])
    target = rewritten(sealed.paths["dossier"], files)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(target, "a") as archive:
        archive.writestr(zipfile.ZipInfo(layout.VERDICTS), b"{}")
    assert fault(target) == (layout.VERDICTS, "twice")


def test_bytes_before_between_and_after_the_files_are_altered(sealed: Summary, tmp_path: Path) -> None:
    dossier = sealed.paths["dossier"]
    raw = dossier.read_bytes()
    target = tmp_path / "hidden.zip"
    target.write_bytes(raw + b"more")
    assert not verify(target).sound
    target.write_bytes(b"#!/bin/sh\n" + raw)
    assert fault(target)[1] == "layout"
    files = members(dossier)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr, info.create_system = 0o100644 << 16, 3
            archive.writestr(info, content)
            archive.fp.write(b"hidden")  # type: ignore[union-attr]
            archive.start_dir = archive.fp.tell()  # type: ignore[union-attr]
    assert fault(target)[1] == "layout"


def test_a_manifest_beyond_bounds_is_refused_before_it_is_read(
    sealed: Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_WHOLE", 100)
    assert fault(sealed.paths["dossier"]) == ("manifest.json", "too-large")


def test_a_table_of_contents_beyond_bounds_is_refused_before_it_is_loaded(
    sealed: Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure, "MAX_DIRECTORY", 100)
    assert fault(sealed.paths["dossier"]) == ("dossier.zip", "directory")


def test_a_dossier_of_gigabytes_seals_and_verifies(run: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if a gigabyte were a kilobyte: zip64 records appear where the format needs them.
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 20_000)
    made = run()
    made.note("Subject: long\r\n\r\n" + "x" * 60_000)
    summary = made.sealed(tmp_path / "out")
    assert verify(summary.paths["dossier"], expect=summary.seal).altered == ()


def test_a_manifest_rewritten_with_its_hashes_is_told_by_the_expected_one(sealed: Summary) -> None:
    files = members(sealed.paths["dossier"])
    manifest = json.loads(files[layout.MANIFEST])
    manifest["dui"]["version"] = "9.9"
    content = (json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode()
    forged = rewritten(sealed.paths["dossier"], {**files, layout.MANIFEST: content})
    assert verify(forged, expect=sealed.root).sound, "the root hash does not bind the manifest"
    assert not verify(forged, expect=sealed.seal).sound, "the seal hash does"


@pytest.mark.parametrize("spoil", [b" ", b"{", b"[" * 100_000, b'{"schema": 2}\n'])
def test_a_manifest_that_is_not_canonical_is_altered(sealed: Summary, spoil: bytes) -> None:
    files = members(sealed.paths["dossier"])
    content = files[layout.MANIFEST] + spoil if spoil == b" " else spoil
    assert fault(rewritten(sealed.paths["dossier"], {**files, layout.MANIFEST: content})) == (
        "manifest.json",
        "manifest",
    )


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("copies")
    yield folder
    shutil.rmtree(folder)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_single_byte_changes_unseen(sealed: Summary, copies: Path, data: st.DataObject) -> None:
    raw = bytearray(sealed.paths["dossier"].read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    target = copies / "flipped.zip"
    target.write_bytes(raw)
    found = verify(target, expect=sealed.seal)
    assert not found.sound, f"byte {at}"


def test_an_altered_dossier_says_which_file_in_the_language_asked() -> None:
    assert "verdicts.json" in AlteredDossier("verdicts.json", "hash").card("en")
