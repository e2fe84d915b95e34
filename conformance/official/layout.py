"""What a pack holds and where: the schema, the families of rules, the rules of one document type, the examples.

The layout is that of ansforge/TestContenuCDA-3-0: ``infrastructure/cda`` for the schema, ``schematrons/profils`` for the
families that every document goes through, ``schematrons/*.sch`` for one document type each (« volet »).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from conformance.checks.subjects.xml import parse_xml
from conformance.official.source import SourceFile

ISO = "http://purl.oclc.org/dsdl/schematron"
HL7 = "urn:hl7-org:v3"
SCHEMA = "CDA_extended.xsd"
FAMILIES = "schematrons/profils/"
VOLETS = "schematrons/"
SKELETON = ("iso_dsdl_include.xsl", "iso_abstract_expand.xsl", "iso_svrl_for_xslt2.xsl")
_NAMED = re.compile(r'SCHSchema\s*=\s*"([^"]{1,500})"')


@dataclass(frozen=True, slots=True)
class Rules:
    """One top Schematron: a short name for people, its path, and whether every document goes through it."""

    id: str
    path: str
    every: bool


@dataclass(frozen=True, slots=True)
class Example:
    """What an example of the pack says of its kind: document code, templates, and the Schematrons it names."""

    code: str
    templates: frozenset[str]
    schematrons: frozenset[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths are relative to the pack's root; ``schema`` is empty and ``skeleton`` is too when the pack has none."""

    schema: str
    rules: tuple[Rules, ...]
    skeleton: tuple[str, ...]
    examples: tuple[Example, ...]

    def as_json(self) -> dict[str, Any]:
        """The shape kept in ``pack.json``."""
        return {
            "schema": self.schema,
            "rules": [{"id": each.id, "path": each.path, "every": each.every} for each in self.rules],
            "skeleton": list(self.skeleton),
            "examples": [
                {"code": e.code, "templates": sorted(e.templates), "schematrons": sorted(e.schematrons)}
                for e in self.examples
            ],
        }

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Layout:
        """Read back :meth:`as_json`."""
        return cls(
            raw["schema"],
            tuple(Rules(each["id"], each["path"], each["every"]) for each in raw["rules"]),
            tuple(raw["skeleton"]),
            tuple(Example(e["code"], frozenset(e["templates"]), frozenset(e["schematrons"])) for e in raw["examples"]),
        )


def layout_of(files: Iterable[SourceFile]) -> Layout:
    """Find everything by place and content; a pack without any rules has an empty ``rules``."""
    held = list(files)
    return Layout(
        schema=min((f.path for f in held if f.path.rpartition("/")[2] == SCHEMA), key=len, default=""),
        rules=tuple(_rules(held)),
        skeleton=_skeleton([file.path for file in held]),
        examples=tuple(_examples(held)),
    )


def named_schematrons(head: str) -> frozenset[str]:
    """The file names that the ``<?oxygen SCHSchema="…"?>`` instructions of a document give."""
    return frozenset(PurePosixPath(href.replace("\\", "/")).name for href in _NAMED.findall(head))


def kind_of_document(root: etree._Element) -> tuple[str, frozenset[str]]:
    """The document code and the header templates of a CDA."""
    code = root.find(f"{{{HL7}}}code")
    templates = frozenset(each.get("root", "") for each in root.findall(f"{{{HL7}}}templateId"))
    return ("" if code is None else code.get("code", "")), templates


def _rules(files: list[SourceFile]) -> list[Rules]:
    found: list[Rules] = []
    for file in files:
        parent = file.path.rpartition("/")[0] + "/"
        every = file.path.startswith(FAMILIES) and "/include/" not in file.path
        if not file.path.endswith(".sch") or not (every or parent == VOLETS) or not _is_schema(file.content):
            continue
        found.append(Rules(PurePosixPath(file.path).stem, file.path, every))
    return found


def _is_schema(content: bytes) -> bool:
    root = parse_xml(content).root
    return root is not None and root.tag == f"{{{ISO}}}schema"


def _skeleton(paths: list[str]) -> tuple[str, ...]:
    """The three sheets of the pack's own Schematron compiler, in order of use, when all are there."""
    by_name = {path.rpartition("/")[2]: path for path in reversed(paths)}
    found = tuple(by_name[name] for name in SKELETON if name in by_name)
    return found if len(found) == len(SKELETON) else ()


def _examples(files: list[SourceFile]) -> list[Example]:
    found: dict[Example, None] = {}
    for file in files:
        if not file.path.lower().endswith(".xml") or b"SCHSchema" not in file.content[:65536]:
            continue
        root = parse_xml(file.content).root
        if root is None or root.tag != f"{{{HL7}}}ClinicalDocument":
            continue
        names = named_schematrons(file.content[:65536].decode("utf-8", "replace"))
        found[Example(*kind_of_document(root), names)] = None
    return list(found)
