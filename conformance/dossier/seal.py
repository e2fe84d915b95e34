"""Sealing: evidence, profiles, verdicts and report in one zip whose every byte is bound by a hash.

The same inputs give the same bytes: fixed order, times and permissions, and no compression (``layout`` says why).
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from conformance.core.errors import HarnessError, SetupError
from conformance.dossier import layout
from conformance.dossier.judged import Judged, verdicts_document
from conformance.dossier.layout import Entry
from conformance.dossier.manifest import manifest_document
from conformance.dossier.plain import canonical_json
from conformance.dossier.production import production_matricules
from conformance.dossier.report import render_report
from conformance.dossier.title import title_page
from conformance.dossier.workbook import convergence_workbook
from conformance.evidence.journal import read_journal

BLOCK = 1024 * 1024
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can tell
MODE = 0o100644 << 16
UNIX = 3

Source = bytes | Path


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed dossier: where it lies, its root hash and its seal hash, and the report it carries."""

    path: Path
    root: str
    seal: str
    report: bytes


def seal(target: Path, evidence_folder: Path, judged: Judged, *, acknowledge_production: bool = False) -> Sealed:
    """Write the dossier, whole or not at all.

    Refuses, with a card, evidence that is damaged (:class:`HarnessError`) and, unless acknowledged, evidence
    that shows a matricule of production foreign to the run (:class:`SetupError`).
    """
    _refuse_damage(evidence_folder)
    if not acknowledge_production:
        _refuse_production(judged)
    sources = _evidence(evidence_folder)
    sources |= {f"{layout.PROFILES}{p.file_name}": p.content for p in judged.profiles}
    sources[layout.VERDICTS] = canonical_json(verdicts_document(judged))
    sources[layout.WORKBOOK] = convergence_workbook(judged)
    entries = {path: _measured(path, source) for path, source in sources.items()}
    root = layout.root_hash(entries.values())
    report = render_report(judged, root).encode()
    pages = {layout.REPORT: report, layout.TITLE: title_page(judged, root, "en")}
    pages[layout.TITLE_FR] = title_page(judged, root, "fr")
    entries |= {path: _measured(path, page) for path, page in pages.items()}
    _refuse_names(entries)
    manifest = canonical_json(manifest_document(judged, list(entries.values())))
    entries[layout.MANIFEST] = _measured(layout.MANIFEST, manifest)
    _write(target, {**sources, **pages, layout.MANIFEST: manifest}, entries)
    return Sealed(target, root, entries[layout.MANIFEST].sha256, report)


def _evidence(folder: Path) -> dict[str, Source]:
    found: dict[str, Source] = {layout.SALT: folder / "salt"}
    for segment in (folder / "journal").glob("*.jsonl"):
        found[f"{layout.JOURNAL}{segment.name}"] = segment
    for content in (folder / "content").glob("[0-9a-f][0-9a-f]/*"):
        # A dot file is the scratch of a writer that was killed: never acknowledged, not evidence.
        if not content.name.startswith("."):
            found[f"{layout.CONTENT}{content.parent.name}/{content.name}"] = content
    return found


def _refuse_damage(folder: Path) -> None:
    seen: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    blobs: dict[str, str] = {}
    for record in read_journal(folder):
        numbers = seen[record.service, record.lane]
        if record.seq in numbers or record.seq < 1:
            raise HarnessError("seal.twice", record=record.id)
        numbers.add(record.seq)
        blobs |= dict.fromkeys(record.blobs.values(), record.id)
    for (service, lane), numbers in sorted(seen.items()):
        if missing := sorted(set(range(1, max(numbers) + 1)) - numbers):
            raise HarnessError("seal.gap", record=f"{service}/{lane}/{missing[0]}", count=len(missing))
    if not (folder / "salt").is_file():
        raise HarnessError("seal.no-salt", path="salt")
    for digest, record_id in blobs.items():
        # Presence only: every file is hashed when it is measured, against the name it is filed under.
        name = digest.removeprefix("sha256:")
        if not re.fullmatch(r"[0-9a-f]{64}", name) or not (folder / "content" / name[:2] / name[2:]).is_file():
            raise HarnessError("seal.content-lost", record=record_id, digest=digest)


def _refuse_production(judged: Judged) -> None:
    if found := production_matricules(judged.evidence):
        records = sorted({record for cited in found.values() for record in cited})
        raise SetupError("seal.production", count=len(found), records=", ".join(records[:5]))


def _refuse_names(entries: Mapping[str, Entry]) -> None:
    for path in entries:
        if not layout.belongs(path):
            raise HarnessError("seal.name", path=path)
    if len(entries) >= layout.MAX_ENTRIES:
        raise HarnessError("seal.too-many", count=len(entries), limit=layout.MAX_ENTRIES)


def _measured(path: str, source: Source) -> Entry:
    hasher, size = hashlib.sha256(), 0
    with _opened(source) as reading:
        while block := reading.read(BLOCK):
            hasher.update(block)
            size += len(block)
    digest = hasher.hexdigest()
    if path.startswith(layout.CONTENT) and path.removeprefix(layout.CONTENT).replace("/", "") != digest:
        raise HarnessError("seal.content-changed", path=path)
    return Entry(path, size, digest)


def _write(target: Path, sources: Mapping[str, Source], entries: Mapping[str, Entry]) -> None:
    scratch = target.with_name(f".{target.name}.part")
    with scratch.open("wb") as out:
        with zipfile.ZipFile(out, "w") as archive:
            for path in layout.in_order(sources):
                _append(archive, entries[path], sources[path])
        out.flush()
        os.fsync(out.fileno())
    scratch.replace(target)


def _append(archive: zipfile.ZipFile, entry: Entry, source: Source) -> None:
    info = zipfile.ZipInfo(entry.path, EPOCH)
    info.external_attr = MODE
    info.create_system = UNIX
    info.file_size = entry.size
    hasher = hashlib.sha256()
    with _opened(source) as reading, archive.open(info, "w") as writing:
        while block := reading.read(BLOCK):
            hasher.update(block)
            writing.write(block)
    if hasher.hexdigest() != entry.sha256:
        raise HarnessError("seal.moving", path=entry.path)


def _opened(source: Source) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
