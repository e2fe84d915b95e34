"""Finding a profile by its name or its path."""

from __future__ import annotations

import difflib
from pathlib import Path

from conformance import _bundled
from conformance.core.errors import UsageError


def shipped_profiles() -> dict[str, Path]:
    """The shipped profiles by name."""
    return {path.stem: path for path in sorted(_bundled.folder("profiles").glob("*.yaml"))}


def find_profile(name: str) -> Path:
    """A shipped profile's path, or the path given; a :class:`UsageError` suggests the nearest name."""
    shipped = shipped_profiles()
    if name in shipped:
        return shipped[name]
    path = Path(name)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return path.resolve()
    near = difflib.get_close_matches(name, shipped, n=1)
    raise UsageError("profile.unknown", name=name, near=near[0] if near else "-", names=", ".join(shipped))
