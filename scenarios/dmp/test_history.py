"""The global catch-up of the history: what it leaves out, what commands it, how fast it goes."""

import pytest

from conformance.bench.acts import dmp, dmp_history
from conformance.bench.stage import TYPE_CODE, Stage
from conformance.drivers import operations as ops

# Another type: a médico-social evaluation.
OTHER = "34842-5"
YEAR = 365
# Slower than any machine that can play scenarios feeds one document after the other.
PER_SECOND = 1


@pytest.mark.scenario("dmp.catch-up")
def test_a_catch_up_feeds_what_was_set_and_no_more(stage: Stage) -> None:
    """Documents wait for records that open; a catch-up of one type over a year feeds them, one a second.

    Beside them: a document of another type, an old one, and documents of somebody deceased, of an objector, of somebody whose
    INS is not qualified, of somebody whose document is fed already.
    """
    box = stage.mailbox("PER")
    user = dmp.connect(stage)
    chosen = [(TYPE_CODE, days) for days in (30, 40, 50, 60, 70)]
    person = dmp.holder(stage, "usager", user, state="absent")
    dmp_history.waiting(stage, person, box, [*chosen, (OTHER, 30), (TYPE_CODE, 400)])
    other = dmp.holder(stage, "voisin", user, state="absent")
    dmp_history.waiting(stage, other, box, chosen[:3])
    deceased = dmp.holder(stage, "decede", user, state="absent")
    opposed = dmp.holder(stage, "opposition", user, state="absent")
    unqualified = dmp.holder(stage, "recuperee", user, status="recuperee")
    for one in (deceased, opposed, unqualified):
        dmp_history.waiting(stage, one, box, chosen[:1])
    already = dmp.holder(stage, "deja", user)
    dmp.feed(stage, already, box, days_ago=30)
    stage.perform(ops.RecordDeath(deceased.key, stage.today[:10]))
    stage.oppose(opposed, "dmp")
    for one in (person, other, deceased, opposed):
        dmp.opened(stage, one)
    dmp_history.expect(stage, person, chosen)
    dmp_history.expect(stage, other, chosen[:3])
    for one, why in ((deceased, "death"), (opposed, "opposition"), (unqualified, "status"), (already, "already fed")):
        dmp_history.expect(stage, one, why=why)
    group = (person, other, deceased, opposed, unqualified, already)
    dmp_history.catch_up(stage, group, [TYPE_CODE], YEAR, PER_SECOND)


@pytest.mark.scenario("dmp.history-rate")
def test_the_indicator_counts_documents_of_former_stays(stage: Stage) -> None:
    """Between two readings, three persons leave: two had stayed before, one of whom has a document of that stay in the DMP."""
    box = stage.mailbox("PER")
    user = dmp.connect(stage)
    dmp_history.rate(stage)
    for role, days_ago, former in (("ancien", 105, (120, 100)), ("recent", 5, (120, 100)), ("nouveau", 5, None)):
        person = dmp.holder(stage, role, user)
        dmp_history.stays(stage, person, former=former)
        dmp.feed(stage, person, box, days_ago=days_ago)
    dmp_history.rate(stage)
