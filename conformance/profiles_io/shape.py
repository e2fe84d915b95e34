"""A profile in the shape of its file (``schemas/profile.json``), as data and as YAML."""

from __future__ import annotations

from typing import Any

import yaml

from conformance.core.requirement import Aspect, Profile, Requirement
from conformance.core.texts import Text

WIDTH = 110


def as_data(profile: Profile) -> dict[str, Any]:
    """The whole profile; loading it again gives the same requirements."""
    return {
        "schema": 1,
        "name": profile.name,
        "title": _text(profile.title),
        "referential": profile.referential,
        "version": profile.version,
        "notice": _text(profile.notice),
        "sources": list(profile.sources),
        "parameters": dict(profile.parameters),
        "conditions": {
            name: {"label": condition.label, "question": _text(condition.question)}
            for name, condition in profile.conditions.items()
        },
        "requirements": [requirement_data(r) for r in profile.requirements],
        "out_of_scope": [{"id": row.id, "reason": _text(row.reason)} for row in profile.out_of_scope],
    }


def requirement_data(requirement: Requirement) -> dict[str, Any]:
    """One requirement; members that hold nothing are left out."""
    data: dict[str, Any] = {
        "id": requirement.id,
        "level": str(requirement.level),
        "class": str(requirement.wire_class),
        "chapter": requirement.chapter,
        "section": requirement.section,
        "bloc": requirement.bloc,
        "fonction": requirement.fonction,
        "condition": requirement.condition,
        "assumed": requirement.assumed,
        "aliases": list(requirement.aliases),
        "basis": str(requirement.basis),
        "criticality": requirement.criticality,
        "statement": _text(requirement.statement),
        "source": requirement.source,
        "aspects": [aspect_data(a) for a in requirement.aspects],
        "proofs": [{"id": p.id, "due_to": p.due_to, "statement": _text(p.statement)} for p in requirement.proofs],
    }
    return {name: value for name, value in data.items() if value not in ("", None, False, [])}


def aspect_data(aspect: Aspect) -> dict[str, Any]:
    """One aspect; members that hold nothing are left out."""
    data: dict[str, Any] = {
        "id": aspect.id,
        "statement": _text(aspect.statement),
        "verification": str(aspect.verification),
        "checks": list(aspect.checks),
        "scenarios": list(aspect.scenarios),
        "reason": _text(aspect.reason) if aspect.reason else None,
    }
    return {name: value for name, value in data.items() if value not in (None, [])}


def as_yaml(data: dict[str, Any]) -> str:
    """The file: readable, in the order of its members, without the aliases that the loader refuses."""
    return str(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH))


def _text(text: Text) -> dict[str, str]:
    return {"fr": text.fr, "en": text.en}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)
