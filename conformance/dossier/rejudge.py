"""Judging a sealed dossier again: the sealed evidence and profiles, the checks installed here, the same verdicts or not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.core.errors import HarnessError, UsageError
from conformance.core.profile import parse_profile
from conformance.core.requirement import Profile
from conformance.core.texts import Language, say
from conformance.core.words import GOOD, NON_CONFORMITIES
from conformance.dossier import layout
from conformance.dossier.comparison import Difference, differences
from conformance.dossier.judged import SCHEMA, judge_profiles, verdicts_document
from conformance.dossier.plain import canonical_json
from conformance.dossier.reading import SealedContents, SealedDossier
from conformance.dossier.schema import validator
from conformance.dossier.structure import AlteredDossier
from conformance.evidence.evidence import Evidence
from conformance.evidence.journal import read_segment
from conformance.evidence.record import Record


@dataclass(frozen=True, slots=True)
class Rejudgement:
    """The comparison of a dossier with its judgement of today."""

    root: str
    sealed_with: str
    installed: str
    requirements: int
    differences: tuple[Difference, ...]

    @property
    def exit_code(self) -> int:
        """0 when nothing differs, else 1."""
        return NON_CONFORMITIES if self.differences else GOOD

    def as_json(self) -> dict[str, Any]:
        """The stable shape (``schemas/rejudge.json``)."""
        return {
            "schema": SCHEMA,
            "root": self.root,
            "harness": {"sealed": self.sealed_with, "installed": self.installed},
            "requirements": self.requirements,
            "identical": not self.differences,
            "differences": [difference.as_json() for difference in self.differences],
        }

    def told(self, lang: Language | None = None) -> str:
        """The same for a person: one line per difference."""
        lines = []
        if self.sealed_with != self.installed:
            lines.append(say("rejudge.versions", lang, sealed=self.sealed_with, installed=self.installed))
        if not self.differences:
            return "\n".join([*lines, say("rejudge.identical", lang, count=self.requirements)])
        changed = len({difference.key for difference in self.differences})
        lines.append(say("rejudge.different", lang, count=changed, total=self.requirements))
        return "\n".join([*lines, *(difference.told(lang) for difference in self.differences)])


def rejudge(path: Path) -> Rejudgement:
    """Judge a dossier again, straight from the zip; an altered one is an :class:`AlteredDossier`."""
    with SealedDossier(path) as dossier:
        sealed = _sealed_verdicts(dossier)
        judged = judge_profiles(_evidence(dossier), _profiles(dossier), lang=sealed["language"])
        # Through JSON, as the sealed verdicts went: tuples become lists and enumerations words.
        now = json.loads(canonical_json(verdicts_document(judged)))
        return Rejudgement(
            root=dossier.root,
            sealed_with=dossier.manifest["harness"]["version"],
            installed=__version__,
            requirements=len(sealed["verdicts"]),
            differences=tuple(differences(sealed, now)),
        )


def _evidence(dossier: SealedDossier) -> Evidence:
    records: list[Record] = []
    for segment in dossier.under(layout.JOURNAL):
        try:
            records += read_segment(dossier.read(segment), segment.removeprefix(layout.JOURNAL))
        except HarnessError as exc:
            raise AlteredDossier(segment, "journal") from exc
    return Evidence(records, SealedContents(dossier))


def _profiles(dossier: SealedDossier) -> list[tuple[Profile, bytes]]:
    found: list[tuple[Profile, bytes]] = []
    # The order of the manifest is that of the judgement.
    for row in dossier.manifest["profiles"]:
        path = f"{layout.PROFILES}{row['name']}.yaml"
        if path not in dossier.entries:
            raise AlteredDossier(path, "missing")
        content = dossier.read(path)
        try:
            found.append((parse_profile(content, path), content))
        except UsageError as exc:
            raise UsageError("rejudge.profile", path=path) from exc
    return found


def _sealed_verdicts(dossier: SealedDossier) -> dict[str, Any]:
    try:
        parsed = json.loads(dossier.read(layout.VERDICTS))
    except (ValueError, RecursionError) as exc:
        raise AlteredDossier(layout.VERDICTS, "verdicts") from exc
    if not validator("verdicts").is_valid(parsed):
        raise AlteredDossier(layout.VERDICTS, "verdicts")
    verdicts: dict[str, Any] = parsed
    return verdicts
