"""From evidence and a profile to verdicts. Pure: the same evidence gives the same verdicts, anywhere, later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.core.check import Check, Context, Registry, Subject
from conformance.core.finding import Finding
from conformance.core.requirement import Aspect, Profile, Requirement
from conformance.core.verdict import AspectVerdict, RequirementVerdict, roll_up, whole
from conformance.core.words import Basis, Fault, Keyword, Level, Provenance, Verdict, Verification
from conformance.evidence.evidence import Evidence
from conformance.evidence.observation import Observation
from conformance.evidence.store import Altered

Reason = tuple[str, tuple[tuple[str, str], ...]]
Answer = tuple[Verdict, Fault, Reason | None]


def _reason(code: str, **values: object) -> Reason:
    return (code, tuple(sorted((name, str(value)) for name, value in values.items())))


def context_of(evidence: Evidence, profile: Profile) -> Context:
    """What the checks of a run may know: parameters of the profile, overridden by those of the product sheet."""
    product: Mapping[str, Any] = evidence.start.get("product", {})
    parameters = _with_hypotheses(profile, product.get("parameters", {}))
    return Context(parameters=parameters, product=product, population=evidence.population)


def _with_hypotheses(profile: Profile, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The profile's parameters, with the product sheet's values for those that the profile calls hypotheses."""
    made = {name: dict(value) if isinstance(value, Mapping) else value for name, value in profile.parameters.items()}
    for dotted in profile.hypotheses:
        table, _, name = dotted.partition(".")
        if isinstance(asked.get(table), Mapping) and name in asked[table]:
            made[table][name] = asked[table][name]
    return made


def _saying(finding: Finding) -> tuple[object, ...]:
    return (finding.check, finding.code, finding.expected, finding.got, finding.where)


@dataclass
class _Hearing:
    """What one check said over the observations of an aspect."""

    findings: list[Finding] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    heard: int = 0
    unsound: str | None = None
    broken: str | None = None

    def recall(self, earlier: _Hearing) -> None:
        """Add the errors of earlier attempts that this one does not say already; nothing else of them counts."""
        said = {_saying(f) for f in self.findings}
        for finding in earlier.findings:
            if finding.level is Level.ERROR and _saying(finding) not in said:
                said.add(_saying(finding))
                self.findings.append(finding)
                self.evidence += finding.evidence


