"""Verdicts of aspects and requirements, and how the first make the second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.core.finding import Finding
from conformance.core.requirement import Aspect, Requirement
from conformance.core.texts import Language, say
from conformance.core.words import Basis, Fault, Keyword, Provenance, Verdict, Verification

# The first of these that an aspect holds is the verdict of the requirement; ``pass`` needs all of them passed.
PRECEDENCE = (
    Verdict.FAIL,
    Verdict.HARNESS_ERROR,
    Verdict.SETUP,
    Verdict.DEVIATION,
    Verdict.BLOCKED,
    Verdict.NEEDS_REVIEW,
    Verdict.NOT_RUN,
    Verdict.NOT_IMPLEMENTED,
    Verdict.ATTESTED,
    Verdict.PASS,
)


@dataclass(frozen=True, slots=True)
class AspectVerdict:
    """The answer for one aspect: what was found, on which evidence, and why it is not a pass when it is not.

    ``reason`` is a catalogue code with its values; ``None`` for a pass.
    """

    aspect: Aspect
    verdict: Verdict
    fault: Fault = Fault.NONE
    findings: tuple[Finding, ...] = ()
    evidence: tuple[str, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    basis: Basis = Basis.REFERENTIAL
    reason: tuple[str, tuple[tuple[str, str], ...]] | None = None
    attempts: int = 0

    def why(self, lang: Language | None = None) -> str | None:
        """The reason as a sentence."""
        if self.reason is None:
            return None
        code, values = self.reason
        return say(code, lang, **dict(values))


@dataclass(frozen=True, slots=True)
class RequirementVerdict:
    """The answer for one requirement."""

    requirement: Requirement
    verdict: Verdict
    fault: Fault
    basis: Basis
    aspects: tuple[AspectVerdict, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of its aspects."""
        return tuple(f for a in self.aspects for f in a.findings)

    @property
    def proofs_due(self) -> tuple[str, ...]:
        """Ids of the proofs that the authorities still expect."""
        if self.verdict is Verdict.NOT_APPLICABLE:
            return ()
        return tuple(p.id for p in self.requirement.proofs)

    def as_json(self, lang: Language | None = None) -> dict[str, Any]:
        """The stable shape (``schemas/verdicts.json``)."""
        r = self.requirement
        return {
            "referential": r.referential,
            "version": r.version,
            "id": r.id,
            "aliases": list(r.aliases),
            "level": str(r.level),
            "condition": r.condition,
            "assumed": r.assumed,
            "class": str(r.wire_class),
            "chapter": r.chapter,
            "statement": r.statement.in_(lang) if lang else str(r.statement),
            "source": r.source,
            "verification": str(r.verification),
            "verdict": str(self.verdict),
            "fault": str(self.fault),
            "basis": str(self.basis),
            "provenance": sorted({str(p) for a in self.aspects for p in a.provenance}),
            "aspects": [
                {
                    "id": a.aspect.id,
                    "statement": a.aspect.statement.in_(lang) if lang else str(a.aspect.statement),
                    "verification": str(a.aspect.verification),
                    "verdict": str(a.verdict),
                    "fault": str(a.fault),
                    "reason": a.why(lang),
                    "reason_code": a.reason[0] if a.reason else None,
                    "checks": list(a.aspect.checks),
                    "scenarios": list(a.aspect.scenarios),
                    "evidence": list(a.evidence),
                    "attempts": a.attempts,
                }
                for a in self.aspects
            ],
            "findings": [f.as_json(lang) for f in self.findings],
            "evidence": sorted({e for a in self.aspects for e in a.evidence}),
            "proofs_due": list(self.proofs_due),
        }


def roll_up(requirement: Requirement, aspects: Sequence[AspectVerdict]) -> RequirementVerdict:
    """One verdict for the requirement; a finding against a PEUT is a deviation, never a failure."""
    decisive = min(aspects, key=lambda a: PRECEDENCE.index(a.verdict))
    verdict = decisive.verdict
    if verdict is Verdict.FAIL and requirement.level is Keyword.PEUT:
        verdict = Verdict.DEVIATION
    bases = [a.basis for a in aspects if a.aspect.verification is Verification.AUTOMATIC] or [requirement.basis]
    weakest = max((*bases, requirement.basis), key=list(Basis).index)
    return RequirementVerdict(requirement, verdict, decisive.fault, weakest, tuple(aspects))


def whole(requirement: Requirement, verdict: Verdict, fault: Fault, code: str, **values: str) -> RequirementVerdict:
    """The same answer for every aspect: not applicable, not implemented, or a product sheet left unanswered."""
    reason = (code, tuple(sorted(values.items())))
    aspects = tuple(AspectVerdict(a, verdict, fault, reason=reason) for a in requirement.aspects)
    return RequirementVerdict(requirement, verdict, fault, requirement.basis, aspects)
