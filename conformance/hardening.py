"""What the look at the front door says, rule by rule. It stands beside the verdicts and counts in none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from conformance.core.check import Check, Context, Registry
from conformance.core.finding import Finding
from conformance.core.texts import Language
from conformance.core.words import Level
from conformance.evidence.evidence import Evidence
from conformance.evidence.observation import Observation

# What the ids of the rules begin with, and the scenario that looks; no profile names either.
PREFIX = "hardening."
SCENARIO = "front.door"


class State(StrEnum):
    """What a rule came to. Other words than those of verdicts, on purpose."""

    WEAK = "weak"
    BETTER = "better"
    SOUND = "sound"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its check, what it found, and the records that it looked at."""

    check: Check
    state: State
    findings: tuple[Finding, ...]
    evidence: tuple[str, ...]

    def as_json(self, lang: Language | None = None) -> dict[str, Any]:
        """The stable shape (``schemas/hardening.json``)."""
        return {
            "check": self.check.id,
            "title": self.check.title(lang),
            "source": self.check.source,
            "state": str(self.state),
            "findings": [finding.as_json(lang) for finding in self.findings],
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Hardening:
    """Every rule; ``complete`` is false when the budget of the look was spent before its end."""

    rules: tuple[Rule, ...]
    complete: bool

    @property
    def counts(self) -> Mapping[State, int]:
        """How many rules are in each state, every state named."""
        return {state: sum(rule.state is state for rule in self.rules) for state in State}

    @property
    def evidence(self) -> tuple[str, ...]:
        """The records that the rules cite, once each."""
        return tuple(dict.fromkeys(id for rule in self.rules for id in rule.evidence))

    def as_json(self, lang: Language | None = None) -> dict[str, Any]:
        """The stable shape (``schemas/hardening.json``)."""
        return {
            "counted": False,
            "complete": self.complete,
            "counts": {str(state): count for state, count in self.counts.items()},
            "rules": [rule.as_json(lang) for rule in self.rules],
        }


def harden(evidence: Evidence, lane: str | None = None) -> Hardening | None:
    """Every rule on the latest look at each front door; ``None`` where nobody looked, or nothing answered."""
    seen = [o for o in evidence.latest(SCENARIO, lane) if o.of_kind("probe.budget")]
    if not any(o.of_kind("probe.tls", "probe.headers") for o in seen):
        return None
    checks = [Registry.get(id) for id in sorted(Registry.checks) if id.startswith(PREFIX)]
    complete = all(record.data["complete"] for o in seen for record in o.of_kind("probe.budget"))
    return Hardening(tuple(_rule(check, seen) for check in checks), complete)


def _rule(check: Check, seen: list[Observation]) -> Rule:
    subjects = [subject for observation in seen for subject in check.subject.of(observation)]
    # No referential asks for it: each finding rests on what its rule rests on.
    findings = [replace(finding, basis=check.basis) for subject in subjects for finding in check(subject, Context())]
    cited = tuple(dict.fromkeys(id for subject in subjects for id in subject.evidence))
    return Rule(check, _state(bool(subjects), findings), tuple(findings), cited)


def _state(seen: bool, findings: list[Finding]) -> State:
    levels = {finding.level for finding in findings}
    if Level.ERROR in levels:
        return State.WEAK
    if Level.WARNING in levels:
        return State.BETTER
    # A remark says that something could not be looked at: what was not seen is not sound.
    return State.SOUND if seen and not findings else State.UNSEEN