class Judge:
    """Judges a run's evidence under one profile; ``lane`` narrows it to one product instance."""

    def __init__(self, evidence: Evidence, profile: Profile, lane: str | None = None) -> None:
        self.evidence = evidence
        self.profile = profile
        self.lane = lane
        self.context = context_of(evidence, profile)
        self._subjects: dict[tuple[type[Subject], str, str, int], list[Subject]] = {}
        self._heard: dict[tuple[str, str, str, int], list[tuple[Subject, list[Finding]]]] = {}

    def over(self, evidence: Evidence) -> Judge:
        """The same judge over other evidence: what it heard in the observations that both hold is not heard again."""
        other = Judge(evidence, self.profile, self.lane)
        if other.context == self.context:
            held = {id(seen) for seen in self.evidence.observations} & {id(seen) for seen in evidence.observations}
            every = (*self.evidence.observations, *evidence.observations)
            changed = {(o.scenario, o.lane, o.attempt) for o in every if id(o) not in held}
            other._heard = {key: heard for key, heard in self._heard.items() if key[1:] not in changed}
        return other

    def verdicts(self) -> list[RequirementVerdict]:
        """One verdict for every requirement of the profile, in its order."""
        return [self.requirement(r) for r in self.profile.requirements]

    def requirement(self, requirement: Requirement) -> RequirementVerdict:
        """The verdict of one requirement: applicability first, then its aspects."""
        if not self.evidence.start:
            return whole(requirement, Verdict.HARNESS_ERROR, Fault.HARNESS, "reason.no-run")
        if requirement.condition:
            answer = self.context.product.get("conditions", {}).get(requirement.condition)
            label = self.profile.conditions[requirement.condition].label
            if answer is None:
                return whole(
                    requirement,
                    Verdict.SETUP,
                    Fault.CONFIGURATION,
                    "reason.unanswered",
                    condition=requirement.condition,
                )
            if not answer:
                return whole(requirement, Verdict.NOT_APPLICABLE, Fault.NONE, "reason.condition", condition=label)
        if requirement.level is Keyword.PEUT and self.context.product.get("offers", {}).get(requirement.id) is False:
            return whole(requirement, Verdict.NOT_IMPLEMENTED, Fault.NONE, "reason.not-offered")
        return roll_up(requirement, [self.aspect(a) for a in requirement.aspects])

    def aspect(self, aspect: Aspect) -> AspectVerdict:
        """The verdict of one aspect."""
        if aspect.verification is Verification.PLANNED:
            return AspectVerdict(aspect, Verdict.NOT_RUN, reason=_reason("reason.planned"))
        if aspect.verification is Verification.UNTESTABLE:
            return AspectVerdict(aspect, Verdict.NOT_RUN, reason=_reason("reason.untestable"))
        if aspect.verification is Verification.ATTESTED:
            return AspectVerdict(aspect, Verdict.NOT_RUN, reason=_reason("reason.proof-due"))
        latest = {name: self.evidence.latest(name, self.lane) for name in aspect.scenarios}
        tries = {name: self.evidence.attempts(name, self.lane) for name in aspect.scenarios}
        seen = [observation for found in latest.values() for observation in found]
        missing = [name for name, found in latest.items() if not found]
        # What an earlier attempt of the same run showed against the requirement is not undone by a later one.
        earlier = [o for found in tries.values() for o in found if o not in seen]
        verdict = self._observed(aspect, seen, missing, earlier)
        return AspectVerdict(**{**_members(verdict), "attempts": max(map(len, tries.values()), default=0)})

    def scenario(self, observation: Observation) -> list[tuple[Requirement, AspectVerdict]]:
        """What one observation alone says of each aspect it serves that has checks: the outcome of a scenario."""
        return [
            (requirement, self._observed(aspect, [observation], []))
            for requirement, aspect in self.profile.aspects_of(observation.scenario)
            if aspect.checks and self._applies(requirement)
        ]

    def hear(self, check: Check, observation: Observation) -> list[tuple[Subject, list[Finding]]]:
        """Every subject of a check in an observation with its findings; remembered, since checks are pure."""
        key = (check.id, observation.scenario, observation.lane, observation.attempt)
        if key not in self._heard:
            self._heard[key] = [(s, check(s, self.context)) for s in self._subjects_of(check.subject, observation)]
        return self._heard[key]

    def _applies(self, requirement: Requirement) -> bool:
        condition = requirement.condition
        return condition is None or bool(self.context.product.get("conditions", {}).get(condition))

    def _subjects_of(self, kind: type[Subject], observation: Observation) -> list[Subject]:
        key = (kind, observation.scenario, observation.lane, observation.attempt)
        if key not in self._subjects:
            self._subjects[key] = list(kind.of(observation))
        return self._subjects[key]

    def _observed(
        self, aspect: Aspect, seen: list[Observation], missing: list[str], earlier: Sequence[Observation] = ()
    ) -> AspectVerdict:
        hearings = {id: self._hearing(Registry.get(id), seen) for id in aspect.checks}
        for id, hearing in hearings.items():
            hearing.recall(self._hearing(Registry.get(id), earlier))
        findings = tuple(f for h in hearings.values() for f in h.findings)
        cited = {e for h in hearings.values() for e in h.evidence} | {e for o in seen for e in o.frame_evidence}
        evidence = tuple(sorted(cited | set(self.evidence.start_evidence))) if seen else ()
        basis = _weakest(aspect)
        answer = (
            _faulted(hearings)
            or _hindered(seen)
            or _unobserved(seen, missing)
            or (_answer(Verdict.NEEDS_REVIEW, "reason.guided") if aspect.verification is Verification.GUIDED else None)
            or _unheard(hearings)
            or self._own_word(hearings)
            or _hypothetical(basis, findings)
            or (Verdict.PASS, Fault.NONE, None)
        )
        verdict, fault, reason = answer
        return AspectVerdict(
            aspect, verdict, fault, findings, evidence, self._provenance(hearings.values()), basis, reason
        )

    def _hearing(self, check: Check, seen: Iterable[Observation]) -> _Hearing:
        hearing = _Hearing()
        for observation in seen:
            # What was seen against the requirement stands; only concluding from nothing seen needs the window.
            controlled = bool(observation.controls) and all(r.data["evidence"] for r in observation.controls)
            if check.absence and not (observation.sound and controlled):
                hearing.unsound = observation.scenario
            try:
                for subject, findings in self.hear(check, observation):
                    hearing.heard += 1
                    hearing.findings += findings
                    hearing.evidence += subject.evidence
            except Altered as exc:
                hearing.broken = f"{check.id}: {exc}"
            except Exception as exc:  # noqa: BLE001 - a check that crashes is our fault, never the product's
                hearing.broken = f"{check.id}: {type(exc).__name__}: {exc}"
            if check.absence:
                hearing.evidence += [i for r in observation.controls for i in (r.id, *r.data["evidence"])]
        return hearing

    def _own_word(self, hearings: Mapping[str, _Hearing]) -> Answer | None:
        for id, hearing in hearings.items():
            if not any(self._independent(e) for e in hearing.evidence):
                return _answer(Verdict.NEEDS_REVIEW, "reason.own-word", check=id)
        return None

    def _independent(self, record_id: str) -> bool:
        record = self.evidence.records.get(record_id)
        return record is not None and record.provenance.independent

    def _provenance(self, hearings: Iterable[_Hearing]) -> tuple[Provenance, ...]:
        ids = {e for h in hearings for e in h.evidence}
        return tuple(sorted({self.evidence.records[e].provenance for e in ids if e in self.evidence.records}))


