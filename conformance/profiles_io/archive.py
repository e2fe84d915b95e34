"""The guard before a workbook is parsed: what it weighs once unpacked, and what its XML may not hold."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from conformance.core.errors import UsageError

# A public REM (1 700 rows, 38 columns) weighs about 1 MiB packed and 8 MiB unpacked.
MAX_PACKED = 32 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
MAX_PARTS = 2000
# openpyxl makes an object of each cell: this bounds its memory to some 300 MB. A public REM has 400 000 tags.
MAX_TAGS = 2_000_000
CHUNK = 1024 * 1024
XML = (".xml", ".rels", ".vml")


def guard(path: Path) -> None:
    """Refuse a file that is no workbook, that unpacks too large, or whose XML declares entities.

    Every part is unpacked once and counted: the sizes that a zip declares are not believed. ``openpyxl`` reads
    sheets with a parser that expands entities, so a document type is refused before it sees one.
    """
    try:
        packed = path.stat().st_size
        if packed > MAX_PACKED:
            raise UsageError("profile.import.too-large", path=str(path), size=packed, limit=MAX_PACKED)
        with zipfile.ZipFile(path) as archive:
            _weigh(archive, path)
    except OSError as exc:
        raise UsageError("profile.import.unreadable", path=str(path), reason=exc.strerror or str(exc)) from exc
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
        LookupError,
    ) as exc:
        # RuntimeError: an encrypted part; NotImplementedError: an unknown compression.
        raise UsageError("profile.import.not-workbook", path=str(path), reason=str(exc)) from exc


def _weigh(archive: zipfile.ZipFile, path: Path) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise UsageError("profile.import.too-many-parts", path=str(path), count=len(parts), limit=MAX_PARTS)
    if "[Content_Types].xml" not in archive.namelist():
        raise UsageError("profile.import.not-workbook", path=str(path), reason="[Content_Types].xml")
    left, tags = MAX_UNPACKED, 0
    for part in parts:
        tail = b""
        with archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise UsageError("profile.import.too-large", path=str(path), size="…", limit=MAX_UNPACKED)
                if part.filename.lower().endswith(XML):
                    tags += chunk.count(b"<")
                    if tags > MAX_TAGS:
                        raise UsageError("profile.import.too-many-tags", path=str(path), limit=MAX_TAGS)
                    if _forbidden(tail + chunk):
                        raise UsageError("profile.import.entities", path=str(path), part=part.filename)
                tail = chunk[-16:]


def _forbidden(content: bytes) -> bool:
    # A null byte is UTF-16 or UTF-32, in which the search below would be blind; workbooks are UTF-8 (ECMA-376, part 2).
    return b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content
