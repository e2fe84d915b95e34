"""What the product asks the SI-SDO for, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from conformance.checks.subjects.sdo_search import (
    DECISION,
    EVALUATION,
    ExpectedDecision,
    SdoDecisionSearch,
    SdoEvaluationSearch,
    SdoSearch,
    SdoStatusSearch,
)
from conformance.core.check import check
from conformance.core.finding import Finding, error
from conformance.core.words import Basis

FLUX = "IG ans.fhir.fr.sdo 4.0.5, page « Flux {} »"
DAY = re.compile(r"gt\d{4}-\d{2}-\d{2}")
# The datatype instant of FHIR R4: to the second at least, with its offset.
INSTANT = re.compile(r"gt\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
# The guide counts in days; an hour covers the clocks.
MARGIN = timedelta(hours=1)
FIRST, USUAL = timedelta(days=30), timedelta(days=1)


def _exactly(
    search: SdoSearch, name: str, expected: str, *, pattern: re.Pattern[str] | None = None
) -> Iterator[Finding]:
    """A mandatory parameter: once, and with its value."""
    values = search.values(name)
    right = len(values) == 1 and (pattern.fullmatch(values[0]) if pattern else values[0] == expected)
    if not right:
        got = ", ".join(values) or "∅"
        yield error("sdo.search.parameter", expected=expected, got=got, name=name, basis=Basis.GUIDE)


def _nothing_else(search: SdoSearch, *known: str) -> Iterator[Finding]:
    others = sorted({name for name, _ in search.parameters} - set(known))
    if others:
        yield error("sdo.search.other", expected=", ".join(known), got=", ".join(others), basis=Basis.GUIDE)


@check("sdo.decisions-search", source=FLUX.format("1.1"), basis=Basis.GUIDE, alone=False)
def new_decisions_are_asked_as_the_guide_says(search: SdoDecisionSearch) -> Iterator[Finding]:
    """New decisions are looked for by type, day of the last search and technical id, and by nothing else.

    Pass: ``type=57830-2``, ``_lastUpdated=gt`` and a day, ``_elements=id``, each once.
    Fail: one of them is missing, repeated or says something else, or another parameter is there.
    """
    yield from _exactly(search, "type", DECISION)
    yield from _exactly(search, "_lastUpdated", "gtAAAA-MM-JJ", pattern=DAY)
    yield from _exactly(search, "_elements", "id")
    yield from _nothing_else(search, "type", "_lastUpdated", "_elements")


@check("sdo.decisions-complete", source=FLUX.format("1.3") + "; FHIR R4 §3.1.1.5.11", basis=Basis.GUIDE, alone=False)
def every_decision_is_read(expected: ExpectedDecision) -> Iterator[Finding]:
    """Every new or changed decision of the establishment is read, whatever page lists it.

    Pass: the decision is read in its version.
    Fail: it was not read when the product had done, or only in an earlier version.
    """
    if not expected.read:
        told = expected.expectation
        version = str(told.get("version"))
        yield error("sdo.decision.unread", expected=version, got="∅", decision=told.get("document"), basis=Basis.GUIDE)


@check("sdo.evaluation-search", source=FLUX.format("3.1"), basis=Basis.GUIDE, alone=False)
def an_evaluation_is_asked_as_the_guide_says(search: SdoEvaluationSearch) -> Iterator[Finding]:
    """An evaluation is looked for by the national number of its decision and by its type, and by nothing else.

    Pass: ``identifier`` and ``type=51848-0``, each once.
    Fail: one of them is missing, repeated or says something else, or another parameter is there.
    """
    if len(search.values("identifier")) != 1 or not search.values("identifier")[0]:
        got = ", ".join(search.values("identifier")) or "∅"
        yield error("sdo.search.parameter", expected="idNat_Decision", got=got, name="identifier", basis=Basis.GUIDE)
    yield from _exactly(search, "type", EVALUATION)
    yield from _nothing_else(search, "identifier", "type")


@check("sdo.consent-first", source=FLUX.format("3.2") + ", page « Flux 2 »", basis=Basis.GUIDE, alone=False)
def consent_comes_before_the_evaluation(search: SdoEvaluationSearch) -> Iterator[Finding]:
    """No evaluation is asked for before the SI-SDO took the consent of its person.

    Pass: a Consent about this decision was taken before.
    Fail: none was.
    """
    if not search.consented:
        got = ", ".join(search.values("identifier")) or "∅"
        yield error("sdo.evaluation.no-consent", expected="Consent", got=got, basis=Basis.GUIDE)


@check("sdo.statuses-search", source=FLUX.format("5.1"), basis=Basis.GUIDE, alone=False)
def statuses_are_asked_by_instant(search: SdoStatusSearch) -> Iterator[Finding]:
    """Statuses are looked for by the instant of the last search, whose ``+`` is escaped, and by nothing else.

    Pass: ``_lastUpdated=gt`` and an instant with its offset, once.
    Fail: it is missing, repeated, only a day, or its ``+`` reads as a space; or another parameter is there.
    """
    yield from _exactly(search, "_lastUpdated", "gtAAAA-MM-JJThh:mm:ss+hh:mm", pattern=INSTANT)
    yield from _nothing_else(search, "_lastUpdated")


@check("sdo.statuses-window", source=FLUX.format("5.1"), basis=Basis.GUIDE, alone=False)
def statuses_are_asked_within_their_limits(search: SdoStatusSearch) -> Iterator[Finding]:
    """A first search for statuses goes back thirty days at most, the following ones one day.

    Pass: within the limit, with an hour for the clocks. An instant that cannot be read concludes nothing here.
    Fail: further back.
    """
    limit = USUAL if search.later else FIRST
    if search.reach is not None and search.reach > limit + MARGIN:
        got = f"J-{search.reach.days}"
        yield error("sdo.statuses.too-far", expected=f"J-{limit.days}", got=got, basis=Basis.GUIDE)
