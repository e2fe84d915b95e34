"""A published FHIR package, read under bounds from its ``.tgz`` or from an unpacked folder.

Shape of a package: FHIR NPM Package Specification, ``package/package.json`` beside one JSON file per resource.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.core.errors import UsageError

# The R4 core package has 4,480 members and 42 MB; its largest member (a SearchParameter bundle) is under 8 MB.
MEMBERS = 20_000
MEMBER_BYTES = 32 * 1024 * 1024
TOTAL_BYTES = 512 * 1024 * 1024
READ = ("StructureDefinition", "ValueSet", "CodeSystem", "Questionnaire")


@dataclass(frozen=True, slots=True)
class Package:
    """The conformance resources of one package, by canonical address.

    ``sha256`` is that of the archive (of its sorted members for a folder): it says which publication was read.
    """

    name: str
    version: str
    sha256: str
    dependencies: dict[str, str] = field(default_factory=dict)
    canonical: str = ""
    resources: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Resources of one type, by canonical address."""
        return self.resources.get(kind, {})


def read_package(source: Path) -> Package:
    """Read a package; what is not one is a :class:`UsageError`."""
    try:
        if source.is_dir():
            return _assembled(list(_folder(source)), "", source.name)
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        return _assembled(list(_archive(source)), digest, source.name)
    except (OSError, tarfile.TarError, EOFError) as exc:
        raise UsageError("fhir.pack.unreadable", path=source.name, reason=str(exc)) from exc


def _archive(source: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    with tarfile.open(source, "r:gz") as archive:
        for count, member in enumerate(archive):
            if count >= MEMBERS or member.size > MEMBER_BYTES or (total := total + member.size) > TOTAL_BYTES:
                raise UsageError("fhir.pack.too-much", path=source.name)
            if not member.isfile() or not _wanted(member.name):
                continue
            stream = archive.extractfile(member)
            if stream is not None:
                yield member.name.removeprefix("package/"), stream.read(MEMBER_BYTES)


def _folder(source: Path) -> Iterator[tuple[str, bytes]]:
    base = source / "package" if (source / "package").is_dir() else source
    for path in sorted(base.glob("*.json"))[:MEMBERS]:
        yield path.name, path.read_bytes()


def _wanted(name: str) -> bool:
    return name.startswith("package/") and name.endswith(".json") and name.count("/") == 1


def _assembled(members: list[tuple[str, bytes]], digest: str, label: str) -> Package:
    manifest: dict[str, Any] | None = None
    resources: dict[str, dict[str, dict[str, Any]]] = {}
    for name, content in members:
        read = _json(name, content, label)
        if name == "package.json":
            manifest = read
        elif isinstance(read, dict) and read.get("resourceType") in READ and isinstance(read.get("url"), str):
            resources.setdefault(read["resourceType"], {})[read["url"]] = read
    if not isinstance(manifest, dict) or not manifest.get("name") or not manifest.get("version"):
        raise UsageError("fhir.pack.no-manifest", path=label)
    versions = manifest.get("fhirVersions") or manifest.get("fhir-version-list") or []
    if isinstance(versions, list) and versions and not any(str(v).startswith("4.0") for v in versions):
        raise UsageError("fhir.pack.other-fhir", path=label, versions=", ".join(map(str, versions)))
    if not digest:
        hashes = sorted(hashlib.sha256(content).hexdigest() for _, content in members)
        digest = hashlib.sha256("".join(hashes).encode()).hexdigest()
    dependencies = manifest.get("dependencies")
    return Package(
        name=str(manifest["name"]),
        version=str(manifest["version"]),
        sha256=digest,
        dependencies={str(k): str(v) for k, v in dependencies.items()} if isinstance(dependencies, dict) else {},
        canonical=str(manifest.get("canonical") or manifest.get("url") or ""),
        resources=resources,
    )


def _json(name: str, content: bytes, label: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise UsageError("fhir.pack.unreadable", path=f"{label}/{name}", reason=str(exc)) from exc
