"""``manifest.json``: what a dossier holds, by whom it was made, and the root hash."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Any

from conformance import __version__
from conformance.core.requirement import Profile
from conformance.dossier.judged import SCHEMA, Judged
from conformance.dossier.layout import ROOT_HEADING, Entry, root_hash

# The libraries whose answers verdicts rest on.
LIBRARIES = ("cryptography", "lxml", "pikepdf", "pyyaml")


def manifest_document(judged: Judged, entries: Sequence[Entry]) -> dict[str, Any]:
    """The manifest of these files (``schemas/manifest.json``); ``entries`` is every file but the manifest."""
    return {
        "schema": SCHEMA,
        "root": {"definition": ROOT_HEADING, "sha256": root_hash(entries)},
        "language": judged.lang,
        "dui": {name: judged.product.get(name) for name in ("name", "version", "editor", "reference")},
        "started": judged.started or None,
        "harness": {
            "name": "dui-conformance",
            "version": __version__,
            "python": platform.python_version(),
            "libraries": dict(_libraries()),
        },
        "profiles": [
            {
                "name": p.profile.name,
                "referential": p.profile.referential,
                "version": p.profile.version,
                "digest": p.profile.digest,
                "requirements": len(p.profile.requirements),
                "scenarios": sorted(p.profile.scenarios),
                "scenarios_sha256": scenarios_hash(p.profile),
            }
            for p in judged.profiles
        ],
        "files": [
            {"path": e.path, "size": e.size, "sha256": e.sha256} for e in sorted(entries, key=lambda e: e.path.encode())
        ],
    }


def scenarios_hash(profile: Profile) -> str:
    """SHA-256 of the required scenarios: their ids sorted, each followed by a line feed."""
    return hashlib.sha256("".join(f"{id}\n" for id in sorted(profile.scenarios)).encode()).hexdigest()


def _libraries() -> Iterable[tuple[str, str]]:
    for name in LIBRARIES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
