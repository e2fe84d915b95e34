"""Reading a sealed dossier without trusting it: structure first, names and sizes next, bytes last."""

from __future__ import annotations

import hashlib
import json
import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Self

from conformance.core.errors import ConformanceError, UsageError
from conformance.core.texts import say
from conformance.dossier import layout
from conformance.dossier.layout import Entry
from conformance.dossier.plain import canonical_json
from conformance.dossier.schema import validator
from conformance.dossier.structure import AlteredDossier, refuse_directory, sound_entries
from conformance.evidence.store import PREFIX, Altered, verified

MAX_WHOLE = 64 * 1024 * 1024  # the manifest, the signature
BLOCK = 1024 * 1024


class SealedDossier:
    """An open dossier whose structure and manifest are sound; its bytes are verified as they are read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = _opened(path)
        try:
            refuse_directory(self._file, path.name)
            self._archive = zipfile.ZipFile(self._file)
            self._infos = {info.filename: info for info in sound_entries(self._archive, self._file)}
            self._manifest_bytes = self._raw(layout.MANIFEST)
            self.manifest = _manifest(self._manifest_bytes)
            self.entries = _listed(self.manifest, self._infos)
        except (zipfile.BadZipFile, NotImplementedError, struct.error, OSError, ValueError) as exc:
            self._file.close()
            raise AlteredDossier(path.name, "not-zip") from exc
        except ConformanceError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._archive.close()
        self._file.close()

    @property
    def root(self) -> str:
        """The root hash, computed from the files as the manifest lists them."""
        return layout.root_hash(self.entries.values())

    @property
    def seal(self) -> str:
        """The seal hash: SHA-256 of the manifest."""
        return hashlib.sha256(self._manifest_bytes).hexdigest()

    @property
    def manifest_bytes(self) -> bytes:
        """The manifest as sealed: what a signature signs."""
        return self._manifest_bytes

    @property
    def signature(self) -> bytes | None:
        """The signature file, when there is one."""
        return self._raw(layout.SIGNATURE) if layout.SIGNATURE in self._infos else None

    def under(self, prefix: str) -> list[str]:
        """The listed files below a folder, in order."""
        return sorted(path for path in self.entries if path.startswith(prefix))

    def stream(self, path: str) -> Iterator[bytes]:
        """The bytes of a listed file, block by block; :class:`AlteredDossier` at the end if they are others."""
        entry = self.entries[path]
        hasher, size = hashlib.sha256(), 0
        try:
            with self._archive.open(self._infos[path]) as reading:
                while block := reading.read(BLOCK):
                    size += len(block)
                    if size > entry.size:
                        raise AlteredDossier(path, "size")
                    hasher.update(block)
                    yield block
        except (zipfile.BadZipFile, EOFError, OSError) as exc:
            raise AlteredDossier(path, "corrupt") from exc
        if hasher.hexdigest() != entry.sha256:
            raise AlteredDossier(path, "hash")

    def read(self, path: str) -> bytes:
        """A whole listed file."""
        return b"".join(self.stream(path))

    def _raw(self, path: str) -> bytes:
        info = self._infos[path]
        if info.file_size > MAX_WHOLE:
            raise AlteredDossier(path, "too-large")
        try:
            with self._archive.open(info) as reading:
                return reading.read(MAX_WHOLE)
        except (zipfile.BadZipFile, EOFError, OSError) as exc:
            raise AlteredDossier(path, "corrupt") from exc


class SealedContents:
    """The contents of the evidence, read from the dossier itself."""

    def __init__(self, dossier: SealedDossier) -> None:
        self._dossier = dossier

    def get(self, digest: str) -> bytes:
        """The bytes of ``sha256:…``; :class:`Altered` when the dossier does not hold them."""
        name = digest.removeprefix(PREFIX)
        path = f"{layout.CONTENT}{name[:2]}/{name[2:]}"
        if path not in self._dossier.entries:
            raise Altered(digest)
        return verified(digest, self._dossier.read(path))


def _opened(path: Path) -> BinaryIO:
    try:
        # A named pipe or a device would be waited for, or never end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError("dossier.unreadable", path=str(path), reason=say("dossier.not-a-file"))
        return path.open("rb")
    except OSError as exc:
        raise UsageError("dossier.unreadable", path=str(path), reason=exc.strerror or str(exc)) from exc


def _manifest(content: bytes) -> Mapping[str, Any]:
    try:
        manifest = json.loads(content)
        canonical = canonical_json(manifest) == content
    except (ValueError, RecursionError) as exc:
        raise AlteredDossier(layout.MANIFEST, "manifest") from exc
    if not canonical or not validator("manifest").is_valid(manifest):
        raise AlteredDossier(layout.MANIFEST, "manifest")
    read: Mapping[str, Any] = manifest
    return read


def _listed(manifest: Mapping[str, Any], infos: Mapping[str, zipfile.ZipInfo]) -> dict[str, Entry]:
    entries = {row["path"]: Entry(row["path"], row["size"], row["sha256"]) for row in manifest["files"]}
    if len(entries) != len(manifest["files"]):
        raise AlteredDossier(layout.MANIFEST, "manifest")
    for path in sorted(set(entries) - set(infos)):
        raise AlteredDossier(path, "missing")
    for path in sorted(set(infos) - set(entries) - layout.UNLISTED):
        raise AlteredDossier(path, "extra")
    for path in sorted(entries):
        if path in layout.UNLISTED:
            raise AlteredDossier(path, "manifest")
        if infos[path].file_size != entries[path].size:
            raise AlteredDossier(path, "size")
    if manifest["root"]["sha256"] != layout.root_hash(entries.values()):
        raise AlteredDossier(layout.MANIFEST, "root")
    return entries
