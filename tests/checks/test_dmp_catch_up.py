"""The rate of a catch-up, told from instants alone; the counts of an indicator, from readings alone."""

from __future__ import annotations

import pytest

from conformance.checks.dmp.catch_up import the_rate_stays_under_the_cap, the_settings_command_what_is_fed
from conformance.checks.subjects.dashboard_history import HistoryChange
from conformance.checks.subjects.dmp_catch_up import CaughtUp, Pace
from conformance.checks.tbb.history import the_rate_is_that_of_the_stays


def told(cap: int, *times: float) -> list[str]:
    return [finding.code for finding in the_rate_stays_under_the_cap(Pace(cap, times, ()))]


@pytest.mark.parametrize(
    ("cap", "times", "codes"),
    [
        pytest.param(1, (0, 1, 2, 3, 4, 5), [], id="at the cap"),
        pytest.param(1, (0.4, 1, 2, 3, 4, 4.9), [], id="jitter at both ends"),
        pytest.param(1, (0, 0.5, 1, 1.5, 2, 2.5), ["dmp.catch-up-rate.mean"], id="twice the cap"),
        pytest.param(2, (0, 0.1, 0.2, 0.3, 4, 5, 6, 7, 8), ["dmp.catch-up-rate.burst"], id="a burst, then little"),
        pytest.param(4, tuple(n / 4 for n in range(20)), [], id="four a second"),
    ],
)
def test_a_rate_is_judged_over_the_whole_and_over_each_second(
    cap: int, times: tuple[float, ...], codes: list[str]
) -> None:
    assert told(cap, *times) == codes


def test_what_is_missing_and_what_is_stray_are_told_apart() -> None:
    chosen, other = ("11488-4", "202601010900"), ("34842-5", "202601010900")
    findings = the_settings_command_what_is_fed(CaughtUp((chosen, chosen), (chosen, other), ()))
    assert [(f.code, f.values["type"]) for f in findings] == [
        ("dmp.catch-up-settings.missing", "11488-4"),
        ("dmp.catch-up-settings.stray", "34842-5"),
    ]


@pytest.mark.parametrize(("stays", "fed", "wrong"), [(2, 1, 0), (2, 2, 1), (None, None, 2), (3, 0, 2)])
def test_each_count_of_the_indicator_is_compared(stays: int | None, fed: int | None, wrong: int) -> None:
    change = HistoryChange({"stays": stays, "fed": fed}, {"stays": 2, "fed": 1}, ())
    assert len(list(the_rate_is_that_of_the_stays(change))) == wrong
