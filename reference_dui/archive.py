"""IHE_XDM.ZIP as received: opened under bounds, in memory, and its metadata understood."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .antivirus import infected
from .faults import Fault
from .safe_xml import Element, read_xml

NAME = "IHE_XDM.ZIP"
MAX_ENTRIES = 64
MAX_SIZE = 40 * 1024 * 1024
MAX_METADATA = 2 * 1024 * 1024
MAX_RATIO = 200
RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
# How a registry is told that a document is withdrawn (DMP, TD3.3c; wire.md §2): here by mail, a hypothesis.
UPDATE_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
# Identification schemes of XDSDocumentEntry (IHE ITI TF-3; wire.md §2.6).
PATIENT_ID = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the archive: what the metadata say of it, its bytes, and what contradicts them (catalogue code)."""

    name: str
    unique_id: str
    matricule: str
    oid: str
    content: bytes
    doubt: str = ""
    entry_id: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive brings: documents, and the entries of documents sent before that it withdraws."""

    entries: tuple[Entry, ...]
    withdrawn: tuple[str, ...]


def entries_of(content: bytes) -> list[Entry]:
    """The documents that the metadata of an archive announce; an unsafe or unreadable archive raises :class:`Fault`."""
    return list(contents_of(content).entries)


def contents_of(content: bytes) -> Contents:
    """Documents and withdrawals of an archive; an unsafe or unreadable one raises :class:`Fault`."""
    files = unpack(content)
    found: list[Entry] = []
    withdrawn: list[str] = []
    for name, metadata in files.items():
        folder, _, last = name.rpartition("/")
        if last.upper() == "METADATA.XML" and folder.upper().startswith("IHE_XDM/"):
            root = read_xml(metadata, MAX_METADATA)
            found += [_entry(e, folder, files) for e in root.iter(f"{RIM}ExtrinsicObject")]
            withdrawn += _withdrawals(root)
    if not (found or withdrawn):
        raise Fault("refdui.fault.no-metadata")
    if len({(entry.matricule, entry.oid) for entry in found}) > 1:
        # A message is about one person (MSS/CONF.23): which one, a person decides.
        found = [replace(entry, doubt="refdui.doubt.two-persons") for entry in found]
    return Contents(tuple(found), tuple(withdrawn))


def unpack(content: bytes) -> dict[str, bytes]:
    """The files of a zip by name; names that leave the folder, bombs and encrypted entries raise :class:`Fault`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse_excess(entries)
            return {entry.filename: _read(archive, entry) for entry in entries}
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        IndexError,
    ) as exc:
        raise Fault("refdui.fault.unsafe-archive", reason=type(exc).__name__) from exc


def _refuse_excess(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_SIZE:
        raise Fault("refdui.fault.unsafe-archive", reason="size")
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0]:
            raise Fault("refdui.fault.unsafe-archive", reason="path")
        if entry.file_size > 65536 and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise Fault("refdui.fault.unsafe-archive", reason="ratio")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # The header may lie about the size: never read beyond what it announced.
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise Fault("refdui.fault.unsafe-archive", reason="size")
    if infected(content):
        raise Fault("refdui.fault.unsafe-archive", reason="virus")
    return content


def _entry(element: Element, folder: str, files: Mapping[str, bytes]) -> Entry:
    uri = _slot(element, "URI")
    content = files.get(f"{folder}/{uri}")
    matricule, oid = _cx(_identifier(element, PATIENT_ID))
    doubt = ""
    if content is None:
        doubt = "refdui.doubt.missing"
    elif _slot(element, "hash").lower() != hashlib.sha1(content, usedforsecurity=False).hexdigest():
        doubt = "refdui.doubt.hash"
    elif _slot(element, "size") != str(len(content)):
        doubt = "refdui.doubt.size"
    return Entry(uri, _identifier(element, UNIQUE_ID), matricule, oid, content or b"", doubt, element.get("id", ""))


def _withdrawals(root: Element) -> list[str]:
    changes = [a for a in root.iter(f"{RIM}Association") if a.get("associationType") == UPDATE_STATUS]
    return [a.get("targetObject", "") for a in changes if _slot(a, "NewStatus") == DELETED]


def _slot(element: Element, name: str) -> str:
    for slot in element.iterfind(f"{RIM}Slot"):
        if slot.get("name") == name:
            return "".join(v.text or "" for v in slot.iter(f"{RIM}Value")).strip()
    return ""


def _identifier(element: Element, scheme: str) -> str:
    for found in element.iterfind(f"{RIM}ExternalIdentifier"):
        if found.get("identificationScheme") == scheme:
            return (found.get("value") or "").strip()
    return ""


def _cx(value: str) -> tuple[str, str]:
    """Identifier and assigning authority of a CX: ``matricule^^^&OID&ISO^NH``."""
    parts = value.split("^")
    authority = parts[3].split("&") if len(parts) > 3 else []
    return parts[0], authority[1] if len(authority) > 1 else ""
