"""Which scenarios a run plays, and in which lane."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.bench.session import RunSession
from conformance.core.words import Verification


def scenario_of(item: pytest.Item) -> str:
    """The id a test carries in its ``scenario`` marker."""
    mark = item.get_closest_marker("scenario")
    if mark is None or not mark.args:
        raise pytest.UsageError(f"{item.nodeid}: the scenario marker needs an id")
    return str(mark.args[0])


def select(session: RunSession, items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The scenarios to play and those left out: not in the profiles, not automatic, or already observed."""
    wanted = _wanted(session)
    kept, dropped = [], []
    for item in items:
        scenario = scenario_of(item)
        seen = session.plan.resume and session.observed(scenario, _fixed_lane(item))
        (kept if scenario in wanted and not seen else dropped).append(item)
    return kept, dropped


def assign(session: RunSession, items: list[pytest.Item], key: pytest.StashKey[Any]) -> None:
    """Give each scenario its lane, its xdist group and, as data, the requirements it exercises."""
    lanes = session.product.lanes
    for position, item in enumerate(items):
        fixed = _fixed_lane(item)
        lane = next((lane for lane in lanes if lane.name == fixed), lanes[position % len(lanes)])
        item.stash[key] = lane
        # Lanes that share one product instance are serial together.
        item.add_marker(pytest.mark.xdist_group(lane.url or lane.name))
        for requirement in _requirements(session, scenario_of(item)):
            item.user_properties.append(("requirement", requirement))


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


def _fixed_lane(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    lane = callspec.params.get("_lane") if callspec is not None else None
    return lane.name if lane is not None else None
