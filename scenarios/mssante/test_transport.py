"""Bad servers and failing sessions: each beside the good server of the lane, met in the same window."""

import pytest

from conformance.bench.stage import TITLE, TYPE_CODE, Stage
from conformance.drivers import operations as ops

TEXT = "Message fictif d'essai de conformité."


@pytest.mark.scenario("mss.untrusted-servers")
def test_servers_that_cannot_be_trusted_are_left(stage: Stage) -> None:
    """Set up a box on the good server, then one on each server whose certificate is wrong in one way."""
    stage.mailbox("PER")
    for fault in ("expired", "revoked", "unknown-ca", "commercial-ca", "wrong-name"):
        stage.bad_server(fault)


@pytest.mark.scenario("mss.weak-servers")
def test_servers_with_weak_cryptography_are_left(stage: Stage) -> None:
    """Set up a box on the good server, then one on each server whose TLS is below what MSSanté allows."""
    stage.mailbox("PER")
    for fault in ("old-version", "weak-suite", "small-dh", "small-curve"):
        stage.bad_server(fault)


@pytest.mark.scenario("mss.no-starttls")
def test_a_server_without_starttls_is_left(stage: Stage) -> None:
    """Set up a box on the good server, then one on a server from which somebody took STARTTLS away."""
    stage.mailbox("PER")
    stage.bad_server("no-starttls")


@pytest.mark.scenario("mss.session-closed")
def test_a_session_closed_by_the_operator_is_opened_again(stage: Stage) -> None:
    """The operator closes one SMTP and one IMAP session in their middle; nothing more is asked of the product."""
    box = stage.bad_server("closes", active=False)
    stage.switch(box, active=True)
    colleague = stage.correspondent("collegue")
    stage.attempt(ops.SendMessage(box, (colleague.address,), TEXT, subject="Essai"))
    stage.await_record("smtp.message", colleague.address)
    stage.attempt(ops.FetchMail(box))


@pytest.mark.scenario("mss.login-ended")
def test_sessions_end_with_the_login(stage: Stage) -> None:
    """Read the box, end the Pro Santé Connect login, ask twice to read again: the product learns that it is over."""
    box = stage.mailbox("PER")
    stage.fetch(box, needed=False)
    stage.end_login(box)
    for _ in range(2):
        stage.attempt(ops.FetchMail(box))


@pytest.mark.scenario("mss.mail-failing")
def test_a_failing_mailbox_disturbs_nothing_else(stage: Stage) -> None:
    """While an operator cuts, refuses the login or stays silent, keep a record and validate its document elsewhere."""
    good = stage.mailbox("PER")
    for fault in ("cut", "refuses-login", "silent"):
        failing = stage.bad_server(fault, active=False)
        person = stage.person(fault)
        doctor = stage.correspondent(f"medecin-{fault}", of=person)
        domain = failing.rpartition("@")[2]
        stage.expect("meanwhile", marks=(doctor.address,), domain=domain, to=doctor.address)
        stage.switch(failing, active=True)
        before = stage.now()
        colleague = stage.correspondent(f"collegue-{fault}")
        stage.attempt(ops.SendMessage(failing, (colleague.address,), TEXT, subject="Essai"))
        stage.await_record("smtp.connection", domain, after=before)
        stage.attempt(ops.ValidateDocument(person.key, good, TYPE_CODE, TITLE, TEXT, stage.today))
        stage.await_record("smtp.message", doctor.address, after=before)
        stage.switch(failing, active=False)


@pytest.mark.scenario("mss.crl-unavailable")
def test_a_failing_publication_of_revocations_is_got_through(stage: Stage) -> None:
    """Set up a box, which fetches the revocation list; its publication fails; read the box again."""
    box = stage.bad_server("crl-unavailable", active=False)
    stage.switch(box, active=True)
    stage.attempt(ops.FetchMail(box))
    stage.switch(box, active=False)
