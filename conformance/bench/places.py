"""Where a run finds its scenarios and puts its results."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from conformance import _bundled


def default_out() -> Path:
    """Where a run goes when nobody says: a new folder under ``conformance-results``."""
    return Path("conformance-results") / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def scenarios_folder() -> Path:
    """The shipped scenarios."""
    return _bundled.folder("scenarios")
