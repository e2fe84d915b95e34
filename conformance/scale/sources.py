"""Where documents come from: a file, a tree, a zip, or a manifest of one path per line. Nothing is listed in advance."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from conformance.core.finding import error
from conformance.scale import archive
from conformance.scale.item import Batch, Item, Refused

BATCH = 50
MAX_LINE = 64 * 1024
MANIFESTS = (".ndjson", ".jsonl")


def items(path: Path, skip: Iterable[Path] = ()) -> Iterator[Item]:
    """Every document that ``path`` holds or names, as it is met; ``skip`` holds files that are ours."""
    name = os.fspath(path)
    try:
        if path.is_dir():
            yield from _tree(path, {os.path.realpath(each) for each in skip})
        elif path.is_file() and archive.is_zip(path):
            yield from archive.members(path)
        elif path.is_file() and _is_manifest(path):
            yield from _manifest(path)
        else:
            yield Item(name)
    except (OSError, ValueError):
        # Reading it again, where documents are read, tells why.
        yield Item(name)


def batches(found: Iterable[Item], known: Callable[[str], str | None], size: int = BATCH) -> Iterator[Batch]:
    """Documents by ``size``, each with what is known of it; only one batch is held at a time."""
    stream = iter(found)
    while batch := [(item, known(item.path)) for item in islice(stream, size)]:
        yield batch


def _tree(root: Path, skip: set[str]) -> Iterator[Item]:
    """Every file under a folder; hidden names are left out, links are followed and a folder is walked once."""
    left, seen, count = [os.fspath(root)], set[tuple[int, int]](), 0
    names = {os.path.basename(each) for each in skip}  # noqa: PTH119 - the real path of every file would cost more
    while left:
        folder = left.pop()
        try:
            if not _first_time(folder, seen):
                continue
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if _is_folder(entry):
                        left.append(entry.path)
                    elif entry.name not in names or os.path.realpath(entry.path) not in skip:
                        count += 1
                        yield Item(entry.path)
        except OSError as exc:
            count += 1
            yield Refused(folder, error("document.unreadable-path", reason=exc.strerror), opened=False)
    if not count:
        yield Refused(os.fspath(root), error("document.no-file"), opened=False)


def _manifest(path: Path) -> Iterator[Item]:
    """The document of each line ``{"path": …}``; a path is relative to the manifest. A bad line is an answer."""
    name, folder, number, count = os.fspath(path), path.parent, 0, 0
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE):
            number += 1
            whole = line.endswith(b"\n") or len(line) < MAX_LINE
            while not line.endswith(b"\n") and (rest := file.readline(MAX_LINE)):
                line = rest
            if whole and not line.strip():
                continue
            count += 1
            named = _named(line) if whole else None
            if named is None:
                yield Refused(f"{name}:{number}", error("document.manifest-line", expected='{"path": …}'))
            else:
                yield Item(os.fspath(folder / named))
    if not count:
        yield Refused(name, error("document.no-file"), opened=False)


def _named(line: bytes) -> str | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    named = told.get("path") if isinstance(told, dict) else None
    return named if isinstance(named, str) and named and "\0" not in named else None


def _is_manifest(path: Path) -> bool:
    if path.suffix.lower() in MANIFESTS:
        return True
    with path.open("rb") as file:
        return _named(file.readline(MAX_LINE)) is not None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _first_time(folder: str, seen: set[tuple[int, int]]) -> bool:
    status = Path(folder).stat()
    key = (status.st_dev, status.st_ino)
    known = key in seen
    seen.add(key)
    return not known
