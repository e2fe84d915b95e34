"""Archives made to harm: each is refused by name, and none raises, loops or fills the memory."""

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.checks.subjects.xdm import XdmArchive
from conformance.checks.subjects.xdm_zip import ZipBounds, unzip
from tests.checks.documents_made import valid_xdm, xdm_said


def archive(*members, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for info, content in members:
            made.writestr(info, content)
    return out.getvalue()


def named(name, **attributes):
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    info.compress_type = zipfile.ZIP_DEFLATED
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info


def patched(content, signature, offset, value, form="<H"):
    """The archive with one field changed after each occurrence of a signature."""
    out, start = bytearray(content), 0
    while (at := out.find(signature, start)) >= 0:
        struct.pack_into(form, out, at + offset, value)
        start = at + 4
    return bytes(out)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../up", "xdm.safe.traversal"),
        ("a/../../up", "xdm.safe.traversal"),
        ("/etc/passwd", "xdm.safe.absolute"),
        ("C:/windows", "xdm.safe.absolute"),
        ("a\\b", "xdm.safe.backslash"),
        ("..\\up", "xdm.safe.traversal"),
    ],
)
def test_names_that_escape(name, code):
    content = archive((named(name), b"x"))
    assert code in xdm_said("xdm.safe", content)
    assert XdmArchive.from_bytes(content).files == {}


def test_a_symbolic_link():
    content = archive((named("LINK", create_system=3, external_attr=0o120777 << 16), b"/etc/passwd"))
    assert xdm_said("xdm.safe", content) == ["xdm.safe.symlink"]


def test_an_encrypted_entry():
    content = patched(archive((named("A"), b"x")), b"PK\x01\x02", 8, 1)
    assert xdm_said("xdm.safe", patched(content, b"PK\x03\x04", 6, 1)) == ["xdm.safe.encrypted"]


def test_a_method_that_is_not_read():
    content = archive((named("A", compress_type=zipfile.ZIP_LZMA), b"x" * 100))
    assert xdm_said("xdm.safe", content) == ["xdm.safe.method"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_given_twice():
    assert xdm_said("xdm.safe", archive((named("A"), b"1"), (named("a"), b"2"))) == ["xdm.safe.duplicate"]


def test_a_bomb_by_ratio():
    content = archive((named("A"), b"\0" * 4_000_000))
    assert xdm_said("xdm.safe", content) == ["xdm.safe.ratio"]
    assert XdmArchive.from_bytes(content).files == {}


def test_a_bomb_by_number():
    content = archive(*((named(f"F{i}"), b"") for i in range(300)))
    assert xdm_said("xdm.safe", content) == ["xdm.safe.entries"]


def test_a_bomb_by_sum():
    members = [(named(f"F{i}"), bytes(range(256)) * 40) for i in range(4)]
    opened = unzip(archive(*members), ZipBounds(size=25_000))
    assert len(opened.files) == 2
    assert {fault.code for fault in opened.faults} == {"xdm.safe.size"}


def test_a_header_that_lies_about_the_size():
    content = archive((named("A"), b"x" * 5000))
    small = patched(content, b"PK\x01\x02", 24, 10, "<I")
    assert xdm_said("xdm.safe", small) == ["xdm.safe.damaged"]
    huge = patched(content, b"PK\x01\x02", 24, 0xFFFFFFF0, "<I")
    assert xdm_said("xdm.safe", huge) == ["xdm.safe.size"]


def test_a_zip64_header_that_lies():
    extra = struct.pack("<HHQQ", 1, 16, 1 << 60, 1 << 60)
    content = archive((named("A", extra=extra), b"x" * 50))
    lying = patched(patched(content, b"PK\x01\x02", 24, 0xFFFFFFFF, "<I"), b"PK\x01\x02", 20, 0xFFFFFFFF, "<I")
    assert set(xdm_said("xdm.safe", lying)) <= {"xdm.safe.size", "xdm.safe.not-zip"}
    assert xdm_said("xdm.safe", lying) != []


def test_entries_that_share_their_bytes():
    content = archive((named("A"), b"x" * 100), (named("B"), b"y" * 100))
    second = content.rfind(b"PK\x01\x02")
    out = bytearray(content)
    struct.pack_into("<I", out, second + 42, 0)
    assert "xdm.safe.overlap" in xdm_said("xdm.safe", bytes(out))


def test_bytes_changed_on_the_way():
    content = bytearray(valid_xdm())
    content[100] ^= 0xFF
    assert "xdm.safe.damaged" in xdm_said("xdm.safe", bytes(content))


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_no_bytes_raise(content):
    opened = unzip(b"PK\x03\x04" + content)
    assert set(opened.files) <= set(opened.names)
    assert opened.readable or opened.faults


@given(st.integers(0, 2000), st.integers(0, 255))
@settings(max_examples=80, deadline=None)
def test_no_changed_byte_raises(position, value):
    content = bytearray(archive((named("A"), b"x" * 200), (named("B/C"), b"y")))
    content[position % len(content)] = value
    opened = unzip(bytes(content))
    assert all(len(held) <= 200 for held in opened.files.values())


@given(st.integers(0, 100_000))
@settings(max_examples=30, deadline=None)
def test_no_cut_raises(position):
    opened = unzip(valid_xdm()[: position % len(valid_xdm())])
    assert opened.faults or opened.files == {}
