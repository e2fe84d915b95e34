"""What a pack is made of, read from a folder or from a zip under bounds, and laid in the state folder."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from conformance.core.errors import UsageError

# The public pack (ansforge/TestContenuCDA-3-0, 19/02/2025) has 3 000 such files, 60 MB: an order of magnitude above.
MAX_FILES = 20_000
MAX_FILE = 64 * 1024 * 1024
MAX_TOTAL = 768 * 1024 * 1024
MARK = "schematrons"
# Style sheets for people and programs are no rules: they stay where they are.
SUFFIXES = frozenset({".sch", ".xml", ".xsd", ".xsl", ".xslt", ".rdf", ".ent", ".dtd"})
LEFT_OUT = frozenset({"feuilledestyle", "rapports", ".git"})

# What zipfile and zlib raise on a broken archive.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    struct.error,
    # An entry without a name.
    LookupError,
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a pack: its path from the pack's root, with slashes, and its bytes."""

    path: str
    content: bytes


def read_source(source: Path) -> list[SourceFile]:
    """Every file of interest of a pack, in order of path; :class:`UsageError` when it is no such pack."""
    if source.is_dir():
        files = _taken(source, _from_folder(source))
    elif zipfile.is_zipfile(source):
        try:
            files = _taken(source, _from_zip(source))
        except _DAMAGED as exc:
            reason = str(exc)[:200] or type(exc).__name__
            raise UsageError("official.damaged-zip", path=os.fspath(source), reason=reason) from exc
    else:
        raise UsageError("official.not-a-pack", path=os.fspath(source), folder=MARK)
    root = _root([file.path for file in files])
    if root is None:
        raise UsageError("official.not-a-pack", path=os.fspath(source), folder=MARK)
    inside = [SourceFile(file.path[len(root) :], file.content) for file in files if file.path.startswith(root)]
    return sorted(inside, key=lambda file: file.path)


def digest_of(files: list[SourceFile]) -> str:
    """One hash for the whole pack: paths and contents."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.path}\0{len(file.content)}\0".encode())
        whole.update(file.content)
    return whole.hexdigest()


def _taken(source: Path, entries: Iterable[tuple[str, int, Callable[[], bytes]]]) -> list[SourceFile]:
    """Read what fits: names and declared sizes are counted before any content is read."""
    taken: list[SourceFile] = []
    total = 0
    for name, size, read in entries:
        total += size
        if size > MAX_FILE or total > MAX_TOTAL or len(taken) >= MAX_FILES:
            raise UsageError("official.pack-too-big", path=os.fspath(source), file=name)
        taken.append(SourceFile(name, read()))
    return taken


def _from_folder(source: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    root = source.resolve()
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name.lower() not in LEFT_OUT)
        for name in sorted(names):
            path = Path(folder, name)
            relative = path.relative_to(root).as_posix()
            # A link may stand for another letter case of a file of the pack, never for a file outside it.
            if _wanted(relative) and path.is_file() and path.resolve().is_relative_to(root):
                yield relative, path.stat().st_size, path.read_bytes


def _from_zip(source: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    with zipfile.ZipFile(source) as archive:
        for entry in archive.infolist():
            name = entry.filename.replace("\\", "/")
            parts = PurePosixPath(name).parts
            if entry.is_dir() or not _wanted(name) or any(part.lower() in LEFT_OUT for part in parts):
                continue
            if name.startswith("/") or ".." in parts or entry.flag_bits & 1:
                raise UsageError("official.unsafe-zip", path=os.fspath(source), file=name)
            # zipfile never gives more than the declared size, which the caller has counted.
            yield name, entry.file_size, partial(archive.read, entry)


def _wanted(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in SUFFIXES


def _root(paths: list[str]) -> str | None:
    """The shallowest folder that holds ``schematrons/``, written with its last slash; empty for the top."""
    found: set[str] = set()
    for path in paths:
        parts = path.split("/")[:-1]
        if MARK in parts[:3]:
            found.add("".join(f"{part}/" for part in parts[: parts.index(MARK)]))
    return min(found, key=lambda root: (root.count("/"), root), default=None)
