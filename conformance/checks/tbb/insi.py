"""Checks that recount the calls to INSi and the admissions of a dashboard from what INSi received."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.subjects.dashboard_insi import InsiChange, InsiDetail
from conformance.core.check import check
from conformance.core.finding import Finding, error

SOURCE = "REM-MS1-DUI Va1, SC.TBB.01.RI"


@check("tbb.insi-calls", source=SOURCE, alone=False)
def calls_are_counted_as_they_ended(change: InsiChange) -> Iterator[Finding]:
    """The dashboard counts each call to INSi, as a success or as a failure.

    Pass: between two readings of the current month, successes and failures grew by the calls that INSi received, together;
    successes by those that it carried out, whether or not a call that found nobody counts among them: the text does not say.
    A call that failed and that the product made again of itself may count as one with the next.
    Fail: a count grew by something else, or is not given.
    """
    succeeded, failed = (change.counted("insi", name) for name in ("succeeded", "failed"))
    if succeeded is None or failed is None:
        yield error("tbb.insi-calls.none", expected="succeeded, failed", got="-")
        return
    if not change.calls - change.retried <= succeeded + failed <= change.calls:
        yield error("tbb.insi-calls.total", expected=str(change.calls), got=str(succeeded + failed))
    elif not change.found <= succeeded <= change.answered:
        yield error("tbb.insi-calls.succeeded", expected=f"{change.found}-{change.answered}", got=str(succeeded))


@check("tbb.insi-admissions", source=SOURCE, alone=False)
def admissions_are_counted_with_their_status(change: InsiChange) -> Iterator[Finding]:
    """The dashboard counts the persons admitted, and those of them whose INS is qualified.

    Pass: between two readings, each count grew by the persons that the scenario created, and by those whose identity it
    qualified.
    Fail: a count grew by something else, or is not given.
    """
    for name, wanted in (("total", change.admitted), ("qualified", change.qualified)):
        got = change.counted("admissions", name)
        if got != wanted:
            shown = "-" if got is None else str(got)
            yield error("tbb.insi-admissions.differs", expected=str(wanted), got=shown, count=name)


@check("tbb.insi-detail", source="REM-MS1-DUI Va1, SC.TBB.02.RI", alone=False)
def each_call_has_its_line(detail: InsiDetail) -> Iterator[Finding]:
    """The detail of the calls to INSi has one line for each call, and no other.

    Pass: the lines that are new since the first reading bear the identifiers of the messages that INSi received, each once.
    Fail: a call has no line, or two, or a line answers no call.
    """
    for id in detail.received:
        if (count := detail.listed.count(id)) != 1 and not (count == 0 and id in detail.retried):
            yield error("tbb.insi-detail.lines", expected="1", got=str(count), message=id)
    for id in detail.listed:
        if id not in detail.received:
            yield error("tbb.insi-detail.stray", expected="insi.call", got=id)