def _answer(verdict: Verdict, code: str, fault: Fault = Fault.NONE, **values: object) -> Answer:
    return (verdict, fault, _reason(code, **values))


def _faulted(hearings: Mapping[str, _Hearing]) -> Answer | None:
    """A check that broke is our fault; an error on the wire stands whatever else is missing."""
    if broken := next((h.broken for h in hearings.values() if h.broken), None):
        return _answer(Verdict.HARNESS_ERROR, "reason.broken", Fault.HARNESS, detail=broken)
    errors = [f for h in hearings.values() for f in h.findings if f.level is Level.ERROR]
    return _answer(Verdict.FAIL, "reason.findings", errors[0].fault, count=len(errors)) if errors else None


def _hindered(seen: Iterable[Observation]) -> Answer | None:
    verdicts = {Fault.CONFIGURATION: Verdict.SETUP, Fault.HARNESS: Verdict.HARNESS_ERROR}
    for observation in seen:
        if hindrance := observation.hindrance:
            verdict = verdicts.get(hindrance.fault, Verdict.BLOCKED)
            return _answer(verdict, hindrance.code, hindrance.fault, **hindrance.values)
    return None


def _unobserved(seen: Iterable[Observation], missing: list[str]) -> Answer | None:
    if missing:
        return _answer(Verdict.NOT_RUN, "reason.scenario-not-run", scenario=", ".join(missing))
    for observation in seen:
        if observation.gaps:
            return _answer(Verdict.BLOCKED, "reason.gap", Fault.HARNESS, record=observation.gaps[0])
        if not observation.closed:
            return _answer(Verdict.BLOCKED, "reason.open", scenario=observation.scenario)
    return None


def _hypothetical(basis: Basis, findings: Iterable[Finding]) -> Answer | None:
    """A check that rests on a hypothesis, or that says of one subject that it could not conclude."""
    if basis is Basis.HYPOTHESIS or any(f.basis is Basis.HYPOTHESIS for f in findings):
        return _answer(Verdict.NEEDS_REVIEW, "reason.hypothesis")
    return None


def _unheard(hearings: Mapping[str, _Hearing]) -> Answer | None:
    for id, hearing in hearings.items():
        if hearing.unsound:
            return _answer(Verdict.BLOCKED, "reason.no-control", check=id)
        if not hearing.heard:
            return _answer(Verdict.BLOCKED, "reason.unseen", check=id)
    return None


def _weakest(aspect: Aspect) -> Basis:
    bases = [Registry.get(id).basis for id in aspect.checks] or [Basis.REFERENTIAL]
    return max(bases, key=list(Basis).index)


def _members(verdict: AspectVerdict) -> dict[str, Any]:
    return {name: getattr(verdict, name) for name in verdict.__slots__}
