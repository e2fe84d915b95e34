"""Playing one scenario: open, act, close, judge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from conformance.bench.hindrance import Hindered
from conformance.bench.session import RunSession
from conformance.bench.stage import Stage
from conformance.core.errors import ConformanceError
from conformance.core.finding import Finding
from conformance.core.product import Lane
from conformance.core.texts import say
from conformance.core.words import Fault, Level
from conformance.evidence.evidence import Evidence
from conformance.judge import Judge

# Reasons for which a scenario concluded nothing, whatever its checks met.
UNSETTLED = ("reason.gap", "reason.open", "reason.no-control")


def open_stage(session: RunSession, scenario: str, lane: Lane) -> Stage:
    """Open the window of a scenario; what a bench that cannot play leaves behind is evidence too."""
    stage = session.stage(scenario, lane)
    try:
        stage.window.open()
    except ConformanceError as exc:
        _give_up(stage, Hindered("hindrance.bench", Fault.HARNESS, detail=exc.code))
    return stage


@contextmanager
def played(stage: Stage) -> Iterator[None]:
    """Close the window whatever happened; a hindrance becomes evidence before it becomes an outcome."""
    hindered: Hindered | None = None
    try:
        yield
    except Hindered as exc:
        hindered = exc
    except ConformanceError as exc:
        hindered = Hindered("hindrance.bench", Fault.HARNESS, detail=exc.code)
    except KeyboardInterrupt:
        stage.window.abort()
        raise
    except BaseException as exc:
        stage.window.hinder(Hindered("hindrance.crash", Fault.HARNESS, detail=f"{type(exc).__name__}: {exc}"))
        stage.window.abort()
        raise
    if hindered is None:
        try:
            stage.window.close(stage.idle, idle_limit=stage.limits.idle, quiet=stage.limits.quiet)
        except ConformanceError as exc:
            hindered = Hindered("hindrance.bench", Fault.HARNESS, detail=exc.code)
    if hindered is not None:
        _give_up(stage, hindered)


def _give_up(stage: Stage, hindered: Hindered) -> NoReturn:
    stage.window.hinder(hindered)
    stage.window.abort()
    if hindered.code == "hindrance.not-offered":
        pytest.skip(str(hindered))
    pytest.fail(str(hindered), pytrace=False)


def judge(session: RunSession, stage: Stage) -> None:
    """Judge this attempt under every profile; errors fail the test with one card for each distinct finding."""
    evidence = Evidence.load(session.evidence_folder)
    observation = next(
        seen
        for seen in evidence.attempts(stage.scenario, stage.window.lane)
        if f"{seen.scenario}@{seen.lane}#{seen.attempt}" == stage.window.name
    )
    cards: dict[str, str] = {}
    blocked: dict[str, None] = {}
    for profile in session.profiles:
        for requirement, verdict in Judge(evidence, profile).scenario(observation):
            for finding in verdict.findings:
                if finding.level is Level.ERROR:
                    cards.setdefault(card(finding), f"{requirement.referential} {requirement.id}")
            if verdict.reason is not None and verdict.reason[0] in UNSETTLED:
                blocked[str(verdict.why())] = None
    # The cards are the whole message: a traceback through the harness would only hide them.
    told = [f"{where}\n{text}" for text, where in cards.items()] or list(blocked)
    if told:
        pytest.fail("\n\n".join(told), pytrace=False)


def card(finding: Finding) -> str:
    """A finding as an error card, in the language in force."""
    lines = [f"[{finding.check}] {finding.message()}"]
    place = ", ".join(f"{name} {value}" for name, value in finding.where.as_json().items())
    if place:
        lines.append(f"  @ {place}")
    for name, value in (("expected", finding.expected), ("got", finding.got)):
        if value is not None:
            lines.append(f"  {say('card.' + name)}: {value}")
    for name, text in (("cause", finding.cause()), ("fix", finding.fix())):
        if text:
            lines.append(f"  {say('card.' + name)} {text}")
    return "\n".join(lines)
