"""What a product feeds to the DMP, and when it must not."""

import pytest

from conformance.bench.acts import dmp
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops

# Emergency liaison document (JDV_J07).
LIAISON = "74207-2"
# The type of the document that is fed by hand: a médico-social evaluation.
CHOSEN = "34842-5"
# How long each of two calls lasts; mail takes less on any machine that can play scenarios.
SECONDS = "6"


@pytest.mark.scenario("dmp.feed")
def test_a_validated_document_is_fed(stage: Stage) -> None:
    """Validate a document of a person who has a record: it goes to the DMP once, without asking for an authorisation."""
    box = stage.mailbox("PER")
    user = dmp.connect(stage)
    person = dmp.holder(stage, "usager", user)
    dmp.expect_no(stage, "authorisation", person, "feeding")
    _, record = dmp.feed(stage, person, box)
    stage.control("document-fed", record)


@pytest.mark.scenario("dmp.feed-structured")
def test_a_liaison_document_is_fed_with_its_sections(stage: Stage) -> None:
    """Validate an emergency liaison document: it goes to the DMP as a CDA N3."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage))
    dmp.feed(stage, person, box, type_code=LIAISON, body="n3")


@pytest.mark.scenario("dmp.slow")
def test_a_slow_dmp_keeps_nobody_waiting(stage: Stage) -> None:
    """The DMP takes seconds to answer; a document is validated, and meanwhile a colleague is written to."""
    box = stage.mailbox("PER")
    user = dmp.connect(stage)
    person = dmp.holder(stage, "usager", user)
    colleague = stage.correspondent("collegue")
    stage.act(dmp.SERVICE, "fault", fault="slow", value=SECONDS, times=2)
    dmp.feed(stage, person, box, wait=False)
    text = "Message fictif d'essai de conformité."
    stage.expect("dmp-meanwhile", marks=(colleague.address,), to=colleague.address, matricule=person.ins)
    stage.expect_message(box, colleague.address, text=text)
    stage.perform(ops.SendMessage(box, (colleague.address,), text, subject="Essai"))
    stage.await_record("smtp.message", colleague.address)
    stage.await_record("dmp.submission", person.ins)


@pytest.mark.scenario("dmp.two-users")
def test_each_user_feeds_in_their_own_name(stage: Stage) -> None:
    """Two professionals feed a document each, one after the other: each call names its own."""
    box = stage.mailbox("PER")
    for position, role in enumerate(("premier", "second")):
        user = dmp.connect(stage, user=position)
        dmp.feed(stage, dmp.holder(stage, role, user), box)


@pytest.mark.scenario("dmp.history")
def test_a_document_of_the_past_is_dated_of_its_act(stage: Stage) -> None:
    """Validate a document about an act of forty days ago."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage))
    dmp.feed(stage, person, box, days_ago=40)


