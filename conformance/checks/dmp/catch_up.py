"""Checks on the global catch-up of the history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from conformance.checks.subjects.dmp_catch_up import CaughtUp, LeftOut, Pace
from conformance.core.check import check
from conformance.core.finding import Finding, error

SOURCE = "REM vague 2, DMP/HISTO.06"
# Seconds by which the last document may come sooner, or the first one later, than it left: they are dated where they come.
JITTER = 1.0


@check("dmp.catch-up-filters", source=SOURCE, absence=True, alone=False)
def the_default_filters_leave_people_out(person: LeftOut) -> Iterator[Finding]:
    """A catch-up feeds nothing of the deceased, of those whose INS is not qualified, of objectors, nor what is there already.

    Pass: in a closed window in which the catch-up fed others, no submission about such a person since it was asked for.
    Fail: one came, whatever the DMP answered.
    """
    if person.came:
        count = len(person.came)
        yield error("dmp.catch-up-filters.fed", expected="-", got=person.came[0].id, count=count, why=person.why)


@check("dmp.catch-up-settings", source=SOURCE, alone=False)
def the_settings_command_what_is_fed(person: CaughtUp) -> Iterator[Finding]:
    """A catch-up feeds the documents of the types and of the period that were set, and no other.

    Pass: the documents that the DMP accepted about the person since it was asked for are, by type and minute of the act,
    those of the record that the settings choose.
    Fail: one is missing, or another came.
    """
    wanted, fed = Counter(person.wanted), Counter(person.fed)
    for code, act in sorted((wanted - fed).elements()):
        yield error("dmp.catch-up-settings.missing", expected=code, got="-", type=code, act=act)
    for code, act in sorted((fed - wanted).elements()):
        yield error("dmp.catch-up-settings.stray", expected="-", got=code, type=code, act=act)


@check("dmp.catch-up-rate", source=SOURCE, alone=False)
def the_rate_stays_under_the_cap(pace: Pace) -> Iterator[Finding]:
    """A catch-up sends no more documents a second than was set.

    Pass: from the first document to the last, and a second of jitter beside, no more came than the cap lets by; and no second
    holds more than the cap and one, for the network may bring two of them together.
    Fail: either is exceeded.
    """
    seconds, count = pace.times[-1] - pace.times[0], len(pace.times)
    if count - 1 > pace.cap * (seconds + JITTER):
        spent = f"{seconds:.2f}"
        yield error("dmp.catch-up-rate.mean", expected=str(pace.cap), got=spent, count=count, seconds=spent)
        return
    most = max(sum(start <= one < start + 1 for one in pace.times) for start in pace.times)
    if most > pace.cap + 1:
        yield error("dmp.catch-up-rate.burst", expected=str(pace.cap), got=str(most))
