"""What a scenario exercises, as Allure labels: section, bloc and fonction of its requirements, their ids as tags."""

from __future__ import annotations

from collections.abc import Iterable

import allure

from conformance.core.requirement import Profile, Requirement


def label(profiles: Iterable[Profile], scenario: str) -> None:
    """Label the running test; nothing happens when Allure is not asked for."""
    requirements = [r for profile in profiles for r, _ in profile.aspects_of(scenario)]
    for kind, values in (
        ("epic", _distinct(r.section for r in requirements)),
        ("feature", _distinct(r.bloc for r in requirements)),
        ("story", _distinct(r.fonction for r in requirements)),
        ("tag", _distinct(_name(r) for r in requirements)),
    ):
        for value in values:
            allure.dynamic.label(kind, value)  # type: ignore[no-untyped-call]


def _distinct(values: Iterable[str]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]


def _name(requirement: Requirement) -> str:
    return f"{requirement.referential}/{requirement.version}/{requirement.id}"
