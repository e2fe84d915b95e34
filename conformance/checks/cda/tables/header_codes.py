"""The other value sets of the CDA header, read from ``header_codes.txt``: codes and labels by code system.

Source of each: the value set published by the ANS at https://mos.esante.gouv.fr/NOS/, by OID and version.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from conformance.checks.cda.tables.value_set import ValueSet


def read(text: str) -> Mapping[str, ValueSet]:
    """The sets of a table, by name: ``[NAME id oid version]``, a code system at the margin, its codes indented."""
    sets: dict[str, ValueSet] = {}
    concepts: dict[str, dict[str, str]] = {}
    system: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("["):
            name, identifier, oid, version = line.strip("[]").split()
            concepts = {}
            sets[name] = ValueSet(identifier, oid, version, concepts)
        elif line.startswith("  "):
            code, _, label = line.strip().partition(" ")
            system[code] = label
        elif not line.startswith("#"):
            system = concepts.setdefault(line, {})
    return sets


_SETS = read(resources.files(__package__).joinpath("header_codes.txt").read_text(encoding="utf-8"))
AUTHOR_SPECIALTY = _SETS["AUTHOR_SPECIALTY"]
FACILITY_TYPE = _SETS["FACILITY_TYPE"]
PRACTICE_SETTING = _SETS["PRACTICE_SETTING"]
FUNCTION = _SETS["FUNCTION"]
ENCOUNTER = _SETS["ENCOUNTER"]
GENDER = _SETS["GENDER"]
CONFIDENTIALITY = _SETS["CONFIDENTIALITY"]
CIVILITY = _SETS["CIVILITY"]
TITLE = _SETS["TITLE"]
