"""Checks that recount what a dashboard says from what the services saw."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.dashboard import CHANNELS, DashboardChange, DashboardReading
from conformance.core.check import check
from conformance.core.finding import Finding, error

PERIODS = ("current_month", "current_year", "previous_year")
SOURCE = "REM-MS1-DUI Va1, SC.TBB.01.MS1"


@check("tbb.documents", source=SOURCE, alone=False)
def documents_are_counted_as_they_left(change: DashboardChange) -> Iterator[Finding]:
    """The dashboard counts the documents that left by each channel, by status of the INS.

    Pass: between two readings of the current month, each count grew by what the services took in: fed to the DMP, sent to
    professionals, sent to citizens; in all, with a qualified INS, with another.
    Fail: a count grew by something else, or is not given.
    """
    for channel in CHANNELS:
        mine = [one for one in change.left if one.channel == channel]
        qualified = sum(one.qualified for one in mine)
        wanted = {"total": len(mine), "qualified": qualified, "unqualified": len(mine) - qualified}
        for name, expected in wanted.items():
            got = change.counted(channel, name)
            if got != expected:
                shown = "-" if got is None else str(got)
                yield error("tbb.documents.differs", expected=str(expected), got=shown, channel=channel, count=name)


@check("tbb.records", source=SOURCE, alone=False)
def records_are_counted_once(change: DashboardChange) -> Iterator[Finding]:
    """The dashboard counts the records concerned by each channel, and those concerned by the three.

    Pass: between two readings, each count grew by the number of people of whom a document left so, and the last by those of
    whom one left by every channel.
    Fail: a count grew by something else, or is not given.
    """
    people = {channel: {one.person for one in change.left if one.channel == channel} for channel in CHANNELS}
    wanted = {channel: len(those) for channel, those in people.items()}
    wanted["all"] = len(set.intersection(*people.values()))
    for name, expected in wanted.items():
        got = change.counted("records", name)
        if got != expected:
            shown = "-" if got is None else str(got)
            yield error("tbb.records.differs", expected=str(expected), got=shown, count=name)


@check("tbb.periods", source=SOURCE, alone=False)
def the_three_periods_are_given(reading: DashboardReading) -> Iterator[Finding]:
    """The dashboard gives the current month, the current year and the previous year.

    Pass: each reading counts the documents of each channel in the three periods, and no month counts more than its year.
    Fail: a count is not given, or that of the month is more than that of the year.
    """
    for channel in CHANNELS:
        month, year, _ = counts = tuple(reading.count(period, channel) for period in PERIODS)
        for period, count in zip(PERIODS, counts, strict=True):
            if count is None:
                yield error("tbb.periods.none", expected=period, got="-", channel=channel)
        if month is not None and year is not None and month > year:
            yield error("tbb.periods.month", expected=f"<= {year}", got=str(month), channel=channel)
