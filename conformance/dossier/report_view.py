"""What the report shows, computed once: the template only lays it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from conformance.core.check import Check, Registry
from conformance.core.finding import Finding
from conformance.core.profile import CHAPTERS
from conformance.core.requirement import Condition
from conformance.core.texts import Language, known, say
from conformance.core.verdict import AspectVerdict, RequirementVerdict
from conformance.core.words import Level, Verdict
from conformance.dossier.card import where_text
from conformance.dossier.excerpt import Excerpt, anchors, cited, excerpts, journal_order, size_text
from conformance.dossier.judged import Judged, JudgedProfile
from conformance.dossier.junit import by_chapter
from conformance.dossier.simulated import Simulated
from conformance.dossier.tally import SHOWN, Chapter, Section, Tally
from conformance.hardening import Rule, State

TO_MEND = (Verdict.FAIL, Verdict.HARNESS_ERROR, Verdict.SETUP, Verdict.DEVIATION)
UNDEFINED = "Non définie"  # what Convergence writes where no criticality is given in its export
LINKS = 14  # evidence links shown for an aspect; the requirement cites the others in verdicts.json


class Page:
    """Everything the template asks for."""

    def __init__(self, judged: Judged, lang: Language) -> None:
        self.judged = judged
        self.lang = lang
        self.tally = Tally(judged.counts)
        self._anchors = anchors(cited(judged))

    @cached_property
    def sections(self) -> list[Section]:
        """One per profile, its chapters in the order of a Convergence dossier."""
        return [
            Section(p, f"p{number}", self._chapters(p, f"p{number}"))
            for number, p in enumerate(self.judged.profiles, 1)
        ]

    @cached_property
    def to_mend(self) -> list[tuple[Section, RequirementVerdict]]:
        """What somebody must act on, the gravest first."""
        found = [(s, v) for s in self.sections for v in s.judged.verdicts if v.verdict in TO_MEND]
        return sorted(found, key=lambda pair: SHOWN.index(pair[1].verdict))

    @cached_property
    def proofs(self) -> list[tuple[Section, RequirementVerdict]]:
        """The requirements that leave proofs due."""
        return [(s, v) for s in self.sections for v in s.judged.verdicts if v.proofs_due]

    @cached_property
    def appendix(self) -> list[Excerpt]:
        """The excerpts of the records that verdicts cite."""
        return excerpts(self.judged)

    @cached_property
    def checks(self) -> list[Check]:
        """The checks that the profiles call on, by id."""
        named = {id for _, v in self.judged for a in v.requirement.aspects for id in a.checks}
        named |= {rule.check.id for rule in self.judged.hardening.rules} if self.judged.hardening else set()
        return [Registry.get(id) for id in sorted(named)]

    @cached_property
    def hardening(self) -> list[Rule]:
        """The rules of the look at the front door, what is weak first; none where nobody looked."""
        rules = self.judged.hardening.rules if self.judged.hardening else ()
        return sorted(rules, key=lambda rule: list(State).index(rule.state))

    @property
    def lead(self) -> str:
        """The result in one sentence."""
        counts = self.tally.counts
        if not self.tally.total:
            return say("report.lead.empty", self.lang)
        if counts[Verdict.FAIL]:
            return self._counted("report.lead.fail", counts[Verdict.FAIL])
        if broken := counts[Verdict.HARNESS_ERROR]:
            return self._counted("report.lead.harness_error", broken)
        if setup := counts[Verdict.SETUP]:
            return self._counted("report.lead.setup", setup)
        if left := self.tally.applicable - self.tally.settled:
            return self._counted("report.lead.left", left)
        return say("report.lead.good", self.lang)

    @property
    def progress(self) -> str:
        """What the result rests on: how many requirements are concluded, how many proofs are due."""
        told = say("report.bar", self.lang, settled=self.tally.settled, total=self.tally.applicable)
        due = self.judged.proofs_due
        return f"{told}. {self._counted('report.lead.proofs', due)}" if due else f"{told}."

    def when(self, utc: str) -> str:
        """A date of the journal in words, UTC; itself when it does not read."""
        try:
            at = datetime.fromisoformat(utc)
        except ValueError:
            return utc
        month = say("report.months", self.lang).split(",")[at.month - 1]
        return say("report.date", self.lang, day=at.day, month=month, year=at.year, time=f"{at:%H:%M}")

    def requirement_anchor(self, section: Section, verdict: RequirementVerdict) -> str:
        """The fragment name of a requirement: unique over profiles."""
        return f"{section.anchor}-{verdict.requirement.id}".replace("/", "_").replace(" ", "_")

    def aspects(self, verdict: RequirementVerdict) -> list[AspectVerdict]:
        """The aspects of a requirement, what must be acted on first."""
        return sorted(verdict.aspects, key=lambda aspect: SHOWN.index(aspect.verdict))

    def points(self, verdict: RequirementVerdict) -> str:
        """How many aspects are satisfied, where that says more than the verdict."""
        passed = sum(aspect.verdict is Verdict.PASS for aspect in verdict.aspects)
        if len(verdict.aspects) == 1 or not passed:
            return ""
        return say("report.points", self.lang, passed=passed, total=len(verdict.aspects))

    def ways(self, verdict: RequirementVerdict) -> str:
        """How the aspects are verified, with their numbers when there are several ways."""
        ways = Counter(a.aspect.verification for a in verdict.aspects)
        words = [(say(f"report.verification.{way}", self.lang), count) for way, count in ways.most_common()]
        return ", ".join(word if len(words) == 1 else f"{word} ({count})" for word, count in words)

    def critical(self, verdict: RequirementVerdict) -> bool:
        """Whether the profile gives the requirement a criticality at all."""
        return verdict.requirement.criticality != UNDEFINED

    def condition(self, section: Section, verdict: RequirementVerdict) -> Condition | None:
        """The condition under which the requirement applies."""
        return section.judged.profile.conditions.get(verdict.requirement.condition or "")

    def check_title(self, id: str) -> str:
        """What the check holds, in the language of the report; its id where the catalogue does not say."""
        return say(f"check.{id}", self.lang) if known(f"check.{id}") else id

    def links(self, ids: Sequence[str]) -> list[tuple[str, str]]:
        """Record ids with their fragment in the appendix, as many as are shown."""
        return [(id, self._anchors[id]) for id in sorted(ids, key=journal_order)[:LINKS] if id in self._anchors]

    def unlinked(self, ids: Sequence[str]) -> int:
        """How many more there are."""
        return max(0, len(ids) - LINKS)

    def why(self, aspect: AspectVerdict) -> str | None:
        """The reason of an aspect; for what cannot be observed, the reason that the profile gives."""
        if aspect.aspect.reason is not None and not aspect.findings:
            return aspect.aspect.reason.in_(self.lang)
        return aspect.why(self.lang)

    def where(self, finding: Finding) -> str:
        """The place of a finding, in words."""
        return where_text(finding.where, self.lang)

    def assumed(self, service: Simulated) -> str:
        """How many hypotheses a service was played under."""
        return self._counted("report.services.count", len(service.in_force))

    def size(self, size: int) -> str:
        """A size as people read it."""
        return size_text(size, self.lang)

    def first_word(self, verdict: RequirementVerdict) -> str:
        """What to know first of a requirement that is not passed: its first error, else its first reason."""
        for finding in verdict.findings:
            if finding.level is Level.ERROR:
                return finding.message(self.lang)
        return next((why for a in verdict.aspects if (why := self.why(a))), "")

    def _chapters(self, judged: JudgedProfile, anchor: str) -> list[Chapter]:
        found = by_chapter(judged)
        order = sorted(found, key=lambda code: (CHAPTERS.index(code) if code in CHAPTERS else len(CHAPTERS), code))
        return [Chapter(code, self._chapter_label(code), f"{anchor}-{code}", found[code]) for code in order]

    def _chapter_label(self, code: str) -> str:
        key = f"report.chapter.{code}"
        return say(key, self.lang) if known(key) else code

    def _counted(self, key: str, count: int) -> str:
        return say(f"{key}.one" if count == 1 else f"{key}.many", self.lang, count=count)
