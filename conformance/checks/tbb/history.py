"""The check on the indicator of the history."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.dashboard_history import HistoryChange
from conformance.core.check import check
from conformance.core.finding import Finding, error


@check("tbb.history-rate", source="REM vague 2, DMP/HISTO.07 et .09", alone=False)
def the_rate_is_that_of_the_stays(change: HistoryChange) -> Iterator[Finding]:
    """The indicator of the history counts the closed stays of persons who had another, and those with a former document fed.

    Pass: between two readings of the month, the first count grew by the stays that the scenario closed after a former one, the
    second by those of them of which the DMP took a document about an act of the former stay.
    Fail: a count grew by something else, or is not given.
    """
    for name, wanted in change.wanted.items():
        got = change.grown[name]
        if got != wanted:
            shown = "-" if got is None else str(got)
            yield error("tbb.history-rate.differs", expected=str(wanted), got=shown, count=name)
