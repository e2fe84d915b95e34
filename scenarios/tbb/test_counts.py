"""The dashboard before and after documents that leave by every channel, and calls to INSi."""

import pytest

from conformance.bench.acts import dashboard, dmp, insi
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


@pytest.mark.scenario("tbb.insi")
def test_the_dashboard_counts_calls_to_insi_and_admissions(stage: Stage) -> None:
    """Between two readings: one person is found and confirmed, one found only, one asked about while INSi fails."""
    insi.connect(stage)
    dashboard.read(stage)
    for role in ("confirmee", "trouvee", "panne"):
        person, there = insi.known(stage, role)
        if role == "panne":
            stage.act(insi.SERVICE, "fault", fault="unavailable", times=1)
        stage.expect("tbb-admission", marks=(there.matricule,), person=person.key, qualified=role == "confirmee")
        insi.search(stage, person, there)
        if role == "confirmee":
            insi.confirm(stage, person)
    dashboard.read(stage)


@pytest.mark.scenario("tbb.insi-detail")
def test_the_dashboard_goes_down_to_each_call(stage: Stage) -> None:
    """The detail of the calls is read, two calls are made of which one fails, and it is read again."""
    insi.connect(stage)
    dashboard.read_calls(stage)
    for role in ("trouvee", "panne"):
        person, there = insi.known(stage, role)
        if role == "panne":
            stage.act(insi.SERVICE, "fault", fault="unavailable", times=1)
        insi.search(stage, person, there)
    dashboard.read_calls(stage)
