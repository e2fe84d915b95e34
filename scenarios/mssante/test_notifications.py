"""Replies, read receipts asked and returned, failed deliveries."""

import pytest

from conformance.bench.stage import Stage
from conformance.drivers import operations as ops


@pytest.mark.scenario("mss.reply")
def test_a_reply_continues_its_thread(stage: Stage) -> None:
    """Deliver a message that answers two others; the product fetches it and answers it."""
    box = stage.mailbox("PER")
    colleague = stage.sender(box, "medecin", "PER")
    thread = (colleague.new_id("first"), colleague.new_id("second"))
    received = stage.made("inbound_mail").words(colleague, "third", references=thread)
    stage.receive(box, received, "reply-wanted", then="shown")
    stage.fetch_all(box, received)
    stage.reply(box, colleague.sender, received.message_id, (*thread, received.message_id))
    stage.look()


@pytest.mark.scenario("mss.return-read-receipt")
def test_a_read_receipt_is_returned(stage: Stage) -> None:
    """Deliver a message that asks for a read receipt; the user opens it and agrees to return the receipt."""
    box = stage.mailbox("PER")
    colleague = stage.sender(box, "medecin", "PER")
    received = stage.made("inbound_mail").words(colleague, "receipt", read_receipt=True)
    stage.receive(box, received, "receipt-asked", then="shown")
    stage.fetch_all(box, received)
    stage.acknowledge(box, colleague.sender, received.message_id)


@pytest.mark.scenario("mss.ask-read-receipt")
def test_a_read_receipt_is_asked_for_a_document(stage: Stage) -> None:
    """Send a validated document by hand and ask for a read receipt."""
    box = stage.mailbox("PER")
    person = stage.person(status="validee")
    document = stage.validate(person, box)
    stage.send_by_hand(person, box, stage.correspondent("medecin"), [document], read_receipt=True)


@pytest.mark.scenario("mss.delivery-failure")
def test_a_failed_delivery_is_told(stage: Stage) -> None:
    """Write to a colleague, then have the operator return the message as undelivered; a further message is refused at once.

    What the product shows and traces of both failures is its own word, for a person to look at.
    """
    box = stage.mailbox("PER")
    colleague = stage.say_hello(box)
    record = stage.await_record("smtp.message", colleague.address)
    operator = stage.sender(box, "operateur")
    sent = str(record["data"]["message_id"]) if record else ""
    failure = stage.made("inbound_mail").delivery_failure(operator, sent, colleague.address)
    stage.receive(box, failure, "delivery-failure", then="shown")
    stage.fetch_all(box, failure)
    nobody = f"personne.ne.repond@{stage.here.domain}"
    stage.attempt(ops.SendMessage(box, (nobody,), "Message fictif vers une boîte qui n'existe pas.", subject="Essai"))
    stage.look()
