"""One document to judge, as a reference that a worker process can follow; its bytes are read there, under bounds."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from conformance.checks.documents import MAX_BYTES, Judged, judge_file
from conformance.core.finding import Finding, error

CHUNK = 256 * 1024
# An archive may not unpack to more than this many times what it weighs, above a size that harms nobody.
RATIO, HARMLESS = 200, 1024 * 1024
# Local file header (APPNOTE.TXT 6.3, section 4.3.7).
_LOCAL = struct.Struct("<4s22xHH")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Item:
    """A document that lies in a file of its own. ``path`` names it in the results."""

    path: str

    def read(self) -> bytes | Judged:
        """The bytes, or the answer for a file that cannot be read or is too big to be."""
        try:
            status = Path(self.path).stat()
            if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES:
                return Path(self.path).read_bytes()
        except (OSError, ValueError):
            pass
        return judge_file(Path(self.path))


@dataclass(frozen=True, slots=True)
class Member(Item):
    """A document inside a zip: where its local header is, how many packed bytes follow, how they are packed."""

    archive: str
    offset: int
    packed: int
    method: int
    crc: int

    def read(self) -> bytes | Judged:
        """The unpacked bytes; a member that lies, or that unpacks out of measure, is an answer."""
        try:
            content = self._unpacked()
        except (OSError, ValueError, struct.error, zlib.error) as exc:
            reason = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
            return refusal(self.path, error("document.zip-member", reason=reason))
        if content is None:
            return refusal(self.path, error("document.zip-bomb", expected=f"≤ {self._limit}"))
        return content

    @property
    def _limit(self) -> int:
        return min(MAX_BYTES, max(HARMLESS, RATIO * self.packed))

    def _unpacked(self) -> bytes | None:
        with open(self.archive, "rb") as file:  # noqa: PTH123 - the name of the archive is a string on purpose: it travels
            file.seek(self.offset)
            signature, name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
            if signature != _LOCAL_SIGNATURE or self.method not in {_STORED, _DEFLATED}:
                raise ValueError("not a stored or deflated member")
            file.seek(name + extra, os.SEEK_CUR)
            inflate = zlib.decompressobj(-zlib.MAX_WBITS) if self.method == _DEFLATED else None
            content, left = bytearray(), self.packed
            while left and (chunk := file.read(min(CHUNK, left))):
                left -= len(chunk)
                content += inflate.decompress(chunk, self._limit + 1 - len(content)) if inflate else chunk
                if len(content) > self._limit:
                    return None
        if zlib.crc32(content) != self.crc:
            raise ValueError("CRC-32")
        return bytes(content)


@dataclass(frozen=True, slots=True)
class Given(Item):
    """A document whose bytes are at hand."""

    content: bytes

    def read(self) -> bytes | Judged:
        """The bytes."""
        return self.content


@dataclass(frozen=True, slots=True)
class Refused(Item):
    """What names no document: a bad line of a manifest, a folder that does not open. The answer is ready."""

    finding: Finding
    opened: bool = True

    def read(self) -> bytes | Judged:
        """The answer."""
        return refusal(self.path, self.finding, opened=self.opened)


Batch: TypeAlias = list[tuple[Item, str | None]]
"""Documents with the hash under which each is already judged, empty for one that could not be read."""


def refusal(path: str, finding: Finding, *, opened: bool = True) -> Judged:
    """The answer for a document that no check will see."""
    return Judged(path, "unknown", (finding.of("document"),), opened)


def fingerprint(content: bytes) -> str:
    """The hash that names a document in the results (SHA-256, hexadecimal)."""
    return hashlib.sha256(content).hexdigest()
