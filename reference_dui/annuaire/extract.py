"""Reading the public extraction: a zip of one text file, columns parted by ``|``, found by their names."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from .client import DirectoryFault
from .entry import Entry

PREFIX = "PS_LibreAcces_Personne_activite"
# The real file holds about two million lines; what is beyond is not one.
MAX_TEXT = 4 * 1024 * 1024 * 1024
_WANTED = (
    "Identification nationale PP",
    "Nom d'exercice",
    "Prénom d'exercice",
    "Code profession",
    "Code savoir-faire",
    "Raison sociale site",
)


def entries(content: bytes) -> Iterator[Entry]:
    """Every professional of the file; a file that is not the extraction is a :class:`DirectoryFault`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            info = next((i for i in archive.infolist() if i.filename.startswith(PREFIX)), None)
            if info is None or info.file_size > MAX_TEXT:
                raise DirectoryFault("refdui.fault.directory-extraction", transient=False)
            with archive.open(info) as stream:
                yield from _lines(io.TextIOWrapper(stream, "utf-8"))
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError) as exc:
        raise DirectoryFault("refdui.fault.directory-extraction", transient=False) from exc


def _lines(text: io.TextIOWrapper) -> Iterator[Entry]:
    header = text.readline().rstrip("\n").split("|")
    places = [header.index(name) for name in _WANTED]
    for line in text:
        values = line.rstrip("\n").split("|")
        if len(values) != len(header):
            continue
        identifier, name, first_name, profession, skill, structure = (values[place] for place in places)
        code = f"G15_{profession}/{skill}" if skill else f"G15_{profession}"
        yield Entry(identifier, name, first_name, code, structure)
