"""Playing one scenario: open, act, close, judge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance.bench.hindrance import Hindered
from conformance.bench.session import RunSession
from conformance.bench.stage import Stage
from conformance.core.errors import SetupError
from conformance.core.finding import Finding
from conformance.core.product import Lane
from conformance.core.texts import say
from conformance.core.words import Fault, Level
from conformance.evidence.evidence import Evidence
from conformance.judge import Judge


def open_stage(session: RunSession, scenario: str, lane: Lane) -> Stage:
    """Open the window of a scenario; a bench that cannot is a setup error of the test."""
    return session.stage(scenario, lane)


@contextmanager
def played(stage: Stage) -> Iterator[None]:
    """Close the window whatever happened; a hindrance becomes evidence before it becomes an outcome."""
    hindered: Hindered | None = None
    try:
        yield
    except Hindered as exc:
        hindered = exc
    except SetupError as exc:
        hindered = Hindered("hindrance.bench", Fault.CONFIGURATION, detail=exc.code)
    except BaseException as exc:
        stage.window.hinder(Hindered("hindrance.crash", Fault.HARNESS, detail=f"{type(exc).__name__}: {exc}"))
        stage.window.abort()
        raise
    if hindered is None:
        stage.window.close(stage.idle, idle_limit=stage.limits.idle, quiet=stage.limits.quiet)
        return
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
    for profile in session.profiles:
        for requirement, verdict in Judge(evidence, profile).scenario(observation):
            for finding in verdict.findings:
                if finding.level is Level.ERROR:
                    cards.setdefault(card(finding), f"{requirement.referential} {requirement.id}")
    if cards:
        # The cards are the whole message: a traceback through the harness would only hide them.
        pytest.fail("\n\n".join(f"{where}\n{text}" for text, where in cards.items()), pytrace=False)


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
