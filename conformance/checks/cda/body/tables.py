"""The rule tables, read once: content models of documents, of sections and of entries, and the value sets they bind.

The tables are TOML files of this folder; each says its source and version. OIDs are written with the short roots of
:data:`ROOTS`.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from conformance.checks.cda.body.paths import BadRule, Path, Rule, path_of, rule_of
from conformance.checks.cda.tables.value_set import ValueSet

LOINC = "2.16.840.1.113883.6.1"
# IHE PCC TF-2, HL7 CCD, IHE LAB/PaLM TF-3, IHE PHARM PRE; and the CI-SIS: documents, sections, entries.
ROOTS: Mapping[str, str] = {
    "pcc": "1.3.6.1.4.1.19376.1.5.3.1",
    "pcc7": "1.3.6.1.4.1.19376.1.7.3.1",
    "ccd": "2.16.840.1.113883.10.20.1",
    "lab": "1.3.6.1.4.1.19376.1.3",
    "pre": "1.3.6.1.4.1.19376.1.9.1",
    "d": "1.2.250.1.213.1.1.1",
    "s": "1.2.250.1.213.1.1.2",
    "e": "1.2.250.1.213.1.1.3",
}
_SHORT = re.compile(r"\b(pcc7|pcc|ccd|lab|pre|d|s|e):(?=\d)")
FAMILIES = ("IHE", "MODCDA", "MODANS", "TERMINO", "VOLET", "OURS")


@dataclass(frozen=True, slots=True)
class Voice:
    """In whose name a finding is told: the model (its name and OID) and the family of the published rules."""

    model: str
    rule: str
    family: str

    @property
    def values(self) -> dict[str, Any]:
        """What every sentence may quote."""
        return {"model": self.model, "rule": self.rule, "family": self.family, "beyond": self.family == "OURS"}


# Compared by identity: it is what the rules left to judge are remembered by.
@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What a ``templateId`` promises of the element that declares it.

    ``family`` is the part of the published rules that says so, ``OURS`` when none does. ``on`` are the tags that may
    declare it, ``beside`` the templates it specialises and that must stand beside it, ``holds`` those that some
    descendant must declare. ``code`` is fixed, with its system and label.
    """

    id: str
    name: str
    family: str
    on: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    code: str = ""
    system: str = LOINC
    label: str = ""
    rules: tuple[Rule, ...] = ()
    voice: Voice = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Its findings are told in its own name."""
        object.__setattr__(self, "voice", Voice(self.name, self.id, self.family))


@dataclass(frozen=True, slots=True)
class Binding:
    """Elements at ``path`` below the one that declares ``template`` bear a code of ``values``."""

    template: str
    path: Path
    values: ValueSet
    family: str
    null: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """One type of document: how it is known, and what it asks of header and body.

    ``mark`` is the ``templateId`` of the type and ``versions`` its published versions; ``declares`` are the other
    templates it must declare. ``structured`` is false for a type whose body is a PDF: it is then known by its code.
    ``versioned`` are the sections that one version asks for besides; ``advised`` is what the type says of its sections in
    words and no published rule checks: a warning.
    """

    name: str
    title: str
    mark: str
    versions: tuple[str, ...]
    code: str
    system: str
    declares: tuple[str, ...] = ()
    structured: bool = True
    header: tuple[Rule, ...] = ()
    sections: tuple[Rule, ...] = ()
    advised: tuple[Rule, ...] = ()
    versioned: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    templates: tuple[Template, ...] = ()
    bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything, indexed as the engine asks."""

    templates: Mapping[str, tuple[Template, ...]]
    bindings: Mapping[str, tuple[Binding, ...]]
    models: tuple[Model, ...]
    units: Mapping[str, tuple[str, ...]]
    labels: Mapping[tuple[str, str], frozenset[str]]


@functools.cache
def tables() -> Tables:
    """Read every table of the folder; a fault in one is ours and raises :class:`BadRule`."""
    sets = {v.name: v for v in _value_sets(_read("value_sets"))}
    templates: dict[str, list[Template]] = {}
    for file in ("sections", "entries"):
        for made in _templates(_read(file)):
            templates.setdefault(made.id, []).append(made)
    bindings: dict[str, list[Binding]] = {}
    bound = _read("bindings")
    for made_binding in _bindings(bound, sets):
        bindings.setdefault(made_binding.template, []).append(made_binding)
    models = tuple(_model(raw, sets) for raw in _read("documents")["model"])
    units = {code: tuple(u) for code, u in bound["units"].items()}
    return Tables(
        {id: tuple(made) for id, made in templates.items()},
        {id: tuple(b) for id, b in bindings.items()},
        models,
        units,
        _labels((t for made in templates.values() for t in made), sets.values(), bound["labels"]),
    )


def _labels(
    templates: Iterable[Template], sets: Iterable[ValueSet], others: Mapping[str, Mapping[str, str]]
) -> Mapping[tuple[str, str], frozenset[str]]:
    """The labels known of a code, by its system: those that templates fix, those of value sets, and others."""
    known: dict[tuple[str, str], set[str]] = {}
    for template in templates:
        if template.label:
            known.setdefault((template.system, template.code), set()).add(template.label)
    for concepts in (others, *(values.concepts for values in sets)):
        for system, labels in concepts.items():
            for code, label in labels.items():
                known.setdefault((system, code), set()).add(label)
    return {key: frozenset(labels) for key, labels in known.items()}


def _read(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(_SHORT.sub(lambda m: f"{ROOTS[m[1]]}.", text))


def _templates(raw: Mapping[str, Any]) -> Iterator[Template]:
    for row in raw.get("template", ()):
        family = row.get("family", "IHE")
        if family not in FAMILIES:
            raise BadRule(family)
        yield Template(
            id=row["id"],
            name=row["name"],
            family=family,
            on=tuple(row.get("on", "").split("|")) if row.get("on") else (),
            beside=tuple(row.get("beside", ())),
            holds=tuple(row.get("holds", ())),
            code=row.get("code", ""),
            system=row.get("system", LOINC),
            label=row.get("label", ""),
            rules=tuple(rule_of(line) for line in row.get("rules", ())),
        )


def _bindings(raw: Mapping[str, Any], sets: Mapping[str, ValueSet]) -> Iterator[Binding]:
    for row in raw.get("binding", ()):
        yield Binding(row["on"], path_of(row["path"]), sets[row["values"]], row["family"], row.get("null", False))


def _model(row: Mapping[str, Any], sets: Mapping[str, ValueSet]) -> Model:
    return Model(
        name=row["name"],
        title=row["title"],
        mark=row["mark"],
        versions=tuple(row.get("versions", ())),
        code=row["code"],
        system=row.get("system", LOINC),
        declares=tuple(row.get("declares", ())),
        structured=row.get("structured", True),
        header=tuple(rule_of(line) for line in row.get("header", ())),
        sections=tuple(rule_of(line) for line in row.get("sections", ())),
        advised=tuple(rule_of(line) for line in row.get("advised", ())),
        versioned={v: tuple(rule_of(line) for line in lines) for v, lines in row.get("versioned", {}).items()},
        templates=tuple(_templates(row)),
        bindings=tuple(_bindings(row, sets)),
    )


def _value_sets(raw: Mapping[str, Any]) -> Iterator[ValueSet]:
    for row in raw["set"]:
        yield ValueSet(row["name"], row["oid"], row["version"], row["codes"])
