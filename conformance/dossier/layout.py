"""The layout of a sealed dossier: which files it holds, in which order, and the hashes that bind them.

Root hash
    SHA-256 of the UTF-8 text made of the line ``dui-conformance dossier root 1`` and then, for each file of
    the dossier that is not a *presentation* file, in the order of the bytes of its path, the line
    ``<SHA-256 in hexadecimal> <size in bytes> <path>``; every line ends with one line feed. The presentation
    files are those that print the root hash or that could only exist after it: ``manifest.json``,
    ``signature.p7s``, ``report.html``, ``TITLE.txt`` and ``LISEZMOI.txt``.

Nothing is compressed. A compressed stream has bits that no hash of its content binds, and sizes that only its
reading tells; stored files have neither, need no limit of expansion, and are the same bytes on every machine.

Seal hash
    SHA-256 of ``manifest.json``. The manifest names every other file but the signature, presentation files
    included, so the seal hash binds every byte of the dossier; it is what a signature signs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

MANIFEST = "manifest.json"
SIGNATURE = "signature.p7s"
REPORT = "report.html"
TITLE = "TITLE.txt"
TITLE_FR = "LISEZMOI.txt"
VERDICTS = "verdicts.json"
WORKBOOK = "convergence.xlsx"
JOURNAL = "evidence/journal/"
CONTENT = "evidence/content/"
SALT = "evidence/salt"
PROFILES = "profiles/"

UNLISTED = frozenset({MANIFEST, SIGNATURE})
PRESENTATION = frozenset({MANIFEST, SIGNATURE, REPORT, TITLE, TITLE_FR})
MANDATORY = frozenset({MANIFEST, REPORT, TITLE, TITLE_FR, VERDICTS, WORKBOOK, SALT})
ROOT_HEADING = "dui-conformance dossier root 1"

MAX_ENTRIES = 200_000
_NAMES = re.compile(
    r"manifest\.json|signature\.p7s|report\.html|TITLE\.txt|LISEZMOI\.txt|verdicts\.json|convergence\.xlsx"
    r"|profiles/[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.yaml"
    r"|evidence/salt|evidence/journal/[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.jsonl|evidence/content/[0-9a-f]{2}/[0-9a-f]{62}"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the dossier: its path, its size in bytes and its SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


def belongs(path: str) -> bool:
    """Whether a dossier may hold a file of this name; nothing else is read, so no name can lead astray."""
    return _NAMES.fullmatch(path) is not None


def in_order(paths: Iterable[str]) -> list[str]:
    """The order of the files in the zip: that of the bytes of their paths, the signature last."""
    return sorted(paths, key=lambda path: (path == SIGNATURE, path.encode()))


def root_hash(entries: Iterable[Entry]) -> str:
    """The root hash of these files (see above), 64 hexadecimal digits."""
    covered = sorted((e for e in entries if e.path not in PRESENTATION), key=lambda e: e.path.encode())
    lines = [ROOT_HEADING, *(f"{e.sha256} {e.size} {e.path}" for e in covered)]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
