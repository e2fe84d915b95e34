"""Setting up MSSanté boxes: autoconfiguration, transport, authentication."""

import pytest

from conformance.bench.stage import Stage


@pytest.mark.scenario("mss.configure-box")
def test_a_personal_box_is_set_up_from_its_autoconfiguration(stage: Stage) -> None:
    """Set up a PER box, send one plain message and fetch the mail, so that both protocols are seen."""
    box = stage.mailbox("PER")
    stage.say_hello(box)
    stage.fetch(box, needed=False)


@pytest.mark.scenario("mss.configure-box-app")
def test_an_application_box_is_set_up_with_its_certificate(stage: Stage) -> None:
    """Set up an APP box: client certificate in the TLS handshake, then the box address as login."""
    box = stage.mailbox("APP")
    stage.say_hello(box)
    stage.fetch(box, needed=False)


@pytest.mark.scenario("mss.send-plain")
def test_a_plain_message_reaches_a_colleague(stage: Stage) -> None:
    """Write a message without a document to a professional, and ask for a read receipt."""
    box = stage.mailbox("PER")
    stage.say_hello(box, read_receipt=True)
