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
