"""What an archive is, before what it says: safe to open, laid out as a medium, its files named and accounted for."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator

from conformance.checks.subjects.xdm import METADATA, ROOT_FILES, SUBSET, XdmArchive
from conformance.checks.subjects.xdm_metadata import Entry
from conformance.core.check import check
from conformance.core.finding import Finding, Where, error, warning

ITI_32 = "IHE ITI TF vol. 2, 3.32 ; CI-SIS Échange de documents, XDM ; wire.md §1.7"
# ISO 9660 level 1 as IHE XDM restricts names: eight characters, a dot, three; a folder has no extension.
_NAME = re.compile(r"[A-Z0-9_]{1,8}(\.[A-Z0-9_]{1,3})?")
# What may lie in the subset without being a document: the style sheet that presents one (wire.md §1.7).
_SUPPORT = (".XSL", ".CSS")


@check("xdm.safe", source="PKWARE APPNOTE.TXT 6.3 ; OWASP, zip slip et zip bomb ; MSS/CONF.23")
def the_archive_opens_safely(archive: XdmArchive) -> Iterator[Finding]:
    """The archive opens without danger: no path that escapes, no link, nothing encrypted, no bomb, no lie of a header.

    Pass: every entry reads within bounds to the size its header announces.
    Fail: an entry was refused, or the bytes are no zip.
    """
    for fault in archive.faults:
        yield error(fault.code, where=Where(part=fault.name), expected=fault.expected, got=fault.got)


@check("xdm.layout", source=ITI_32)
def the_archive_is_laid_out_as_a_medium(archive: XdmArchive) -> Iterator[Finding]:
    """The archive has the files of an XDM medium, where they belong.

    Pass: INDEX.HTM and README.TXT at the root, METADATA.XML and at least one document in IHE_XDM/SUBSET01.
    Fail: one is missing. A file elsewhere is a warning.
    """
    if archive.fault is not None:
        yield error("xdm.unreadable", where=Where())
        return
    for name in (*ROOT_FILES, METADATA):
        if name not in archive.files:
            close = next((n for n in archive.names if n.upper() == name), None)
            yield error("xdm.layout.missing", where=Where(part=name), expected=name, got=close)
    in_subset = [n for n in archive.files if n.startswith(SUBSET) and n != METADATA]
    if not in_subset:
        yield error("xdm.layout.no-document", where=Where(part=SUBSET), expected=f"{SUBSET}DOC00001.XML")
    for name in archive.files:
        if name not in ROOT_FILES and not name.startswith(SUBSET):
            yield warning("xdm.layout.elsewhere", where=Where(part=name), expected=SUBSET, got=name)


@check("xdm.names", source=f"{ITI_32} ; ISO 9660, niveau 1")
def every_name_is_short_and_upper_case(archive: XdmArchive) -> Iterator[Finding]:
    """Every file and folder has an 8.3 name in capitals.

    Pass: eight characters at most, a dot, three at most, of A to Z, 0 to 9 and underscore.
    Fail: another name.
    """
    if archive.fault is not None:
        yield error("xdm.unreadable", where=Where())
        return
    for name in archive.names:
        if not all(_NAME.fullmatch(step) for step in name.rstrip("/").split("/")):
            yield error("xdm.names.form", where=Where(part=name), expected="[A-Z0-9_]{1,8}.[A-Z0-9_]{1,3}", got=name)


@check("xdm.references", source=ITI_32)
def files_and_entries_answer_each_other(archive: XdmArchive) -> Iterator[Finding]:
    """Every entry names a file of the archive, and every file of the subset has its entry.

    Pass: each ``URI`` leads to one file in the folder of the metadata, and no file is left without an entry.
    Fail: no ``URI``, a path that leaves the folder, a file that is not there, a file named twice or by nobody.
    """
    if archive.metadata is None or archive.metadata.fault:
        yield error("xdm.unreadable", where=Where(part=METADATA))
        return
    for entry in archive.entries:
        yield from _reference(archive, entry)
    paths = [archive.path_of(entry) for entry in archive.entries]
    for path, times in Counter(path for path in paths if path).items():
        if times > 1:
            yield error("xdm.references.twice", where=Where(part=path), expected="1", got=str(times))
    for name in archive.files:
        alone = name.startswith(SUBSET) and name != METADATA and name not in paths
        if alone and not name.upper().endswith(_SUPPORT):
            yield error("xdm.references.unnamed", where=Where(part=name), expected="ExtrinsicObject", got=name)


@check("xdm.hash", source=f"IHE ITI TF vol. 3, 4.2.3.2.10 (hash) ; {ITI_32}")
def every_hash_is_that_of_its_file(archive: XdmArchive) -> Iterator[Finding]:
    """Every entry bears the SHA-1 of its file.

    Pass: ``hash`` is the SHA-1 of the bytes in the archive, in hexadecimal.
    Fail: it is missing or that of other bytes.
    """
    for entry, content in _filed(archive):
        expected = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        if (entry.hash or "").lower() != expected:
            yield error("xdm.hash.differs", where=where_of(entry), expected=expected, got=entry.hash)
    if archive.metadata is None or archive.metadata.fault:
        yield error("xdm.unreadable", where=Where(part=METADATA))


@check("xdm.size", source=f"IHE ITI TF vol. 3, 4.2.3.2.23 (size) ; {ITI_32}")
def every_size_is_that_of_its_file(archive: XdmArchive) -> Iterator[Finding]:
    """Every entry bears the size of its file.

    Pass: ``size`` is the number of bytes in the archive.
    Fail: it is missing or another number.
    """
    for entry, content in _filed(archive):
        if entry.size != str(len(content)):
            yield error("xdm.size.differs", where=where_of(entry), expected=str(len(content)), got=entry.size)
    if archive.metadata is None or archive.metadata.fault:
        yield error("xdm.unreadable", where=Where(part=METADATA))


def where_of(entry: Entry) -> Where:
    """The place of an entry in the metadata."""
    return Where(part=METADATA, line=entry.line)


def _reference(archive: XdmArchive, entry: Entry) -> Iterator[Finding]:
    path, place = archive.path_of(entry), where_of(entry)
    if path is None or not entry.uri:
        yield error("xdm.references.no-uri", where=place, expected="URI")
    elif ".." in path.split("/") or entry.uri.startswith("/") or ":" in entry.uri:
        yield error("xdm.references.outside", where=place, expected=SUBSET, got=entry.uri)
    elif path not in archive.files:
        yield error("xdm.references.no-file", where=place, expected=path, got=entry.uri)


def _filed(archive: XdmArchive) -> Iterator[tuple[Entry, bytes]]:
    for entry in archive.entries:
        content = archive.files.get(archive.path_of(entry) or "")
        if content is not None:
            yield entry, content
