"""The structure of a sealed zip, checked before anything in it is read.

A dossier comes from outside. Everything that a sealed one cannot be is an :class:`AlteredDossier` that names the
file at fault: duplicates, foreign names, links, bytes hidden between entries, another order, other attributes.
"""

from __future__ import annotations

import struct
import zipfile
from typing import BinaryIO

from conformance.core import words
from conformance.core.errors import ConformanceError
from conformance.core.texts import say
from conformance.dossier import layout
from conformance.dossier.seal import EPOCH, MODE, UNIX

MAX_DIRECTORY = 64 * 1024 * 1024

_END = struct.Struct("<4s4H2LH")  # end of central directory, APPNOTE 4.3.16
_END64 = struct.Struct("<4sQ2H2L4Q")  # zip64 end of central directory, APPNOTE 4.3.14
_LOCATOR = struct.Struct("<4sLQL")  # its locator, APPNOTE 4.3.15
_LOCAL = struct.Struct("<4s5H3L2H")  # local file header, APPNOTE 4.3.7
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")  # central directory header, APPNOTE 4.3.12
_FIRST_DAY = 1 << 5 | 1  # 1 January 1980 as MS-DOS dates it
_MARGIN = 1.05  # zipfile writes a zip64 local header from this share of its limit on


class AlteredDossier(ConformanceError):
    """The dossier is not as it was sealed; ``path`` is the file at fault, ``reason`` the catalogue key of why."""

    exit_code = words.NON_CONFORMITIES

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__("dossier.altered", path=path, why=say(f"altered.{reason}"))


def refuse_directory(file: BinaryIO, name: str) -> None:
    """Bound the table of contents before it is loaded, and refuse what stands after it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - _LOCATOR.size - _END64.size))
    tail = file.read()
    end = tail[-_END.size :]
    if len(end) < _END.size or not tail or b"PK" not in tail:
        raise AlteredDossier(name, "not-zip")
    if end[:4] != b"PK\x05\x06":
        raise AlteredDossier(name, "comment")
    *_, length, _, comment = _END.unpack(end)
    before = tail[: -_END.size]
    if before[-_LOCATOR.size :][:4] == b"PK\x06\x07":
        record = before[: -_LOCATOR.size]
        if len(record) != _END64.size or record[:4] != b"PK\x06\x06":
            raise AlteredDossier(name, "directory")
        length = _END64.unpack(record)[8]
    if comment:
        raise AlteredDossier(name, "comment")
    if length > MAX_DIRECTORY:
        raise AlteredDossier(name, "directory")
    file.seek(0)


def sound_entries(archive: zipfile.ZipFile, file: BinaryIO) -> list[zipfile.ZipInfo]:
    """The entries of an archive that is laid out as a sealed dossier is."""
    infos = archive.infolist()
    if len(infos) > layout.MAX_ENTRIES:
        raise AlteredDossier(layout.MANIFEST, "too-many")
    names: set[str] = set()
    for info in infos:
        if info.filename in names:
            raise AlteredDossier(info.filename, "twice")
        names.add(info.filename)
        if not layout.belongs(info.filename) or info.orig_filename != info.filename:
            raise AlteredDossier(info.filename, "foreign")
        if not _plain(info):
            raise AlteredDossier(info.filename, "attributes")
    for missing in sorted(layout.MANDATORY - names):
        raise AlteredDossier(missing, "missing")
    for found, due in zip(infos, layout.in_order(names), strict=True):
        if found.filename != due:
            raise AlteredDossier(found.filename, "order")
    _refuse_hidden_bytes(archive, infos, file)
    return infos


def _plain(info: zipfile.ZipInfo) -> bool:
    return (
        info.date_time == EPOCH
        # A regular file: a link or a folder has other bits here.
        and info.external_attr == MODE
        and info.internal_attr == 0
        and info.create_system == UNIX
        and info.flag_bits == 0
        and info.volume == 0
        and info.reserved == 0
        and info.compress_type == zipfile.ZIP_STORED
        and info.compress_size == info.file_size
        and not info.comment
        and (_large(info) or not info.extra)
    )


def _refuse_hidden_bytes(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], file: BinaryIO) -> None:
    """Entries follow one another from the first byte to the table of contents, none over another."""
    at = 0
    for info in infos:
        if info.header_offset != at:
            raise AlteredDossier(info.filename, "layout")
        file.seek(at)
        header = file.read(_LOCAL.size)
        *_, name, extra = _LOCAL.unpack(header)
        small = info.file_size * _MARGIN <= zipfile.ZIP64_LIMIT
        if small and (extra or (not _large(info) and header != info.FileHeader()[: _LOCAL.size])):
            raise AlteredDossier(info.filename, "layout")
        at += _LOCAL.size + name + extra + info.compress_size
    if archive.start_dir != at:
        raise AlteredDossier(infos[-1].filename, "layout")
    # A zip64 table has fields that only its writer knows; every fact that is read from it is checked above.
    if len(infos) < 0xFFFF and not any(map(_large, infos)):
        file.seek(at)
        if file.read() != _directory(infos, at):
            raise AlteredDossier(layout.MANIFEST, "directory")


def _directory(infos: list[zipfile.ZipInfo], start: int) -> bytes:
    """The table of contents of these entries, as a sealed dossier spells it, to the last byte of the file."""
    table = b"".join(
        _CENTRAL.pack(
            b"PK\x01\x02",
            zipfile.DEFAULT_VERSION,
            UNIX,
            zipfile.DEFAULT_VERSION,
            0,
            0,
            info.compress_type,
            0,
            _FIRST_DAY,
            info.CRC,
            info.compress_size,
            info.file_size,
            len(info.filename),
            0,
            0,
            0,
            0,
            MODE,
            info.header_offset,
        )
        + info.filename.encode()
        for info in infos
    )
    return table + _END.pack(b"PK\x05\x06", 0, 0, len(infos), len(infos), len(table), start, 0)


def _large(info: zipfile.ZipInfo) -> bool:
    return max(info.file_size, info.compress_size, info.header_offset) > zipfile.ZIP64_LIMIT
