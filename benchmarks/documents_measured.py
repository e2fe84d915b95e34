"""What the measure of documents counts."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Measured:
    """Everything counted; names of documents where a goal is not met."""

    examples: int = 0
    clean: int = 0
    alarms: list[str] = field(default_factory=list)
    mutants: Counter[tuple[str, str]] = field(default_factory=Counter)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_family: Counter[str] = field(default_factory=Counter)
    caught_by_family: Counter[str] = field(default_factory=Counter)
    strict: int = 0
    strict_missed: list[str] = field(default_factory=list)
    late: int = 0
    late_missed: Counter[str] = field(default_factory=Counter)
    benign_refused: list[str] = field(default_factory=list)
    blind: int = 0
    blind_errors: int = 0
    blind_missed: Counter[str] = field(default_factory=Counter)
    ours: list[float] = field(default_factory=list)
    published: list[float] = field(default_factory=list)
    pdf: list[bool] = field(default_factory=list)
    first: float = 0.0


def ratio(measured: Measured) -> tuple[float, float]:
    """How many times slower than parse and published schema: in total, and at the median document."""
    each = [own / theirs for own, theirs in zip(measured.ours, measured.published, strict=True)]
    return sum(measured.ours) / sum(measured.published), statistics.median(each)
