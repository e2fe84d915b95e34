"""Looking at the product's front door, as the product sheet names it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.bench.hindrance import Hindered
from conformance.bench.stage import Stage
from conformance.core.words import Fault, Provenance
from conformance.probes.observer import observe
from conformance.probes.target import Target


def look(stage: Stage) -> None:
    """One look, within its budget; a door that does not answer hinders the scenario."""
    door = stage.door
    if door is None:
        raise Hindered("hindrance.no-front", Fault.CONFIGURATION)
    target = Target.of(door.url, Path(door.ca) if door.ca else None)
    mark = f"front:{stage.window.name}"
    stage.expect("front", marks=(mark,), origin=target.origin)

    def write(kind: str, data: Mapping[str, Any], blobs: Mapping[str, bytes]) -> None:
        stage.window.write(kind, data, marks=(mark,), provenance=Provenance.PROBE, blobs=blobs)

    if not observe(target, write):
        raise Hindered("hindrance.front-unreachable", Fault.CONFIGURATION, origin=target.origin)
