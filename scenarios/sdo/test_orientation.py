"""Orientation decisions: from the connection to the end of an admission (IG ans.fhir.fr.sdo, flux 1 to 5)."""

import pytest

from conformance.bench.acts import sdo
from conformance.bench.stage import Stage

# A document whose entities would expand to a gigabyte.
HOSTILE = (
    b'<?xml version="1.0"?><!DOCTYPE ClinicalDocument ['
    + b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 32 if n else b"essai ") for n in range(6))
    + b']><ClinicalDocument xmlns="urn:hl7-org:v3"><title>&e5;</title></ClinicalDocument>'
)


@pytest.mark.scenario("sdo.connect")
def test_the_establishment_is_known_to_the_platform(stage: Stage) -> None:
    """Set the connection up and look for decisions: certificate, token and establishment are all shown."""
    sdo.connect(stage)
    (decision,) = sdo.orient(stage, stage.person())
    sdo.fetch(stage, decision)


@pytest.mark.scenario("sdo.impostor")
def test_an_impostor_is_told_nothing(stage: Stage) -> None:
    """Beside the good SI-SDO, which is met, a server of an unknown authority: no token request, no call reaches it."""
    sdo.connect(stage)
    (decision,) = sdo.orient(stage, stage.person())
    sdo.fetch(stage, decision)
    sdo.meet_impostor(stage)


@pytest.mark.scenario("sdo.fetch-decisions")
def test_every_decision_is_read_and_read_again_when_it_changes(stage: Stage) -> None:
    """Three decisions on two pages, then one of them corrected the same day: each version is read."""
    sdo.connect(stage)
    decisions = sdo.orient(stage, *(stage.person(role) for role in ("un", "deux", "trois")))
    stage.act(sdo.SERVICE, "configure", page_size=2)
    sdo.fetch(stage, *decisions)
    changed = sdo.correct(stage, decisions[0])
    sdo.fetch(stage, changed)
    sdo.look(stage)


@pytest.mark.scenario("sdo.unreadable-decisions")
def test_a_decision_that_cannot_be_read_stops_no_other(stage: Stage) -> None:
    """One decision is gone when it is read, one holds a document that expands without end: the good one is read."""
    sdo.connect(stage)
    hostile, good = stage.person("hostile"), stage.person("bonne")
    gone = stage.person("retiree")
    decisions = sdo.orient(stage, hostile, good, contents={hostile.key: HOSTILE}, gone=gone)
    sdo.fetch(stage, *decisions, needed=False)


@pytest.mark.scenario("sdo.evaluation")
def test_an_evaluation_is_fetched_once_its_person_agreed(stage: Stage) -> None:
    """Two persons of one name: the first agrees and their evaluation is fetched, the other's is asked for in vain."""
    sdo.connect(stage)
    person = stage.person()
    other = sdo.homonym(stage, person)
    mine, theirs = sdo.orient(stage, person, other)
    sdo.fetch(stage, mine, theirs)
    sdo.agree(stage, person, mine)
    sdo.evaluate(stage, mine)
    sdo.evaluate(stage, theirs, agreed=False)
    sdo.look(stage)


@pytest.mark.scenario("sdo.report-statuses")
def test_an_admission_is_told_step_by_step(stage: Stage) -> None:
    """Contact, waiting list of a unit, admission, entry; one of them asked twice: each is told once, in order."""
    sdo.connect(stage)
    (decision,) = sdo.orient(stage, stage.person())
    sdo.fetch(stage, decision)
    sdo.report(stage, decision, "41")
    sdo.report_again(stage, decision, "41")
    sdo.report(stage, decision, "42", unit=True)
    sdo.report(stage, decision, "71")
    sdo.report(stage, decision, "47")


@pytest.mark.scenario("sdo.follow-statuses")
def test_a_cancelled_notification_ends_the_admission(stage: Stage) -> None:
    """A contact is told, then the notification is cancelled: the product learns it and tells nothing more."""
    sdo.connect(stage)
    (decision,) = sdo.orient(stage, stage.person())
    sdo.fetch(stage, decision)
    sdo.follow(stage)
    sdo.report(stage, decision, "41")
    sdo.announce(stage, decision, "49")
    sdo.follow(stage)
    sdo.report_again(stage, decision, "42")


@pytest.mark.scenario("sdo.errors")
def test_errors_lose_nothing_and_double_nothing(stage: Stage) -> None:
    """Expired token, throttling, failures, slowness, a cut answer: everything arrives all the same, once."""
    sdo.connect(stage)
    person = stage.person()
    (decision,) = sdo.orient(stage, person)
    sdo.fail(stage, "unavailable", "search")
    sdo.fail(stage, "cut", "read")
    sdo.fetch(stage, decision)
    sdo.fail(stage, "unavailable", "token")
    stage.act(sdo.SERVICE, "expire_tokens")
    sdo.agree(stage, person, decision)
    sdo.fail(stage, "too-many", "create")
    sdo.fail(stage, "broken", "create")
    sdo.report(stage, decision, "41")
    sdo.fail(stage, "slow", "create", delay=1.5)
    sdo.report(stage, decision, "42")


@pytest.mark.scenario("sdo.lost-answer")
def test_a_lost_answer_is_not_told_twice(stage: Stage) -> None:
    """The SI-SDO takes a status and its answer is lost: the product finds out before it tells again."""
    sdo.connect(stage)
    (decision,) = sdo.orient(stage, stage.person())
    sdo.fetch(stage, decision)
    sdo.fail(stage, "cut", "create")
    sdo.report(stage, decision, "41")
