"""The version of the rules: what must be the same for two verdicts on the same bytes to be the same."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

import conformance

# Everything that a verdict on a document is computed from, tables included.
PARTS = ("checks", "core", "evidence", "population.py")
# The parsers decide too what is well formed or readable.
PARSERS = ("lxml", "pikepdf")


@cache
def rules_version() -> str:
    """A hash of the sources and tables of the checks and of the versions of the parsers, 16 hexadecimal digits.

    The same in every process of one installation, whatever the folder it is in.
    """
    root = Path(conformance.__file__).parent
    digest = hashlib.sha256()
    for part in PARTS:
        for path in _files(root / part):
            name = path.relative_to(root).as_posix()
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    for parser in PARSERS:
        digest.update(f"{parser} {metadata.version(parser)}\n".encode())
    return digest.hexdigest()[:16]


def _files(part: Path) -> list[Path]:
    if part.is_file():
        return [part]
    found = (path for path in part.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(found, key=lambda path: path.as_posix())
