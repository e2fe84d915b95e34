"""Receiving documents by MSSanté."""

import pytest

from conformance.bench.stage import Stage


@pytest.mark.scenario("mss.receive")
def test_a_received_document_is_fetched_and_kept(stage: Stage) -> None:
    """Deliver an N1 document of a person known with a qualified INS; the product fetches and integrates it."""
    box = stage.mailbox("PER")
    person = stage.person()
    delivered = stage.deliver_document(box, person)
    stage.fetch(box)
    stage.await_record("imap.fetch", delivered.message_id)
    stage.look(person)
    stage.open_documents(person, delivered)
    stage.observe("received-list", person=person.birth_name)
    stage.observe("document-readable")


@pytest.mark.scenario("mss.receive-presented")
def test_a_document_keeps_the_style_sheet_of_its_producer(stage: Stage) -> None:
    """Deliver a structured document wrapped in the style sheet of its producer, then read it back from the record."""
    box = stage.mailbox("PER")
    person = stage.person()
    inbound = stage.made("inbound").presented(stage.sender(box), person)
    stage.receive(box, inbound, "presented", then="integrated", person=person)
    stage.fetch_all(box, inbound)
    stage.look(person)
    stage.open_documents(person, inbound)
    stage.observe("style-sheet-kept")
