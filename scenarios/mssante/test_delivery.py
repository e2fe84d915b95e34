"""Messages that the operator delays, refuses or loses on the way, and what is asked again of it afterwards."""

import pytest

from conformance.bench.stage import Stage
from conformance.drivers import operations as ops


@pytest.mark.scenario("mss.delayed-delivery")
def test_a_message_that_is_put_off_arrives_later_and_once(stage: Stage) -> None:
    """Write to two colleagues, of whom the operator puts one off; then have a message cut before it is accepted."""
    box = stage.mailbox("PER")
    stage.write(box, stage.troubled("greylisted"), stage.correspondent("temoin").address)
    cutting = stage.bad_server("cuts-data", active=False)
    stage.switch(cutting, active=True)
    stage.write(cutting, stage.correspondent("coupe").address)


@pytest.mark.scenario("mss.full-mailbox")
def test_a_message_waits_for_room(stage: Stage) -> None:
    """Write to a colleague whose mailbox is full, then make room: the message arrives with nothing more asked."""
    stage.mailbox("PER")
    box = stage.bad_server("full", active=False)
    colleague = stage.correspondent("collegue")
    text = "Message fictif d'essai de conformité."
    stage.expect_message(box, colleague.address, text=text)
    stage.switch(box, active=True)
    before = stage.now()
    stage.attempt(ops.SendMessage(box, (colleague.address,), text, subject="Essai"))
    stage.await_record("smtp.command", colleague.address, after=before)
    stage.switch(box, active=False)
    stage.await_record("smtp.message", colleague.address, after=before)


@pytest.mark.scenario("mss.slow-operator")
def test_a_slow_operator_is_waited_for(stage: Stage) -> None:
    """Write through an operator that takes two seconds for each reply."""
    stage.mailbox("PER")
    box = stage.bad_server("slow", active=False)
    stage.switch(box, active=True)
    stage.write(box, stage.correspondent("collegue").address)
    stage.switch(box, active=False)


@pytest.mark.scenario("mss.refused-delivery")
def test_a_refused_message_is_told_and_left(stage: Stage) -> None:
    """Write to a colleague and to a mailbox over its quota, then a message that the operator refuses whole.

    What the product shows and traces of both refusals is its own word, for a person to look at.
    """
    box = stage.mailbox("PER")
    colleague, quota = stage.correspondent("collegue").address, stage.troubled("over-quota", "quota")
    stage.expect_message(box, colleague, text="Message fictif d'essai de conformité.")
    stage.write(box, quota, colleague, reachable=False)
    stage.await_record("smtp.message", colleague)
    refused = stage.troubled("refuses-message", "refus")
    stage.expect("refused-message", marks=(refused,), to=refused, mailbox=box)
    stage.write(box, refused, reachable=False)
    stage.await_record("smtp.command", refused)
    stage.look()


@pytest.mark.scenario("mss.token-renewed")
def test_a_token_that_has_expired_is_renewed(stage: Stage) -> None:
    """The operator says of the product's token that it has expired, in both protocols: another one is asked for."""
    stage.mailbox("PER")
    box = stage.bad_server("expired-token", active=False)
    stage.switch(box, active=True)
    stage.write(box, stage.correspondent("collegue").address)
    stage.attempt(ops.FetchMail(box))


@pytest.mark.scenario("mss.broken-autoconfiguration")
def test_a_broken_document_configures_nothing(stage: Stage) -> None:
    """Set up a box whose document is missing, then one whose document is broken; set up again once it is mended."""
    stage.mailbox("PER")
    for fault in ("no-autoconfig", "malformed-autoconfig"):
        stage.bad_server(fault, again=True)


@pytest.mark.scenario("mss.modern-server")
def test_an_operator_in_tls_1_3_only_is_met(stage: Stage) -> None:
    """Set up a box on an operator that speaks TLS 1.3 and nothing else."""
    stage.mailbox("PER")
    stage.bad_server("only-tls-1-3")


@pytest.mark.scenario("mss.untrusted-web")
def test_web_hosts_that_cannot_be_trusted_are_left(stage: Stage) -> None:
    """Set up a box, then others whose configuration, or whose Pro Santé Connect, has a certificate wrong in one way."""
    stage.mailbox("PER")
    for fault in ("expired", "revoked", "unknown-ca", "wrong-name"):
        stage.bad_server(f"web-{fault}")
        stage.bad_server(f"psc-{fault}")


@pytest.mark.scenario("mss.two-boxes")
def test_two_boxes_are_in_service_at_once(stage: Stage) -> None:
    """Set up two boxes, then write from and read each of them."""
    boxes = [stage.mailbox("PER"), stage.mailbox("ORG")]
    stage.expect("boxes-in-service", boxes=boxes)
    for number, box in enumerate(boxes):
        stage.write(box, stage.correspondent(f"collegue-{number}").address)
        stage.attempt(ops.FetchMail(box))
