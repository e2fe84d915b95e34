"""The packs registered on this machine, each a copy in the state folder: the user's folder is never written to."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.core.errors import SetupError, UsageError
from conformance.core.home import home_folder
from conformance.official.layout import Layout, Rules, layout_of
from conformance.official.references import Reference, References, State
from conformance.official.source import SourceFile, digest_of, read_source
from conformance.official.vocabulary import vocabulary_from

SHEET = "pack.json"
FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# A card names this many references; the rest is counted.
SHOWN = 20
# Folders of a wrong letter case inside one another; beyond, the pack is told as broken.
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Pack:
    """A registered pack. ``unusable`` says, by path of the rules, which included file they lack."""

    name: str
    folder: Path
    digest: str
    layout: Layout
    repaired: tuple[str, ...] = ()
    unusable: Mapping[str, str] | None = None
    unread: tuple[str, ...] = ()

    @property
    def files(self) -> Path:
        """Where the copy of the pack lies."""
        return self.folder / "files"

    def path_of(self, relative: str) -> Path:
        """The file of the copy at this path."""
        return self.files / relative

    def lacks(self, rules: Rules) -> str:
        """The included file that these rules lack, or nothing."""
        return (self.unusable or {}).get(rules.path, "")


def add_pack(source: Path, *, name: str = "", repair: bool = False) -> Pack:
    """Register a pack under ``name`` (by default, the name of its folder or file); a former one is replaced.

    A reference that does not resolve refuses the pack (:class:`SetupError`, each named) unless ``repair`` is asked:
    then what is certain is repaired in the copy, and rules that still lack an included file are told as unusable.
    """
    name = name or re.sub(r"[^A-Za-z0-9._-]+", "-", source.resolve().stem).strip("-.")
    if not _NAME.fullmatch(name):
        raise UsageError("official.bad-name", name=name)
    files = read_source(source)
    layout = layout_of(files)
    if not layout.rules and not layout.schema:
        raise UsageError("official.empty-pack", path=str(source))
    references = References.of(files)
    faults = references.faults(layout)
    if faults and not repair:
        raise SetupError("official.broken-references", count=len(faults), references=told(faults))
    added = _repaired(files, layout)
    references = References.of([*files, *added])
    faults = references.faults(layout)
    unusable = _unusable(references, layout)
    if layout.rules and len(unusable) == len(layout.rules):
        raise SetupError("official.broken-references", count=len(faults), references=told(faults))
    pack = Pack(
        name,
        _folder(name),
        digest_of([*files, *added]),
        layout,
        tuple(file.path for file in added),
        unusable,
        tuple(sorted({each.target for each in faults if each.data and each.state is State.MISSING})),
    )
    _write(pack, [*files, *added])
    return pack


def get_pack(name: str) -> Pack:
    """The pack of this name; :class:`UsageError` when none is registered, with the names that are."""
    sheet = _folder(name) / SHEET if _NAME.fullmatch(name) else None
    if sheet is None or not sheet.is_file():
        known = ", ".join(pack_names()) or "-"
        raise UsageError("official.unknown-pack", name=name, known=known)
    try:
        raw: dict[str, Any] = json.loads(sheet.read_text(encoding="utf-8"))
        if raw["schema"] != FORMAT:
            raise ValueError(raw["schema"])
        layout = Layout.of_json(raw["layout"])
        unread, repaired = tuple(raw["unread"]), tuple(raw["repaired"])
        return Pack(name, sheet.parent, raw["digest"], layout, repaired, raw["unusable"], unread)
    except (ValueError, KeyError, TypeError) as exc:
        raise SetupError("official.damaged-pack", name=name) from exc


def pack_names() -> list[str]:
    """The names of the registered packs, in order."""
    return sorted(sheet.parent.name for sheet in _packs().glob(f"*/{SHEET}"))


def remove_pack(name: str) -> None:
    """Forget a pack and its copy."""
    shutil.rmtree(get_pack(name).folder)


def told(faults: Sequence[Reference]) -> str:
    """One line for each fault: who asks, for what, and what there is instead."""
    from conformance.core.texts import say

    lines = [
        say(f"official.reference.{each.state}", source=each.source, href=each.href, instead=each.instead)
        for each in faults[:SHOWN]
    ]
    if len(faults) > SHOWN:
        lines.append(say("official.reference.more", count=len(faults) - SHOWN))
    return "\n".join(f"  - {line}" for line in lines)


def _repaired(files: Sequence[SourceFile], layout: Layout) -> list[SourceFile]:
    """The files to add so that every certain fault is gone; a file added under another name asks for its own."""
    added: dict[str, SourceFile] = {}
    for _ in range(ROUNDS):
        references = References.of([*files, *added.values()], vocabularies_of=files)
        new = {fault.target: _stand_in(fault, references) for fault in references.faults(layout) if fault.certain}
        if not new:
            break
        added.update(new)
    return list(added.values())


def _stand_in(fault: Reference, references: References) -> SourceFile:
    content = references.files[fault.instead].content
    return SourceFile(fault.target, vocabulary_from(content) if fault.state is State.VOCABULARY else content)


def _unusable(references: References, layout: Layout) -> dict[str, str]:
    """Rules that lack an included file even after repair: to run the rest of them would be to judge with holes."""
    found: dict[str, str] = {}
    for rules in layout.rules:
        for each in references.reached_from(rules.path):
            if each.state is State.MISSING and not each.data:
                found.setdefault(rules.path, each.href)
    return found


def _write(pack: Pack, files: Sequence[SourceFile]) -> None:
    pack.folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=".adding-", dir=pack.folder.parent))
    try:
        for file in files:
            path = building / "files" / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        sheet = {
            "schema": FORMAT,
            "digest": pack.digest,
            "layout": pack.layout.as_json(),
            "repaired": list(pack.repaired),
            "unusable": dict(pack.unusable or {}),
            "unread": list(pack.unread),
        }
        (building / SHEET).write_text(json.dumps(sheet, ensure_ascii=False, indent=1), encoding="utf-8")
        shutil.rmtree(pack.folder, ignore_errors=True)
        building.rename(pack.folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _packs() -> Path:
    return home_folder() / "official" / "packs"


def _folder(name: str) -> Path:
    return _packs() / name
