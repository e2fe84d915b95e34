"""Receiving documents by MSSanté."""

import pytest

from conformance.bench.acts import results
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


@pytest.mark.scenario("mss.abnormal-results")
def test_only_what_the_biologist_calls_abnormal_is_told(stage: Stage) -> None:
    """Two boxes ask to be told of abnormal results by ordinary mail.

    One gets a report whose result, within its bounds, the biologist calls high; the other a report whose result, out of its
    bounds, the biologist calls normal.
    """
    # Values of two decimals: a version in a header of the notice is not taken for one.
    results.connect(stage)
    boxes = {"first": stage.mailbox("PER"), "second": stage.mailbox("PER", user="second")}
    told, silent = (results.follow(stage, box, user) for user, box in boxes.items())
    coded, plain = stage.person("anormal"), stage.person("normal")
    results.report(stage, boxes["first"], coded, told, interpretation="H", value="4.87", abnormal=True)
    stage.control("abnormal-result-told", stage.await_record("notice.received", told))
    results.report(stage, boxes["second"], plain, silent, interpretation="N", value="5.43", abnormal=False)
    stage.observe("abnormal-results", person=coded.birth_name)
