"""What guides leave out of their packages, and what is added to their tables: one small file per package.

A file of ``additions`` names the source of everything it adds: code lists that no package carries, types of extensions
that condensed sources leave open, Questionnaires. It never says more than that source does.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from conformance.fhir_packs.terminology import digest

TERMINOLOGY = "ans.fr.terminologies"
Row = dict[str, Any]


def amended(table: dict[str, Any]) -> dict[str, Any]:
    """The table of a package with what is known of it from elsewhere; the same table when nothing is."""
    read = _read(str(table["package"]))
    if read is None:
        return table
    added, pin = read
    base = f"{added['canonical']}/StructureDefinition/"
    structures = dict(table["structures"])
    for name, stated in added.get("extensions", {}).items():
        structures[base + name] = _closed(structures[base + name], stated, base)
    forms = dict(_questionnaires(added))
    return {**table, "structures": structures, "questionnaires": {**table["questionnaires"], **forms}, "additions": pin}


def terminology(schema: int) -> dict[str, Any]:
    """The table of the code lists that no package carries."""
    read = _read(TERMINOLOGY)
    assert read is not None
    added, pin = read
    lists = {}
    for url, stated in sorted(added["lists"].items()):
        codes = {system: sorted(found) for system, found in sorted(stated["codes"].items())}
        lists[url] = {"v": stated.get("version", ""), "c": codes, "h": digest(codes)}
    return {
        "schema": schema,
        "package": TERMINOLOGY,
        "version": added["version"],
        "sha256": pin,
        "canonical": "",
        "dependencies": {},
        "constraints": [],
        "structures": {},
        "lists": lists,
        "questionnaires": {},
    }


def _read(package: str) -> tuple[dict[str, Any], str] | None:
    file = resources.files("conformance.fhir_packs").joinpath("additions", f"{package}.toml")
    if not file.is_file():
        return None
    content = file.read_bytes()
    return tomllib.loads(content.decode()), hashlib.sha256(content).hexdigest()


def _closed(structure: Mapping[str, Any], stated: Mapping[str, Any], base: str) -> dict[str, Any]:
    """An extension whose value, or whose parts, are known."""
    rows: list[Row] = []
    parts: Mapping[str, Any] = stated.get("parts", {})
    for row in json.loads(structure["e"]):
        if parts and str(row["i"]).startswith("Extension.extension:"):
            continue
        if row["i"] == "Extension.value[x]":
            rows.append({**row, "x": "0"} if parts else {**row, "t": _types(stated, base)})
        elif row["i"] == "Extension.extension":
            rows.append(row if parts else {**row, "x": "0"})
            rows += [made for name, part in parts.items() for made in _part(row, name, part, base)]
        else:
            rows.append(row)
    return {**structure, "e": json.dumps(rows, ensure_ascii=False, separators=(",", ":"))}


def _part(sliced: Row, name: str, stated: Mapping[str, Any], base: str) -> list[Row]:
    id = f"Extension.extension:{name}"
    made: list[Row] = [
        {"i": id, "x": stated["max"], "a": 1, "t": ["Extension"], "c": sliced.get("c", [])},
        {"i": f"{id}.extension", "x": "0", "a": 1, "t": ["Extension"]},
        {"i": f"{id}.url", "m": 1, "t": ["uri"], "f": name},
        {"i": f"{id}.value[x]", "t": _types(stated, base)},
    ]
    return made


def _types(stated: Mapping[str, Any], base: str) -> list[Any]:
    targets = [base + name for name in stated.get("targets", ())]
    return [[code, [], targets, []] if targets else code for code in stated["types"]]


def _questionnaires(added: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, stated in added.get("questionnaires", {}).items():
        url = f"{added['canonical']}/Questionnaire/{name}"
        items = _items(str(stated["items"]).splitlines(), added.get("options", {}))
        yield url, {"resourceType": "Questionnaire", "url": url, "version": stated["version"], "item": items}


def _items(lines: list[str], options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Items from an indented tree: ``linkId type [options]`` a line, two spaces a level."""
    roots: list[dict[str, Any]] = []
    way: list[list[dict[str, Any]]] = [roots]
    for line in filter(str.strip, lines):
        depth = (len(line) - len(line.lstrip())) // 2
        link, kind, *listed = line.split()
        item: dict[str, Any] = {"linkId": link, "type": kind, "item": []}
        if listed:
            system, codes = options[listed[0]]["system"], options[listed[0]]["codes"]
            item["answerOption"] = [{"valueCoding": {"system": system, "code": code}} for code in codes]
        del way[depth + 1 :]
        way[depth].append(item)
        way.append(item["item"])
    return roots
