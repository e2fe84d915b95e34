"""The definitions a validation rests on: structures, code lists and questionnaires of a pinned set of packages."""

from __future__ import annotations

import hashlib
import json
import lzma
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from conformance.checks.fhir.element import Element, tree

HL7 = "http://hl7.org/fhir/StructureDefinition/"
CORE = "hl7.fhir.r4.core"
FR_CORE = "hl7.fhir.fr.core"
# The version of fr-core that TDDUI 2.x names (package.json, dependencies). The compiled copy is later: it made
# identifier.use and identifier.system mandatory in slices, and identifier.type in those of Practitioner. Released 2.1.0
# leaves them optional: snapshot of cds-organization 2.0.1, published on it, and Interop-Sante/hl7.fhir.fr.core,
# FRCorePractitionerProfile.fsh (slices told by pattern of system, adeli still among them).
FR_CORE_RELEASED = "2.1.0"
FR_CORE_STRICT = "2.1.0-fsh202505"
# Guides whose snapshots were generated on that later copy.
FROM_STRICT = ("ans.fhir.fr.tddui", "ans.fhir.fr.sdo")
# The order in which tables answer for an address that two of them define: the base first.
BUNDLED = (
    CORE,
    FR_CORE,
    "ihe.iti.mhd",
    "ans.fhir.fr.annuaire",
    "ans.fhir.fr.tddui",
    "ans.fhir.fr.sdo",
    "ans.fhir.fr.pdsm",
    "ans.fhir.fr.pdsm4dmp",
    "ans.fhir.fr.gap",
    "ans.fhir.fr.cds",
    "ans.fhir.fr.cdl",
    "ans.fhir.fr.nde",
    "ans.fhir.fr.tde",
    "ans.fhir.fr.mss",
    "ans.fhir.fr.eprescription",
    # Code lists that no package carries (conformance.fhir_packs.additions).
    "ans.fr.terminologies",
)
Table = Mapping[str, Any]


class Tampered(ValueError):
    """A code list that is not the one its pin was computed for."""


