"""Finding a profile by its name or its path."""

from __future__ import annotations

from pathlib import Path

from conformance import _bundled
from conformance.core.errors import UsageError
from conformance.core.nearest import nearest


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
    raise UsageError("profile.unknown", name=name, near=nearest(name, shipped), names=", ".join(shipped))
