"""Both verdicts side by side, and why they differ: by rules that one side lacks, or by a known hole of the chain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.core.finding import Finding
from conformance.core.texts import say
from conformance.core.words import Level
from conformance.official.outcome import OfficialVerdict, Status


class Agreement(StrEnum):
    """How the two verdicts stand; ``unknown`` when the chain did not run to its end."""

    BOTH_ACCEPT = "both-accept"
    BOTH_REJECT = "both-reject"
    OURS_ONLY = "ours-only"
    OFFICIAL_ONLY = "official-only"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Explained:
    """One error that only one side tells; ``why`` is a catalogue key under ``official.why``."""

    side: str
    why: str
    finding: Finding

    def as_json(self) -> dict[str, Any]:
        """The stable shape (``schemas/check.json``)."""
        return {"side": self.side, "why": self.why, "sentence": say(self.why), "finding": self.finding.as_json()}


def agreement(ours: Sequence[Finding], official: OfficialVerdict) -> Agreement:
    """Compare the two verdicts on one document."""
    rejected = any(finding.level is Level.ERROR for finding in ours)
    if official.status is Status.REJECTED:
        return Agreement.BOTH_REJECT if rejected else Agreement.OFFICIAL_ONLY
    if official.status is Status.UNCHECKED:
        return Agreement.UNKNOWN
    return Agreement.OURS_ONLY if rejected else Agreement.BOTH_ACCEPT


def explain(ours: Sequence[Finding], official: OfficialVerdict) -> list[Explained]:
    """Every error that one side tells of a place where the other tells none, with what is known of the reason."""
    mine, theirs = _errors(ours), _errors(official.findings)
    bypassed = any(finding.check == "cda.type-id" for finding in mine)
    told = [Explained("ours", _why_only_ours(f, official, bypassed), f) for f in mine if not _met(f, theirs)]
    return told + [Explained("official", "official.why.not-ours", f) for f in theirs if not _met(f, mine)]


def compared(ours: Sequence[Finding], official: OfficialVerdict, *, explained: bool) -> dict[str, Any]:
    """Both verdicts for a program; the reasons too when they are asked."""
    whole = official.as_json() | {"agreement": str(agreement(ours, official))}
    if explained:
        whole["disagreement"] = [each.as_json() for each in explain(ours, official)]
    return whole


def _why_only_ours(finding: Finding, official: OfficialVerdict, bypassed: bool) -> str:
    if finding.beyond:
        return "official.why.beyond"
    if finding.check.startswith(("xdm.", "xds.", "mail.", "pdf.")):
        return "official.why.not-a-cda-rule"
    if bypassed:
        return "official.why.bypassed"
    if any(outcome.reason for outcome in official.outcomes):
        return "official.why.not-run"
    return "official.why.not-theirs"


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.ERROR]


def _met(finding: Finding, others: Iterable[Finding]) -> bool:
    """Whether another finding speaks of the same element, one of its own or its parent; else of the same line."""
    return any(_same_place(finding, other) for other in others)


def _same_place(one: Finding, other: Finding) -> bool:
    here, there = _steps(one), _steps(other)
    if not (here and there):
        # A document may lie on one line: lines are compared only where a path is not known.
        return one.where.line is not None and one.where.line == other.where.line
    shorter = min(len(here), len(there))
    # The root and its child are too wide a place to call it the same.
    return shorter > 1 and abs(len(here) - len(there)) <= 1 and here[:shorter] == there[:shorter]


def _steps(finding: Finding) -> list[str]:
    steps = (finding.where.xpath or "").strip("/").split("/")
    return [step.partition(":")[2] or step for step in steps if step and not step.startswith("@")]
