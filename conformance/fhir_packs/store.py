"""The packs of this machine: compiled tables under ``$CONFORMANCE_HOME/packs``, beside those of the package.

A pack replaces the bundled table of the same package (another version of fr-core, say); the others are added to it.
"""

from __future__ import annotations

import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.checks.fhir.definitions import FR_CORE_RELEASED, Tables, bundled_tables, read_table
from conformance.core.errors import UsageError
from conformance.core.home import home_folder
from conformance.fhir_packs.compile import SCHEMA, compiled, written
from conformance.fhir_packs.package import Package, read_package


def folder() -> Path:
    """Where the packs of this machine are kept."""
    return home_folder() / "packs"


def add(source: Path, seeing: Sequence[Path] = ()) -> dict[str, Any]:
    """Compile a published package and keep its table; the table is returned.

    ``seeing`` are packages whose value sets and code systems the new one may use.
    """
    package = read_package(source)
    seen = [package, *(read_package(other) for other in seeing)]
    # A list that another table holds is not compiled again, unless this package defines it itself.
    listed = {url for table in in_force_tables() for url in table["lists"]} - set(package.of("ValueSet"))
    table = compiled(package, seen, listed)
    _required_snapshots(package, table)
    written(table, folder())
    return table


def installed() -> list[dict[str, Any]]:
    """The tables of this machine, by name; one that does not read is a :class:`UsageError`."""
    tables = []
    for path in sorted(folder().glob("*.json.xz")):
        try:
            table = read_table(path.read_bytes())
        except (OSError, ValueError, lzma.LZMAError) as exc:
            raise UsageError("fhir.pack.unreadable", path=path.name, reason=str(exc)) from exc
        if table.get("schema") == SCHEMA:
            tables.append(table)
    return tables


def in_force_tables() -> list[dict[str, Any]]:
    """The tables a validation rests on: bundled ones, replaced or followed by those of this machine."""
    own = {table["package"]: table for table in installed()}
    kept = [own.pop(table["package"], dict(table)) for table in bundled_tables()]
    return [*kept, *own.values()]


def in_force(*, fr_core: str = FR_CORE_RELEASED) -> Tables:
    """The definitions in force on this machine."""
    return Tables(in_force_tables(), fr_core=fr_core)


def _required_snapshots(package: Package, table: dict[str, Any]) -> None:
    for url, structure in table["structures"].items():
        if structure["e"] == "[]" and package.of("StructureDefinition")[url].get("kind") != "logical":
            raise UsageError("fhir.pack.no-snapshot", url=url)
