"""Which scenarios a run plays, and in which lane."""

from __future__ import annotations

import pytest

from conformance.bench.scheduling import lane_of
from conformance.bench.session import RunSession
from conformance.core.product import Lane
from conformance.core.words import Verification
from conformance.hardening import SCENARIO


def scenario_of(item: pytest.Item) -> str:
    """The id a test carries in its ``scenario`` marker."""
    mark = item.get_closest_marker("scenario")
    if mark is None or not mark.args:
        raise pytest.UsageError(f"{item.nodeid}: the scenario marker needs an id")
    return str(mark.args[0])


def select(session: RunSession, items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The scenarios to play and those left out: not in the profiles, not automatic, not asked for, or observed."""
    wanted = _wanted(session) | {SCENARIO}
    wanted &= set(session.plan.scenarios) or wanted
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        scenario = scenario_of(item)
        seen = session.plan.resume and session.observed(scenario, lane_of(item.nodeid, session.product.lanes).name)
        # A scenario that no lane names, where lanes name theirs, is left out; pytest made an empty repetition of it.
        unnamed = item.nodeid.endswith("[NOTSET]") or (scenario == SCENARIO and not _probed(session, item))
        (dropped if seen or unnamed or scenario not in wanted else kept).append(item)
    return kept, dropped


def assign(session: RunSession, items: list[pytest.Item], key: pytest.StashKey[Lane]) -> None:
    """Give each scenario its lane and, as data, the requirements it exercises."""
    for item in items:
        item.stash[key] = lane_of(item.nodeid, session.product.lanes)
        item.user_properties.append(("scenario", scenario_of(item)))
        for requirement in _requirements(session, scenario_of(item)):
            item.user_properties.append(("requirement", requirement))


def _probed(session: RunSession, item: pytest.Item) -> bool:
    """Whether the lane of the look at the front door has one, and lets it be looked at."""
    front = lane_of(item.nodeid, session.product.lanes).front
    return session.plan.probe and front is not None and front.probe


def _wanted(session: RunSession) -> set[str]:
    if not session.plan.automatic_only:
        return {scenario for profile in session.profiles for scenario in profile.scenarios}
    return {
        scenario
        for profile in session.profiles
        for requirement in profile.requirements
        for aspect in requirement.aspects
        if aspect.verification is Verification.AUTOMATIC
        for scenario in aspect.scenarios
    }


def _requirements(session: RunSession, scenario: str) -> list[str]:
    found = {
        f"{r.referential}/{r.version}/{r.id}" for profile in session.profiles for r, _ in profile.aspects_of(scenario)
    }
    return sorted(found)
