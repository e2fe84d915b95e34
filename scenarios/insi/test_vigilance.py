"""The life of identities, case by case (``conformance/rniv.py``): what status their acts give them, seen in what leaves."""

import pytest

from conformance import rniv
from conformance.bench.acts import insi, vigilance
from conformance.bench.stage import Stage


@pytest.mark.scenario("ins.statuses")
def test_the_four_statuses_are_reached_by_their_acts(stage: Stage) -> None:
    """INSi and documents of more or less trust, in either order: only both together make an identity qualified."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    vigilance.play(stage, box, rniv.REACHED)


@pytest.mark.scenario("ins.attributes")
def test_a_doubtful_identity_stays_provisional(stage: Stage) -> None:
    """Doubtful or fictive: INSi is not asked and no document raises the status; beside it, an identity without attribute."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    vigilance.play(stage, box, rniv.LOCKED)


@pytest.mark.scenario("ins.denied-cases")
def test_a_denial_lowers_each_status(stage: Stage) -> None:
    """INSi denies a qualified identity, then a retrieved one that a document confirms afterwards."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    vigilance.play(stage, box, rniv.DENIED)


@pytest.mark.scenario("ins.changed-cases")
def test_each_strict_trait_that_changes_lowers_the_status(stage: Stage) -> None:
    """Each of the five strict traits of a qualified identity is changed, then the name of a retrieved one."""
    box = stage.mailbox("PER")
    insi.connect(stage)
    vigilance.play(stage, box, rniv.CHANGED)
