"""The dashboard before and after documents that leave by every channel."""

import pytest

from conformance.bench.acts import dashboard, dmp
from conformance.bench.stage import Stage


@pytest.mark.scenario("tbb.counts")
def test_the_dashboard_counts_what_left(stage: Stage) -> None:
    """Read the dashboard; two documents of one person leave by the three channels, one of another by mail; read again."""
    box = stage.mailbox("PER")
    user = dmp.connect(stage)
    dashboard.read(stage)
    qualified = dmp.holder(stage, "qualifiee", user)
    doctor = stage.correspondent("medecin", of=qualified)
    for _ in range(2):
        before = stage.now()
        stage.expect_message(box, doctor.address, person=qualified, document=True)
        stage.expect_message(box, stage.citizen_address(qualified), audience="citizen", person=qualified, document=True)
        dmp.feed(stage, qualified, box)
        for address in (doctor.address, stage.citizen_address(qualified)):
            stage.await_record("smtp.message", address, after=before)
    other = dmp.holder(stage, "recuperee", user, status="recuperee")
    nurse = stage.correspondent("infirmiere", of=other)
    stage.validate(other, box, to=[nurse])
    dashboard.read(stage)
