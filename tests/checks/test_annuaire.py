"""Patience with a directory that cannot answer now."""

import pytest

from tests.checks.journals import Play

SMITH, JONES = [["family", "Essai"]], [["family", "Autre"]]


@pytest.fixture
def ask(tmp_path, clock):
    play = Play(tmp_path, "ann.busy")

    def asked(status, parameters, *, after=0.0, retry_after=None):
        clock.now += after
        members = {"type": "Practitioner", "parameters": parameters, "page": 0, "key": "right"}
        play.wire("annuaire", "annuaire.search", status=status, retry_after=retry_after, **members)

    asked.codes = lambda: play.codes("annuaire.patience")
    return asked


def test_the_same_request_made_again_in_time(ask):
    ask(429, SMITH, retry_after=3)
    ask(200, SMITH, after=3.1)
    assert ask.codes() == []


def test_the_same_request_made_again_too_soon(ask):
    ask(429, SMITH, retry_after=3)
    ask(200, SMITH, after=0.2)
    assert ask.codes() == ["annuaire.patience.too-soon"]


def test_a_request_under_way_beside_it_is_no_reaction(ask):
    ask(503, SMITH, retry_after=3)
    ask(200, JONES, after=0.2)
    ask(200, SMITH, after=3.0)
    assert ask.codes() == []


def test_another_request_later_is_a_reaction(ask):
    ask(503, SMITH, retry_after=3)
    ask(200, JONES, after=1.5)
    assert ask.codes() == ["annuaire.patience.too-soon"]


def test_nobody_asks_again(ask):
    ask(503, SMITH, retry_after=3)
    ask(200, JONES, after=0.2)
    assert ask.codes() == ["annuaire.patience.gave-up"]
