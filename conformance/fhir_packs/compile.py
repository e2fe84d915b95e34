"""The tool that makes tables: ``python -m conformance.fhir_packs.compile SOURCE… --out FOLDER``.

Each source package gives one ``<name>.json.xz`` that names it, its version and its SHA-256. Sources see each other's
value sets and code systems; ``--seeing`` adds packages that are read but not compiled. What ``additions`` know of a
package is added to its table, and their code lists make a table of their own.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.fhir_packs.additions import amended, terminology
from conformance.fhir_packs.facts import Pool, structure
from conformance.fhir_packs.package import Package, read_package
from conformance.fhir_packs.terminology import Terminology

SCHEMA = 1


def compiled(package: Package, seen: Sequence[Package], elsewhere: Iterable[str] = ()) -> dict[str, Any]:
    """The table of one package; ``seen`` are the packages whose terminology it may use (itself included).

    ``elsewhere`` are value sets that another table already lists.
    """
    pool = Pool()
    structures = {url: structure(sd, pool) for url, sd in sorted(package.of("StructureDefinition").items())}
    terminology = Terminology(_merged(seen, "ValueSet"), _merged(seen, "CodeSystem"))
    lists: dict[str, Any] = {}
    for canonical in sorted(_bound(structures) - set(elsewhere)):
        if (found := terminology.listed(canonical)) is not None:
            lists[canonical] = found
    return {
        "schema": SCHEMA,
        "package": package.name,
        "version": package.version,
        "sha256": package.sha256,
        "canonical": package.canonical,
        "dependencies": dict(sorted(package.dependencies.items())),
        "constraints": pool.items,
        "structures": structures,
        "lists": lists,
        "questionnaires": dict(sorted(package.of("Questionnaire").items())),
    }


def written(table: Mapping[str, Any], folder: Path) -> Path:
    """Write one table, compressed and reproducible."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{table['package']}.json.xz"
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(lzma.compress(text.encode(), preset=9))
    return path


def main(arguments: list[str] | None = None) -> int:
    """Compile the sources in the order given."""
    parser = argparse.ArgumentParser(prog="conformance.fhir_packs.compile", description=__doc__)
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeing", nargs="*", type=Path, default=[])
    asked = parser.parse_args(arguments)
    packages = [read_package(source) for source in asked.sources]
    seen = [*packages, *(read_package(source) for source in asked.seeing)]
    listed: set[str] = set()
    for package in packages:
        table = compiled(package, seen, listed)
        listed |= set(table["lists"])
        _tell(amended(table), asked.out)
    _tell(terminology(SCHEMA), asked.out)
    return 0


def _tell(table: Mapping[str, Any], folder: Path) -> None:
    path = written(table, folder)
    line = f"{path.name}: {table['package']} {table['version']}, {len(table['structures'])} structures, "
    sys.stdout.write(f"{line}{len(table['lists'])} lists, {path.stat().st_size} bytes\n")


def _merged(packages: Iterable[Package], kind: str) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for package in packages:
        for url, resource in package.of(kind).items():
            merged.setdefault(url, resource)
    return merged


def _bound(structures: Mapping[str, Any]) -> set[str]:
    rows = (row for made in structures.values() for row in json.loads(made["e"]))
    return {canonical.split("|")[0] for row in rows for canonical in row.get("b", [""])[1:]}


if __name__ == "__main__":
    sys.exit(main())
