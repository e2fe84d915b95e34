"""Checks on abnormal results: who is told of them, and what may be told by a channel that is not secure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.pdf_text import words_of
from conformance.checks.subjects.results import AnnouncedReport, PlainNotice
from conformance.core.check import check
from conformance.core.finding import Finding, error


@check("results.coded-only", source="REM vague 2, MSS/UX.18", absence=True, alone=False)
def only_coded_results_are_announced(report: AnnouncedReport) -> Iterator[Finding]:
    """A report is announced when the biologist's interpretation calls a result abnormal, and not for its bounds.

    Pass: a notice follows the report whose ``interpretationCode`` says so, none the one whose value alone is out of bounds.
    Fail: the contrary of either.
    """
    if report.abnormal and not report.notices:
        yield error("results.coded-only.silent", expected="≥ 1", got="0", to=report.to)
    elif report.notices and not report.abnormal:
        yield error("results.coded-only.bounds", expected="0", got=str(report.notices), to=report.to)


@check("results.nothing-personal", source="REM vague 2, MSS/UX.20", alone=False)
def a_notice_says_nothing_of_the_person(notice: PlainNotice) -> Iterator[Finding]:
    """A notice by a channel that is not secure says neither who nor what: no name, no matricule, no result.

    Pass: none of them can be read in its headers, words and names of files.
    Fail: one can.
    """
    words = f" {' '.join(words_of(notice.said))} "
    for name in notice.names:
        if f" {' '.join(words_of(name))} " in words:
            yield error("results.nothing-personal.name", expected="-", got=name)
    number = r"[\s.]*".join(re.escape(figure) for figure in notice.matricule[:13])
    if notice.matricule and re.search(number, notice.said):
        yield error("results.nothing-personal.matricule", expected="-", got=notice.matricule)
    for result in notice.results:
        if re.search(rf"(?<![\w.]){re.escape(result)}(?![\w.]*\d)", notice.said, re.IGNORECASE):
            yield error("results.nothing-personal.result", expected="-", got=result)
