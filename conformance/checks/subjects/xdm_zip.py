"""A zip opened under guard: bounded in entries, size and ratio, and never written to disk.

Whatever the bytes, :func:`unzip` answers: the files it could read safely, and a fault for each thing it refused.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

CENTRAL_SIGNATURE = b"PK\x01\x02"  # one per entry (APPNOTE.TXT 6.3, section 4.3.12)
READ = 64 * 1024
_ENCRYPTED = 0x1  # general purpose bit 0 (APPNOTE.TXT 6.3, section 4.4.4)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile, zlib and struct raise on a hostile archive; a bug of ours must not hide behind a bare Exception.
_HOSTILE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    OverflowError,
    ValueError,
    LookupError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class ZipBounds:
    """Entries, bytes once unpacked (a message weighs 25 MB at most: wire.md §1.8), and unpacked over packed."""

    entries: int = 256
    size: int = 64 * 1024 * 1024
    ratio: int = 200


@dataclass(frozen=True, slots=True)
class ZipFault:
    """Something refused in an archive: a catalogue code, the entry's name, what was expected and what came."""

    code: str
    name: str | None = None
    expected: str | None = None
    got: str | None = None


@dataclass(frozen=True, slots=True)
class Unzipped:
    """The safe files by name, everything that was refused, and the names of all entries, in the archive's order."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    faults: tuple[ZipFault, ...] = ()
    readable: bool = True
    names: tuple[str, ...] = ()


def unzip(content: bytes, bounds: ZipBounds | None = None) -> Unzipped:
    """Read an archive in memory; never raises."""
    bounds = bounds or ZipBounds()
    count = content.count(CENTRAL_SIGNATURE)
    if count > bounds.entries:
        fault = ZipFault("xdm.safe.entries", expected=f"≤ {bounds.entries}", got=str(count))
        return Unzipped(faults=(fault,), readable=False)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _unpacked(archive, bounds)
    except _HOSTILE as exc:
        return Unzipped(faults=(ZipFault("xdm.safe.not-zip", got=_told(exc)),), readable=False)


def _unpacked(archive: zipfile.ZipFile, bounds: ZipBounds) -> Unzipped:
    files: dict[str, bytes] = {}
    faults: list[ZipFault] = []
    taken: set[str] = set()
    budget = bounds.size
    reach = 0
    for entry in sorted(archive.infolist(), key=lambda e: e.header_offset):
        refused = list(_refusals(entry, bounds))
        if entry.header_offset < reach:
            refused.append(ZipFault("xdm.safe.overlap", entry.filename))
        reach = entry.header_offset + 30 + entry.compress_size
        if entry.filename.upper() in taken:
            refused.append(ZipFault("xdm.safe.duplicate", entry.filename))
        taken.add(entry.filename.upper())
        faults += refused
        if refused or entry.is_dir():
            continue
        content, fault = _read(archive, entry, min(budget, entry.file_size))
        if fault:
            faults.append(fault)
            continue
        budget -= len(content)
        files[entry.filename] = content
    return Unzipped(files, tuple(faults), names=tuple(e.orig_filename for e in archive.infolist()))


def _refusals(entry: zipfile.ZipInfo, bounds: ZipBounds) -> Iterator[ZipFault]:
    """Why an entry is not opened at all, from its header alone."""
    name = entry.orig_filename
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or "\x00" in name:
        yield ZipFault("xdm.safe.traversal", name.replace("\x00", "␀"))
    if name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":"):
        yield ZipFault("xdm.safe.absolute", name)
    if "\\" in name:
        yield ZipFault("xdm.safe.backslash", name)
    if entry.create_system == 3 and stat.S_ISLNK(entry.external_attr >> 16):
        yield ZipFault("xdm.safe.symlink", name)
    if entry.flag_bits & _ENCRYPTED:
        yield ZipFault("xdm.safe.encrypted", name)
    elif entry.compress_type not in _METHODS:
        yield ZipFault("xdm.safe.method", name, expected="0, 8", got=str(entry.compress_type))
    if entry.file_size > bounds.size:
        yield ZipFault("xdm.safe.size", name, expected=f"≤ {bounds.size}", got=str(entry.file_size))
    elif entry.file_size > READ and entry.file_size > bounds.ratio * max(entry.compress_size, 1):
        ratio = entry.file_size // max(entry.compress_size, 1)
        yield ZipFault("xdm.safe.ratio", name, expected=f"≤ {bounds.ratio}", got=str(ratio))


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> tuple[bytes, ZipFault | None]:
    """The content, read by pieces and never beyond what the header announced."""
    content = bytearray()
    try:
        with archive.open(entry) as stream:
            while piece := stream.read(READ):
                content += piece
                if len(content) > limit:
                    break
    except _HOSTILE as exc:
        return b"", ZipFault("xdm.safe.damaged", entry.filename, got=_told(exc))
    if len(content) > limit or limit < entry.file_size:
        return b"", ZipFault("xdm.safe.size", entry.filename, expected=f"≤ {limit}", got=f"> {limit}")
    if len(content) != entry.file_size:
        expected, got = str(entry.file_size), str(len(content))
        return b"", ZipFault("xdm.safe.damaged", entry.filename, expected=expected, got=got)
    return bytes(content), None


def _told(exc: Exception) -> str:
    return (str(exc) or type(exc).__name__)[:200]
