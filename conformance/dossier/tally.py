"""Verdicts counted: as a legend, as a bar, by chapter of a profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from conformance.core.verdict import RequirementVerdict
from conformance.core.words import Verdict
from conformance.dossier.judged import JudgedProfile

# The order of the legend and of the bars: what must be acted on first.
SHOWN = (
    Verdict.FAIL,
    Verdict.HARNESS_ERROR,
    Verdict.SETUP,
    Verdict.DEVIATION,
    Verdict.BLOCKED,
    Verdict.NEEDS_REVIEW,
    Verdict.NOT_RUN,
    Verdict.ATTESTED,
    Verdict.PASS,
    Verdict.NOT_IMPLEMENTED,
    Verdict.NOT_APPLICABLE,
)
SETTLED = (Verdict.PASS, Verdict.FAIL, Verdict.DEVIATION, Verdict.ATTESTED, Verdict.NOT_IMPLEMENTED)
BAR = 1000  # units of the width of a bar


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of verdicts, as a legend and as a bar."""

    counts: Mapping[Verdict, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def shown(self) -> list[tuple[Verdict, int]]:
        return [(verdict, count) for verdict in SHOWN if (count := self.counts.get(verdict, 0))]

    @property
    def segments(self) -> list[tuple[Verdict, int, float, float]]:
        """Verdict, count, start and width of each part of the bar, in units of :data:`BAR`."""
        made, start = [], 0.0
        for verdict, count in self.shown:
            width = count * BAR / self.total
            made.append((verdict, count, round(start, 2), round(width, 2)))
            start += width
        return made

    @property
    def settled(self) -> int:
        return sum(self.counts.get(verdict, 0) for verdict in SETTLED)

    @property
    def applicable(self) -> int:
        return self.total - self.counts.get(Verdict.NOT_APPLICABLE, 0)

    @property
    def percent(self) -> int:
        """Share of the applicable requirements that hold a conclusion, rounded down: 100 means all of them."""
        return self.settled * 100 // self.applicable if self.applicable else 100

    @classmethod
    def of(cls, verdicts: Iterable[RequirementVerdict]) -> Tally:
        return cls(Counter(v.verdict for v in verdicts))


@dataclass(frozen=True)
class Chapter:
    """The requirements of one chapter of a profile."""

    code: str
    label: str
    anchor: str
    verdicts: Sequence[RequirementVerdict]

    @cached_property
    def tally(self) -> Tally:
        return Tally.of(self.verdicts)

    @property
    def proofs_due(self) -> int:
        return sum(len(v.proofs_due) for v in self.verdicts)

    @property
    def criticality(self) -> list[tuple[str, int]]:
        """Criticalities named by the profile, with the number of requirements of each."""
        return Counter(v.requirement.criticality for v in self.verdicts).most_common()


@dataclass(frozen=True)
class Section:
    """One profile of the report."""

    judged: JudgedProfile
    anchor: str
    chapters: Sequence[Chapter]

    @cached_property
    def tally(self) -> Tally:
        return Tally.of(self.judged.verdicts)
