"""From an official workbook to a profile of the user's own.

What a shipped profile knows of an id (how it is verified) is taken over; the rest is planned. The official text
stays in the user's file: the project carries none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.core.profile import CHAPTERS
from conformance.core.requirement import Profile, Requirement
from conformance.core.texts import LANGUAGES, say
from conformance.profiles_io import ids
from conformance.profiles_io.layout import normalised
from conformance.profiles_io.shape import aspect_data
from conformance.profiles_io.workbook import Note, Official, Workbook

# Families of ids whose chapter bears another name in the Convergence order (dui-rem.md §2.3).
FAMILIES = {"CDA": "DOC", "EPRESC": "EPR", "ORDN": "EPR", "PRESC": "EPR"}
DUE = (("cnda", "CNDA"), ("gazelle", "Gazelle"), ("interop", "Gazelle"), ("passi", "PASSI"))
CRITICALITIES = ("Mineure", "Majeure", "Critique")
FILE_NAME = re.compile(r"(?P<referential>(?:REM|DSR)-[\w-]+?)-(?P<version>Va\d+\w*)", re.IGNORECASE)
EXPORT_NAME = re.compile(r"EXPORT_CONVERGENCE_(?P<d>\d{2})(?P<m>\d{2})(?P<y>\d{4})", re.IGNORECASE)


@dataclass
class Draft:
    """The profile in the shape of its file, and what was taken over from which shipped profile."""

    data: dict[str, Any]
    taken: Counter[str] = field(default_factory=Counter)
    notes: list[Note] = field(default_factory=list)


def draft(path: Path, book: Workbook, known: Sequence[Profile]) -> Draft:
    """Make a profile of a workbook; ``known`` are the shipped profiles, the first that knows an id wins."""
    return _Drafter(path, book, known).draft()


class _Drafter:
    def __init__(self, path: Path, book: Workbook, known: Sequence[Profile]) -> None:
        self.path = path
        self.book = book
        self.known = known
        self.by_id = {
            ids.bare(id): (profile, requirement)
            for profile in reversed(known)
            for requirement in profile.requirements
            for id in (requirement.id, *requirement.aliases)
        }
        self.conditions: dict[str, dict[str, Any]] = {}
        self.taken: Counter[str] = Counter()
        self.notes = list(book.notes)

    def draft(self) -> Draft:
        kept = [official for official in self.book.requirements if not official.out]
        left = [official for official in self.book.requirements if official.out]
        rows = [self.requirement(official) for official in kept]
        referential, version = _named(self.path)
        best = next((p for p in self.known if self.taken and p.name == self.taken.most_common(1)[0][0]), None)
        data = {
            "schema": 1,
            "name": re.sub(r"[^a-z0-9]+", "-", normalised(self.path.stem)).strip("-") or "import",
            "title": _both("profile.import.title", file=self.path.name),
            "referential": referential,
            "version": version,
            "notice": _both("profile.import.notice", taken=sum(self.taken.values()), count=len(rows)),
            "sources": [f"{self.path.name}, {self.book.layout.sheet}"],
            "parameters": dict(best.parameters) if best else {},
            "conditions": self.conditions,
            "requirements": rows,
            "out_of_scope": [{"id": o.id, "reason": _both("profile.import.unpublished", status=o.out)} for o in left],
        }
        return Draft(data, self.taken, self.notes)

    def requirement(self, official: Official) -> dict[str, Any]:
        members = official.members
        profile, model = self.by_id.get(ids.bare(official.id), (None, None))
        if profile and model:
            self.taken[profile.name] += 1
        row: dict[str, Any] = {
            "id": official.id,
            "level": self.level(official),
            "class": str(model.wire_class) if model else "A",
            "chapter": model.chapter if model else _chapter(official),
            **{name: members[name] for name in ("section", "bloc", "fonction") if members.get(name)},
        }
        if condition := self.condition(members.get("profile", "")):
            row["condition"] = condition
        if model and model.id != official.id:
            row["aliases"] = [model.id]
        if members.get("criticality") in CRITICALITIES:
            row["criticality"] = members["criticality"]
        row["statement"] = _same(members["statement"])
        row["source"] = f"{self.path.name}, {self.book.layout.sheet}, {official.row}"
        row["aspects"] = self.aspects(model)
        if official.scenarios:
            row["official_scenarios"] = [{"id": id, "statement": text} for id, text in official.scenarios.items()]
        if official.proofs:
            row["proofs"] = [
                {"id": id, "due_to": _due(text), "statement": _same(text or id)} for id, text in official.proofs.items()
            ]
        return row

    def aspects(self, model: Requirement | None) -> list[dict[str, Any]]:
        if model:
            return [aspect_data(aspect) for aspect in model.aspects]
        return [{"id": "whole", "statement": _both("profile.import.aspect"), "verification": "planned"}]

    def level(self, official: Official) -> str:
        nature = normalised(official.members.get("nature", ""))
        if "doit" in nature or nature == "exigence":
            return "DOIT"
        if "peut" in nature or nature == "preconisation":
            return "PEUT"
        # A Convergence export has no such column: the first modal verb of the statement says it.
        found = re.search(r"\b(DOIT|DOIVENT|PEUT|PEUVENT)\b", official.members["statement"])
        if found is None:
            self.notes.append(Note("profile.import.no-level", (("row", official.row), ("id", official.id))))
        return "PEUT" if found and found[0].startswith("PEU") else "DOIT"

    def condition(self, label: str) -> str | None:
        if normalised(label) in ("", "general", "profil general", "tous"):
            return None
        for profile in self.known:
            for name, condition in profile.conditions.items():
                if normalised(condition.label) == normalised(label):
                    question = {"fr": condition.question.fr, "en": condition.question.en}
                    self.conditions.setdefault(name, {"label": condition.label, "question": question})
                    return name
        name = normalised(label).replace(" ", "_")[:60].strip("_")
        name = name if name[:1].isalpha() else f"profil_{name}"
        self.conditions.setdefault(name, {"label": label, "question": _both("profile.import.question", label=label)})
        return name


def _named(path: Path) -> tuple[str, str]:
    if found := FILE_NAME.search(path.stem):
        return found["referential"], found["version"]
    if found := EXPORT_NAME.search(path.stem):
        return path.stem, f"{found['y']}-{found['m']}-{found['d']}"
    return path.stem, "import"


def _chapter(official: Official) -> str:
    for text in (official.members.get("section_id", ""), official.id, official.members.get("chapter", "")):
        for word in re.split(r"[^A-Za-z]+", text):
            family = FAMILIES.get(word.upper(), word.upper())
            if family in CHAPTERS:
                return family
    words = [w for w in re.split(r"[^A-Za-z]+", official.id) if w and w.upper() not in ("SC", "CH", "MS")]
    return words[0].upper() if words else "DOC"


def _due(text: str) -> str:
    return next((due for word, due in DUE if word in normalised(text).split()), "ANS")


def _same(text: str) -> dict[str, str]:
    return {"fr": text, "en": text}


def _both(key: str, **values: object) -> dict[str, str]:
    return {str(lang): say(key, lang, **values) for lang in LANGUAGES}
