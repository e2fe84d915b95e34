"""From a published StructureDefinition to the facts a validator needs: no prose, no mappings, no examples.

One row per element of the snapshot, members left out when they say nothing:

    i id · m min · x max (when not 1) · a true when a JSON array · t types · f/p fixed/pattern value · b binding ·
    c constraints (indices into the table's pool) · s slicing · r content reference · M modifier · L maxLength ·
    lo/hi smallest and greatest value · D true when the structure itself states the minimum

Rows travel as one JSON text per structure: it is read when the structure is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

SYSTEM = "http://hl7.org/fhirpath/System."
FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
MAX_VALUE_SET = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
Row = dict[str, Any]


class Pool:
    """Constraints shared by many elements, each kept once as ``[key, severity, expression]``."""

    def __init__(self) -> None:
        self.items: list[list[str]] = []
        self._known: dict[tuple[str, str, str], int] = {}

    def index(self, constraint: Mapping[str, Any]) -> int:
        """The place of a constraint in the pool; the expression is empty where the guide gives none."""
        made = tuple(str(constraint.get(name) or "") for name in ("key", "severity", "expression"))
        key = (made[0], made[1], made[2])
        if key not in self._known:
            self._known[key] = len(self.items)
            self.items.append(list(key))
        return self._known[key]


def structure(definition: Mapping[str, Any], pool: Pool) -> dict[str, Any]:
    """The facts of one StructureDefinition: version, type, kind, base, contexts, rows."""
    elements = (definition.get("snapshot") or {}).get("element") or []
    changed = {e.get("id") for e in (definition.get("differential") or {}).get("element") or [] if "min" in e}
    rows = [_row(element, pool) | ({"D": 1} if element.get("id") in changed else {}) for element in elements]
    made: dict[str, Any] = {
        "v": str(definition.get("version") or ""),
        "t": str(definition.get("type") or ""),
        "k": str(definition.get("kind") or ""),
        "d": str(definition.get("derivation") or ""),
        "b": str(definition.get("baseDefinition") or ""),
        "e": json.dumps(rows, ensure_ascii=False, separators=(",", ":")),
    }
    if definition.get("abstract"):
        made["A"] = 1
    if contexts := definition.get("context"):
        made["ctx"] = [[c.get("type"), c.get("expression")] for c in contexts]
    return made


def _row(element: Mapping[str, Any], pool: Pool) -> Row:
    row: Row = {"i": element.get("id") or element["path"]}
    if element.get("min"):
        row["m"] = element["min"]
    if element.get("max", "1") != "1":
        row["x"] = element["max"]
    if (element.get("base") or {}).get("max", element.get("max", "1")) not in ("0", "1"):
        row["a"] = 1
    for name, read in _MEMBERS.items():
        if (value := read(element, pool)) not in (None, []):
            row[name] = value
    return row


def _types(element: Mapping[str, Any], pool: Pool) -> list[Any]:
    del pool
    if (element.get("base") or {}).get("path") == "Resource.id":
        # R4 4.0.1 marks it as a string by mistake; resource.html#id says that it is an id.
        return ["id"]
    return [_type(t) for t in element.get("type") or []]


def _type(raw: Mapping[str, Any]) -> Any:
    code = _code(raw)
    profiles, targets, modes = raw.get("profile"), raw.get("targetProfile"), raw.get("aggregation")
    if not (profiles or targets or modes):
        return code
    return [code, profiles or [], targets or [], modes or []]


def _code(raw: Mapping[str, Any]) -> str:
    code = str(raw.get("code") or "")
    if not code.startswith(SYSTEM):
        return code
    for extension in raw.get("extension") or []:
        if extension.get("url") == FHIR_TYPE:
            return str(extension.get("valueUrl") or extension.get("valueUri") or "string")
    return code.removeprefix(SYSTEM)[0].lower() + code.removeprefix(SYSTEM)[1:]


def _valued(prefix: str) -> Callable[[Mapping[str, Any], Pool], Any]:
    def read(element: Mapping[str, Any], pool: Pool) -> Any:
        del pool
        return next((v for k, v in element.items() if k.startswith(prefix) and k[len(prefix) :][:1].isupper()), None)

    return read


def _binding(element: Mapping[str, Any], pool: Pool) -> list[str] | None:
    del pool
    raw = element.get("binding")
    if not raw or not raw.get("valueSet") or raw.get("strength") == "example":
        return None
    ceiling = [e.get("valueCanonical") for e in raw.get("extension") or [] if e.get("url") == MAX_VALUE_SET]
    return [str(raw["strength"]), str(raw["valueSet"]), *(str(c) for c in ceiling[:1] if c)]


def _slicing(element: Mapping[str, Any], pool: Pool) -> Any:
    del pool
    raw = element.get("slicing")
    if not raw:
        return None
    discriminators = [[d.get("type"), d.get("path")] for d in raw.get("discriminator") or []]
    return [discriminators, raw.get("rules") or "open", 1 if raw.get("ordered") else 0]


def _constraints(element: Mapping[str, Any], pool: Pool) -> list[int]:
    return [pool.index(c) for c in element.get("constraint") or []]


def _plain(name: str) -> Callable[[Mapping[str, Any], Pool], Any]:
    def read(element: Mapping[str, Any], pool: Pool) -> Any:
        del pool
        return element.get(name) or None

    return read


_MEMBERS: Mapping[str, Callable[[Mapping[str, Any], Pool], Any]] = {
    "t": _types,
    "f": _valued("fixed"),
    "p": _valued("pattern"),
    "b": _binding,
    "c": _constraints,
    "s": _slicing,
    "r": _plain("contentReference"),
    "M": _plain("isModifier"),
    "L": _plain("maxLength"),
    "lo": _valued("minValue"),
    "hi": _valued("maxValue"),
}
