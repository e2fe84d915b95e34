"""What a product fetches of the DMP before a person comes, and what it must not."""

import pytest

from conformance.bench.acts import dmp, dmp_ahead
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops

# Liaison letter and visit report (JDV_J07): one type is preloaded, the other is not.
LETTER, VISIT = "11490-0", "11488-4"
# Seconds that a copy may be kept: long enough for a document to be opened, short enough to wait for.
KEPT, LONG = 4, 3600


@pytest.mark.scenario("dmp.preload")
def test_a_planned_visit_has_the_chosen_types_read(stage: Stage) -> None:
    """Letters are to be preloaded; others fed two letters and a report; a visit is planned."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    letters = [dmp.deposit(stage, person, f"auteur-{n}", LETTER) for n in (1, 2)]
    other = dmp.deposit(stage, person, "auteur-3", VISIT)
    dmp_ahead.preload(stage, (LETTER,), LONG)
    dmp_ahead.expect_preloaded(stage, person, letters, [other])


@pytest.mark.scenario("dmp.preload-refused")
def test_nothing_is_preloaded_without_the_right(stage: Stage) -> None:
    """Visits are planned of a person who blocks the user, and of one who does not."""
    user = dmp.connect(stage)
    dmp_ahead.preload(stage, (LETTER,), LONG)
    refusing = dmp.holder(stage, "refus", user, authorisation="blocked")
    dmp.deposit(stage, refusing, "auteur-refus", LETTER)
    dmp.expect_no(stage, "preload", refusing, "right refused")
    before = dmp_ahead.plan(stage, refusing)
    stage.await_record("dmp.test", refusing.ins, after=before)
    willing = dmp.holder(stage, "accord", user, authorisation="valid")
    letter = dmp.deposit(stage, willing, "auteur-accord", LETTER)
    stage.control("preloaded", dmp_ahead.expect_preloaded(stage, willing, [letter]))


@pytest.mark.scenario("dmp.preload-kept")
def test_preloaded_documents_are_kept_for_their_time(stage: Stage) -> None:
    """Two letters are preloaded for some seconds: one is opened within them, the other once they are over."""
    person = dmp.holder(stage, "usager", dmp.connect(stage), authorisation="valid")
    first, second = (dmp.deposit(stage, person, f"auteur-{n}", LETTER) for n in (1, 2))
    dmp_ahead.preload(stage, (LETTER,), KEPT)
    stage.control("preloaded", dmp_ahead.expect_preloaded(stage, person, [first, second]))
    dmp_ahead.open_within(stage, person, first, KEPT)
    dmp_ahead.open_past(stage, person, second, KEPT)


@pytest.mark.scenario("dmp.refused-right")
def test_nothing_is_consulted_without_the_right(stage: Stage) -> None:
    """Try to search the DMP of a person who blocks the user, and to open a document of it; then that of one who does not."""
    user = dmp.connect(stage)
    refusing = dmp.holder(stage, "refus", user, authorisation="blocked")
    letter = dmp.deposit(stage, refusing, "auteur-refus", LETTER)
    dmp.expect_no(stage, "right", refusing, "right refused")
    stage.attempt(ops.ConsultDmp(refusing.key, {}))
    stage.attempt(ops.IntegrateFromDmp(refusing.key, letter.unique_id))
    willing = dmp.holder(stage, "accord", user, authorisation="valid")
    stage.control("consulted", dmp.consult(stage, willing, {}))
