"""The documents of a zip, listed without unpacking any; what the list itself could hide is refused."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from conformance.core.finding import error
from conformance.scale.item import Item, Member, Refused

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
# The list of members is held in memory: about 250 000 names of ordinary length. A tree or a manifest has no such limit.
MAX_DIRECTORY = 32 * 1024 * 1024
_XDM = "IHE_XDM/"
# End of central directory, its zip64 form and what locates the latter (APPNOTE.TXT 6.3, 4.3.14 to 4.3.16).
_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_TAIL = 22 + 0xFFFF
_HEADER = 30
_ENCRYPTED = 0x1
_UNREADABLE = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error, OverflowError)


def is_zip(path: Path) -> bool:
    """Whether a file begins as a zip does."""
    with path.open("rb") as file:
        return file.read(4) in MAGIC


def members(path: Path) -> Iterator[Item]:
    """Every document of a zip; the zip itself where it is an XDM archive, which is one document."""
    name = os.fspath(path)
    try:
        size = _directory_size(path)
        if size > MAX_DIRECTORY:
            finding = error("document.zip-directory", expected=f"≤ {MAX_DIRECTORY}", got=str(size))
            yield Refused(name, finding)
            return
        with zipfile.ZipFile(path) as archive:
            listed = archive.infolist()
    except _UNREADABLE as exc:
        yield Refused(name, error("document.zip-unreadable", reason=type(exc).__name__))
        return
    if any(member.filename.upper().startswith(_XDM) for member in listed):
        yield Item(name)
        return
    # Not ``is_dir``: it fails on an entry without a name.
    documents = [member for member in listed if not member.filename.endswith("/")]
    if not documents:
        yield Refused(name, error("document.no-file"), opened=False)
        return
    yield from _documents(name, documents)


def _documents(name: str, listed: list[zipfile.ZipInfo]) -> Iterator[Item]:
    """In the order of the archive. Two members never share bytes, else a small zip holds an endless number of them."""
    listed.sort(key=lambda member: member.header_offset)
    end = 0
    for member in listed:
        path = f"{name}!/{member.filename}"
        if member.header_offset < end:
            yield Refused(path, error("document.zip-member", reason="overlap"))
        elif member.flag_bits & _ENCRYPTED:
            yield Refused(path, error("document.zip-member", reason="encrypted"))
        else:
            end = member.header_offset + _HEADER + member.compress_size
            yield Member(path, name, member.header_offset, member.compress_size, member.compress_type, member.CRC)


def _directory_size(path: Path) -> int:
    """The bytes that the list of members takes, read before the list is."""
    with path.open("rb") as file:
        whole = file.seek(0, os.SEEK_END)
        file.seek(max(0, whole - _TAIL))
        tail = file.read(_TAIL)
        at = tail.rfind(_END)
        if at < 0:
            raise zipfile.BadZipFile
        (size,) = struct.unpack_from("<L", tail, at + 12)
        if tail[max(0, at - 20) :].startswith(_LOCATOR64):
            (offset,) = struct.unpack_from("<Q", tail, at - 12)
            file.seek(offset)
            record = file.read(56)
            if record.startswith(_END64):
                (size,) = struct.unpack_from("<Q", record, 40)
    return int(size)