@pytest.mark.scenario("dmp.mask")
def test_the_masking_chosen_leaves_with_the_document(stage: Stage) -> None:
    """Validate one document that nothing hides, then one for each choice of masking, then one with two."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage))
    _, record = dmp.feed(stage, person, box)
    stage.control("document-fed", record)
    for chosen in (
        ("MASQUE_PS",),
        ("INVISIBLE_PATIENT",),
        ("INVISIBLE_REPRESENTANTS_LEGAUX",),
        ("MASQUE_PS", "INVISIBLE_PATIENT"),
    ):
        dmp.feed(stage, person, box, visibility=chosen)


@pytest.mark.scenario("dmp.secret")
def test_a_secret_connection_shows_in_what_is_fed(stage: Stage) -> None:
    """Feed a document of somebody, then, by a secret connection, one of somebody else, hidden from legal representatives."""
    box = stage.mailbox("PER")
    user = dmp.connect(stage)
    ordinary = dmp.holder(stage, "ordinaire", user)
    dmp.secret(stage, ordinary, active=False)
    _, record = dmp.feed(stage, ordinary, box)
    stage.control("document-fed", record)
    discreet = dmp.holder(stage, "discrete", user)
    dmp.secret(stage, discreet, active=True)
    dmp.feed(stage, discreet, box, visibility=("INVISIBLE_REPRESENTANTS_LEGAUX",))


@pytest.mark.scenario("dmp.opposition")
def test_nothing_is_fed_about_who_objects_or_has_no_record(stage: Stage) -> None:
    """Beside a person whose document is fed, validate one for who objects, whose record is closed, who has none.

    The document of a willing person validated last proves that those before it had time to leave.
    """
    box = stage.mailbox("PER")
    user = dmp.connect(stage)
    opposed = dmp.holder(stage, "opposition", user)
    stage.oppose(opposed, "dmp")
    without = [(opposed, "opposition")]
    without += [(dmp.holder(stage, state, user, state=state), state) for state in ("closed", "absent")]
    without += [(dmp.holder(stage, "recuperee", user, status="recuperee"), "status recuperee")]
    for person, why in without:
        dmp.expect_no(stage, "feeding", person, why)
        dmp.validate(stage, person, box)
    willing = dmp.holder(stage, "accord", user)
    _, record = dmp.feed(stage, willing, box)
    stage.control("document-fed", record)


@pytest.mark.scenario("dmp.outage")
def test_documents_wait_for_the_dmp_to_come_back(stage: Stage) -> None:
    """The DMP goes down; two documents are validated; it comes back: each is fed once."""
    box = stage.mailbox("PER")
    user = dmp.connect(stage)
    person = dmp.holder(stage, "usager", user)
    dmp.listen(stage, active=False)
    try:
        for _ in range(2):
            dmp.feed(stage, person, box, wait=False)
    finally:
        before = stage.now()
        dmp.listen(stage, active=True)
    record = stage.await_record("dmp.submission", person.ins, after=before)
    stage.control("document-fed", record)


@pytest.mark.scenario("dmp.lost-answer")
def test_a_document_whose_answer_was_lost_is_there_once(stage: Stage) -> None:
    """The DMP takes a document and its answer is lost; then it is busy; then all goes well: the document is there once."""
    box = stage.mailbox("PER")
    user = dmp.connect(stage)
    person = dmp.holder(stage, "usager", user)
    other = dmp.holder(stage, "autre", user)
    stage.act(dmp.SERVICE, "fault", fault="lost-answer", kind="TD2.1", times=1)
    dmp.feed(stage, person, box)
    stage.act(dmp.SERVICE, "fault", fault="refuses", value="XDSRegistryBusy", times=1)
    _, record = dmp.feed(stage, other, box)
    stage.control("document-fed", record)


@pytest.mark.scenario("dmp.replace")
def test_a_corrected_document_replaces_the_former(stage: Stage) -> None:
    """Feed a document, then its corrected version."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage))
    first, _ = dmp.feed(stage, person, box)
    dmp.feed(stage, person, box, replaces=first)


@pytest.mark.scenario("dmp.delete")
def test_a_document_fed_by_mistake_is_deleted(stage: Stage) -> None:
    """Feed a document, then delete it from the DMP; no authorisation is asked for on the way."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage))
    dmp.expect_no(stage, "authorisation", person, "deletion")
    id, record = dmp.feed(stage, person, box)
    stage.control("document-fed", record)
    dmp.update(stage, person, ops.DeleteFromDmp(id), "deleted")


@pytest.mark.scenario("dmp.change-visibility")
def test_the_visibility_of_a_fed_document_changes(stage: Stage) -> None:
    """Feed a document, hide it from professionals, show it again."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage))
    id, _ = dmp.feed(stage, person, box)
    dmp.update(stage, person, ops.SetDmpVisibility(id, ("MASQUE_PS",)), "visibility", ("MASQUE_PS",))


@pytest.mark.scenario("dmp.feed-chosen")
def test_documents_of_the_past_are_fed_as_they_are_chosen(stage: Stage) -> None:
    """Two documents are validated while the person has no record; it opens, and one of them is fed by hand.

    The same is tried for a person whose INS is not qualified.
    """
    box = stage.mailbox("PER")
    user = dmp.connect(stage)
    other = dmp.holder(stage, "recuperee", user, status="recuperee")
    dmp.expect_no(stage, "feeding", other, "status recuperee")
    stage.attempt(ops.FeedToDmp(dmp.validate(stage, other, box)))
    person = dmp.holder(stage, "usager", user, state="absent")
    before = stage.now()
    dmp.validate(stage, person, box)
    chosen = dmp.validate(stage, person, box, type_code=CHOSEN)
    for _ in range(2):
        stage.await_record("dmp.test", person.ins, after=before)
    dmp.opened(stage, person)
    stage.control("document-fed", dmp.feed_by_hand(stage, person, chosen, CHOSEN))


@pytest.mark.scenario("dmp.history-gone-author")
def test_the_structure_answers_for_an_author_who_left(stage: Stage) -> None:
    """Feed a document of two hundred days ago whose author is in the RPPS no more."""
    box = stage.mailbox("PER")
    person = dmp.holder(stage, "usager", dmp.connect(stage))
    dmp.feed(stage, person, box, days_ago=200, author=stage.correspondent("ancien"))