@dataclass(frozen=True, slots=True)
class Structure:
    """One profile, type or extension: its facts, and its elements by id."""

    url: str
    version: str
    type: str
    kind: str
    derivation: str
    base: str
    abstract: bool
    contexts: tuple[tuple[str, str], ...]
    elements: Mapping[str, Element]

    @property
    def root(self) -> Element | None:
        """The first element, or ``None`` where the package publishes no snapshot."""
        return next(iter(self.elements.values()), None)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A value set, expanded: codes by system (``None`` for a whole system whose codes are not at hand).

    ``unknown`` names what could not be expanded: a code outside ``codes`` is then not checkable.
    """

    url: str
    version: str
    codes: Mapping[str, frozenset[str] | None]
    unknown: tuple[str, ...]
    sha256: str


class Tables:
    """A set of tables, one per package; everything is built when first asked for, then kept."""

    def __init__(self, tables: Iterable[Table], *, fr_core: str = FR_CORE_RELEASED) -> None:
        self.tables = list(tables)
        self.fr_core = fr_core
        self._of: dict[str, list[Table]] = {}
        for table in self.tables:
            for url in table["structures"]:
                self._of.setdefault(url, []).append(table)
        self._structures: dict[tuple[str, str], Structure] = {}
        self._named: dict[str, Structure | None] = {}
        self._lists: dict[str, CodeList | None] = {}
        # What a package defines shares its prefix: an extension named there and not defined does not exist.
        self.namespaces = tuple(sorted({url.rpartition("/StructureDefinition/")[0] + "/" for url in self._of}))

    @property
    def lock(self) -> dict[str, str]:
        """The packages in force: version and hash of the source by name."""
        return {t["package"]: f"{t['version']} sha256:{t['sha256']}" for t in self.tables}

    def structure(self, canonical: str) -> Structure | None:
        """The structure of an address, or of a bare type name; ``|version`` asks for that version only."""
        if canonical not in self._named:
            self._named[canonical] = self._found(canonical)
        return self._named[canonical]

    def versions(self, canonical: str) -> list[str]:
        """The versions at hand of an address, whatever version it asks for."""
        return [str(t["structures"][_url(canonical)]["v"]) for t in self._of.get(_url(canonical), ())]

    def root(self, canonical: str) -> Element | None:
        """The root element of a structure, or ``None``."""
        found = self.structure(canonical)
        return found.root if found else None

    def code_list(self, canonical: str) -> CodeList | None:
        """A value set, or ``None`` when no table lists it; a list that does not match its pin raises."""
        url = canonical.split("|", maxsplit=1)[0]
        if url not in self._lists:
            raw = next((t["lists"][url] for t in self.tables if url in t["lists"]), None)
            self._lists[url] = None if raw is None else _code_list(url, raw)
        return self._lists[url]

    def questionnaire(self, canonical: str) -> Mapping[str, Any] | None:
        """A questionnaire of the packages, or ``None``."""
        url = canonical.split("|", maxsplit=1)[0]
        return next((t["questionnaires"][url] for t in self.tables if url in t["questionnaires"]), None)

    def _found(self, canonical: str) -> Structure | None:
        url, _, version = canonical.partition("|")
        url = _url(url)
        for table in self._of.get(url, ()):
            raw = table["structures"][url]
            if not version or raw["v"] == version or raw["v"].startswith(version + "."):
                return self._built(url, table, raw)
        return None

    def _built(self, url: str, table: Table, raw: Mapping[str, Any]) -> Structure:
        key = (table["package"], url)
        if key not in self._structures:
            elements = tree(self._rows(table, raw), table["constraints"], url)
            self._structures[key] = Structure(
                url=url,
                version=raw["v"],
                type=raw["t"],
                kind=raw["k"],
                derivation=raw["d"],
                base=raw["b"],
                abstract=bool(raw.get("A")),
                contexts=tuple((c[0], c[1]) for c in raw.get("ctx", ())),
                elements=elements,
            )
        return self._structures[key]

    def _rows(self, table: Table, raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = json.loads(raw["e"])
        own = table["package"] == FR_CORE and table["version"] == FR_CORE_STRICT
        if self.fr_core != FR_CORE_RELEASED or not (own or table["package"] in FROM_STRICT):
            return rows
        return [{**row, "m": 0} if _tightened(row, own=own) else row for row in rows]


def _tightened(row: Mapping[str, Any], *, own: bool) -> bool:
    """A minimum that the later copy of fr-core added; one that the guide itself states stays."""
    parts = str(row["i"]).split(".")
    optional = ("use", "system", "type") if parts[0] == "Practitioner" else ("use", "system")
    inside = len(parts) == 3 and parts[1].startswith("identifier:") and parts[2] in optional
    return inside and bool(row.get("m")) and (own or not row.get("D"))


def _url(canonical: str) -> str:
    url = canonical.split("|", maxsplit=1)[0]
    return url if "://" in url else HL7 + url


def _code_list(url: str, raw: Mapping[str, Any]) -> CodeList:
    pinned = hashlib.sha256(json.dumps(raw["c"], sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    if pinned != raw["h"]:
        raise Tampered(url)
    codes = {system: None if found is None else frozenset(found) for system, found in raw["c"].items()}
    return CodeList(url, raw["v"], codes, tuple(raw.get("u", ())), raw["h"])


def read_table(content: bytes) -> dict[str, Any]:
    """One compressed table, as the compiler writes it."""
    table: dict[str, Any] = json.loads(lzma.decompress(content))
    return table


@cache
def bundled_tables() -> tuple[Table, ...]:
    """The tables of the package itself, in the order of :data:`BUNDLED`."""
    folder = resources.files("conformance.checks.fhir.tables")
    return tuple(read_table(folder.joinpath(f"{name}.json.xz").read_bytes()) for name in BUNDLED)


@cache
def bundled(*, fr_core: str = FR_CORE_RELEASED) -> Tables:
    """Definitions made of the tables of the package itself."""
    return Tables(bundled_tables(), fr_core=fr_core)
