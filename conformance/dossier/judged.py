"""One run, judged under its profiles: what every output of the dossier is written from."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.core.check import Registry
from conformance.core.errors import UsageError
from conformance.core.profile import parse_profile
from conformance.core.requirement import Profile
from conformance.core.texts import Language, language
from conformance.core.verdict import RequirementVerdict
from conformance.core.words import GOOD, HARNESS_ERROR, INCOMPLETE, NON_CONFORMITIES, SETUP, Verdict
from conformance.dossier.simulated import Simulated, simulated
from conformance.evidence.evidence import Evidence
from conformance.hardening import Hardening, harden
from conformance.judge import Judge

SCHEMA = 1

# Verdicts that leave something to do before a conclusion.
UNSETTLED = (Verdict.NOT_RUN, Verdict.BLOCKED, Verdict.NEEDS_REVIEW)
# Verdicts that somebody has to mend: the editor, the makers of the harness, whoever sets up.
BROKEN = (Verdict.FAIL, Verdict.HARNESS_ERROR, Verdict.SETUP)


@dataclass(frozen=True, slots=True)
class JudgedProfile:
    """A profile, its bytes as they will be sealed, and one verdict for each of its requirements."""

    profile: Profile
    content: bytes
    verdicts: tuple[RequirementVerdict, ...]

    @property
    def file_name(self) -> str:
        """The name of the profile inside the dossier."""
        return f"{self.profile.name}.yaml"


@dataclass(frozen=True)
class Judged:
    """Evidence and the verdicts drawn from it, in the language that its sentences will be written in."""

    evidence: Evidence
    profiles: tuple[JudgedProfile, ...]
    lang: Language
    lane: str | None = None

    def __iter__(self) -> Iterator[tuple[JudgedProfile, RequirementVerdict]]:
        return ((judged, verdict) for judged in self.profiles for verdict in judged.verdicts)

    @cached_property
    def counts(self) -> Mapping[Verdict, int]:
        """How many requirements hold each verdict, every verdict named, in the order of the vocabulary."""
        found = Counter(verdict.verdict for _, verdict in self)
        return {verdict: found[verdict] for verdict in Verdict}

    @cached_property
    def broken(self) -> Mapping[Verdict, tuple[str, ...]]:
        """The requirements that somebody has to mend, by what is wrong with them: the product, the harness, the set-up."""
        return {wrong: tuple(v.requirement.id for _, v in self if v.verdict is wrong) for wrong in BROKEN}

    @cached_property
    def proofs_due(self) -> int:
        """How many proofs the authorities still expect."""
        return sum(len(verdict.proofs_due) for _, verdict in self)

    @cached_property
    def hardening(self) -> Hardening | None:
        """What the look at the front door says; it counts in nothing above."""
        return harden(self.evidence, self.lane)

    @property
    def product(self) -> Mapping[str, Any]:
        """The product sheet of the run; empty where the evidence holds no run."""
        sheet = self.evidence.start.get("product", {})
        return sheet if isinstance(sheet, Mapping) else {}

    @cached_property
    def services(self) -> list[Simulated]:
        """The services that the run played, with what each leaves out and assumes."""
        return simulated(self.evidence, self.product)

    @property
    def started(self) -> str:
        """When the run started, as the journal spells it; empty where the evidence holds no run."""
        return next((self.evidence.records[id].utc for id in self.evidence.start_evidence), "")

    @property
    def exit_code(self) -> int:
        """Non-conformity first, then a fault of the harness, then of the set-up, then what is left to do."""
        counts = self.counts
        if counts[Verdict.FAIL]:
            return NON_CONFORMITIES
        if counts[Verdict.HARNESS_ERROR]:
            return HARNESS_ERROR
        if counts[Verdict.SETUP]:
            return SETUP
        if any(counts[verdict] for verdict in UNSETTLED) or self.proofs_due:
            return INCOMPLETE
        return GOOD


def judge(
    evidence: Evidence, profiles: Sequence[Path], *, lang: Language | None = None, lane: str | None = None
) -> Judged:
    """Judge the evidence under each profile file; two profiles of one name are a :class:`UsageError`."""
    contents = [(str(path), path.read_bytes()) for path in profiles]
    read = [(parse_profile(content, origin), content) for origin, content in contents]
    return judge_profiles(evidence, read, lang=lang, lane=lane)


def judge_profiles(
    evidence: Evidence,
    profiles: Iterable[tuple[Profile, bytes]],
    *,
    lang: Language | None = None,
    lane: str | None = None,
) -> Judged:
    """As :func:`judge`, for profiles already read together with their bytes."""
    install_checks()
    judged: list[JudgedProfile] = []
    for profile, content in profiles:
        if profile.name in {other.profile.name for other in judged}:
            raise UsageError("dossier.profile-twice", profile=profile.name)
        _refuse_unknown_checks(profile)
        judged.append(JudgedProfile(profile, content, tuple(Judge(evidence, profile, lane).verdicts())))
    return Judged(evidence, tuple(judged), lang or language(), lane)


def verdicts_document(judged: Judged) -> dict[str, Any]:
    """The content of ``verdicts.json`` (``schemas/verdicts.json``)."""
    start = judged.evidence.start
    return {
        "schema": SCHEMA,
        "language": judged.lang,
        "dui": dict(judged.product),
        "run": {
            "record": next(iter(judged.evidence.start_evidence), None),
            "started": judged.started or None,
            "versions": dict(start.get("versions", {})),
            "seed": start.get("seed"),
        },
        "profiles": [
            {
                "name": p.profile.name,
                "referential": p.profile.referential,
                "version": p.profile.version,
                "title": p.profile.title.in_(judged.lang),
                "digest": p.profile.digest,
            }
            for p in judged.profiles
        ],
        "services": [service.as_json(judged.lang) for service in judged.services],
        "verdicts": [{"profile": p.profile.name, **verdict.as_json(judged.lang)} for p, verdict in judged],
        **({"hardening": judged.hardening.as_json(judged.lang)} if judged.hardening else {}),
    }


def install_checks() -> None:
    """Fill the register: importing the package of the checks does it."""
    importlib.import_module("conformance.checks")


def _refuse_unknown_checks(profile: Profile) -> None:
    named = {check for r in profile.requirements for aspect in r.aspects for check in aspect.checks}
    if unknown := sorted(named - set(Registry.checks)):
        raise UsageError("profile.unknown-check", profile=profile.name, check=", ".join(unknown))
