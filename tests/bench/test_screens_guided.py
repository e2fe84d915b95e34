"""Where a person drives the product, the same scenarios have that person look, and nothing is held against the product."""

import pytest

from conformance.bench.acts import dmp, dmp_screens, screens
from conformance.bench.acts.screens import Word
from conformance.core.texts import known, say
from conformance.drivers import operations as ops
from conformance.drivers.outcome import Answered, Outcome
from conformance.population import Person

PERSON = Person("usager", "DURAND", ("Anne",), "1950-01-31", "F", "75101", "qualifiee", "2500175101001", "12")
FOUND = dmp.Found("1.2.3", "")


class Guided:
    """A stage whose product a person drives; it remembers what that person was asked."""

    class driver:  # noqa: N801 - stands for an attribute
        guided = True

    def __init__(self):
        self.seen = []
        self.asked = []
        self.told = []

    def observe(self, screen, **values):
        assert "{" not in say(f"screen.{screen}", "fr", **values)
        assert "{" not in say(f"screen.{screen}.expected", "en", **values)
        self.seen.append(screen)

    def ask(self, operation):
        self.asked.append(operation.name)
        return Outcome(Answered.DONE)

    perform = ask

    def settle(self):
        self.told.append("settle")

    def act(self, _service, action, **_):
        self.told.append(action)

    def expect(self, name, **_):
        raise AssertionError(f"nothing is expected of a browser that is not there: {name}")


@pytest.fixture
def stage():
    return Guided()


@pytest.fixture
def pages(stage):
    return screens.Screens(stage, None)


def test_each_word_is_looked_at_by_the_person(stage, pages) -> None:
    names = [name for name in say_names() if known(f"screen.{name}")]
    pages.record(PERSON, *(Word(name, "Lettre") for name in names))
    assert stage.seen == names == say_names()


def say_names():
    """The words that scenarios look for (docs/control-api.md)."""
    states = [f"dmp.{state}" for state in ("allowed", "refused", "closed", "absent")]
    lines = ["feeding.fed", "feeding.refused", "origin.dmp", "origin.mssante"]
    return [*states, *lines, "notice.held", "notice.newer", "notice.deleted"]


def test_what_is_done_is_done_by_the_person(stage, pages) -> None:
    dmp_screens.held(pages, PERSON, FOUND)
    dmp_screens.news(pages, PERSON, "counts", {"11490-0": 2})
    dmp_screens.open_slowly(pages, PERSON, 4)
    dmp_screens.help_of(pages, PERSON)
    assert stage.seen == ["notice.held", "dmp-news", "dmp-slow-opening", "dmp-help"]
    assert stage.asked == [ops.IntegrateFromDmp.name]
    assert stage.told == ["settle", "fault", "clear"]
    dmp_screens.remove(stage, PERSON, FOUND)
    assert stage.asked[-1] == ops.RemoveDocument.name
    assert screens.title_of(stage, PERSON, FOUND.unique_id) == FOUND.unique_id
