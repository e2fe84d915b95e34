"""Sending documents by MSSanté: to professionals, to the person, or to nobody."""

import pytest

from conformance.bench.stage import Stage


@pytest.mark.scenario("mss.send-professional")
def test_a_validated_document_reaches_the_correspondents(stage: Stage) -> None:
    """Validate a document in a record with two correspondents: each receives it without further action."""
    box = stage.mailbox("PER")
    person = stage.person()
    doctor = stage.correspondent("medecin", of=person)
    nurse = stage.correspondent("infirmiere", of=person)
    stage.validate(person, box, to=[doctor, nurse])


@pytest.mark.scenario("mss.send-citizen")
def test_a_validated_document_reaches_the_person(stage: Stage) -> None:
    """Validate a document of a person whose INS is qualified: it goes to their Mon espace santé address."""
    box = stage.mailbox("PER")
    person = stage.person()
    stage.validate(person, box, citizen=True)


@pytest.mark.scenario("mss.send-replacement")
def test_a_corrected_document_says_that_it_replaces(stage: Stage) -> None:
    """Validate a document, then its corrected version: the second message says what it replaces."""
    box = stage.mailbox("PER")
    person = stage.person()
    doctor = stage.correspondent("medecin", of=person)
    first = stage.validate(person, box, to=[doctor])
    stage.validate(person, box, to=[doctor], replaces=first)


@pytest.mark.scenario("mss.opposition-citizen")
def test_opposition_stops_messages_to_the_person(stage: Stage) -> None:
    """Beside a willing person who is reached, an opposed one: their document reaches the doctor, and not them.

    The doctor's message proves on the wire that the document of the opposed person was validated and sent.
    """
    box = stage.mailbox("PER")
    willing = stage.person("accord")
    stage.control("citizen-reachable", stage.validated_and_seen(willing, box, citizen=True))
    opposed = stage.person("opposition")
    doctor = stage.correspondent("medecin", of=opposed)
    stage.oppose(opposed, "mss-citizen")
    stage.expect_nothing(stage.citizen_address(opposed), audience="citizen", why="opposition")
    stage.control("document-sent", stage.validated_and_seen(opposed, box, to=[doctor]))


@pytest.mark.scenario("mss.opposition-professional")
def test_opposition_stops_messages_to_professionals(stage: Stage) -> None:
    """Beside a willing person's doctor who is reached, an opposed person's: the document reaches the person only."""
    box = stage.mailbox("PER")
    willing = stage.person("accord")
    colleague = stage.correspondent("temoin", of=willing)
    stage.control("professional-reachable", stage.validated_and_seen(willing, box, to=[colleague]))
    opposed = stage.person("opposition")
    doctor = stage.correspondent("medecin", of=opposed)
    stage.oppose(opposed, "mss-pro")
    stage.expect_nothing(doctor.address, audience="professional", why="opposition")
    stage.control("document-sent", stage.validated_and_seen(opposed, box, citizen=True))


@pytest.mark.scenario("mss.unqualified-citizen")
def test_no_message_to_a_person_whose_ins_is_not_qualified(stage: Stage) -> None:
    """Beside a qualified control, a document for each lesser status: it reaches the doctor, and not the person."""
    box = stage.mailbox("PER")
    control = stage.person("qualifiee")
    stage.control("citizen-reachable", stage.validated_and_seen(control, box, citizen=True))
    for status in ("recuperee", "validee", "provisoire"):
        person = stage.person(status, status=status)
        doctor = stage.correspondent(f"medecin-{status}", of=person)
        stage.expect_withheld(person)
        stage.expect_nothing(stage.citizen_address(person), audience="citizen", why=f"status {status}")
        stage.control(f"document-sent-{status}", stage.validated_and_seen(person, box, to=[doctor]))


@pytest.mark.scenario("mss.send-unqualified")
def test_a_message_says_that_the_ins_is_not_qualified(stage: Stage) -> None:
    """Validate a document of a person whose INS is not qualified: the message to the professional says so."""
    box = stage.mailbox("PER")
    person = stage.person("validee", status="validee")
    doctor = stage.correspondent("medecin", of=person)
    stage.validate(person, box, to=[doctor])


@pytest.mark.scenario("mss.ten-correspondents")
def test_a_document_reaches_ten_correspondents(stage: Stage) -> None:
    """Enter ten correspondents in a record and validate a document: each of the ten receives it."""
    box = stage.mailbox("PER")
    person = stage.person()
    stage.validate(person, box, to=[stage.correspondent(f"correspondant-{n}", of=person) for n in range(1, 11)])


@pytest.mark.scenario("mss.send-several")
def test_several_documents_travel_in_one_message(stage: Stage) -> None:
    """Validate two documents of different types, then send both by hand in one message."""
    box = stage.mailbox("PER")
    person = stage.person(status="validee")
    documents = [stage.validate(person, box, type_code=code) for code in ("80788-3", "28653-4")]
    stage.send_by_hand(person, box, stage.correspondent("medecin"), documents)


@pytest.mark.scenario("mss.replacement-chain")
def test_each_version_replaces_the_one_before(stage: Stage) -> None:
    """Validate a document and correct it twice: the third version replaces the second, under the same set."""
    box = stage.mailbox("PER")
    person = stage.person()
    doctor = stage.correspondent("medecin", of=person)
    first = stage.validate(person, box, to=[doctor])
    second = stage.validate(person, box, to=[doctor], replaces=first)
    stage.validate(person, box, to=[doctor], replaces=second)


@pytest.mark.scenario("mss.end-exchange")
def test_the_person_is_told_that_no_answer_is_wanted(stage: Stage) -> None:
    """Write twice to a person, wanting no answer, then wanting one: the first message alone says so."""
    box = stage.mailbox("PER")
    person = stage.person()
    stage.observe("choose-person", person=person.birth_name)
    stage.write_to_citizen(person, box, no_reply=True)
    stage.write_to_citizen(person, box, no_reply=False)
