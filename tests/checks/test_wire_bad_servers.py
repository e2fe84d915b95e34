"""What is concluded of a product before bad servers, and what is not."""

import pytest

from conformance.checks.subjects.bad_servers import PROTOCOLS
from conformance.core.words import Basis, Level
from tests.checks.journals import BOX, IMAP, PSC, SMTP, Play

DOMAIN = "x.expired.a.mss.test"
BAD = f"dui@{DOMAIN}"
CERTIFICATES = {
    "tls.refuses-expired": ("expired", "certificate_expired"),
    "tls.refuses-revoked": ("revoked", "certificate_revoked"),
    "tls.refuses-unknown-ca": ("unknown-ca", "unknown_ca"),
    "tls.refuses-wrong-name": ("wrong-name", "bad_certificate"),
}
WEAK = {
    "tls.refuses-old-version": "old-version",
    "tls.refuses-weak-suite": "weak-suite",
    "tls.refuses-small-dh": "small-dh",
}


class Field(Play):
    """A play with bad servers."""

    count = 0

    def bad(self, fault):
        return self.bench(
            "expectation", name="bad-server", fault=fault, domain=DOMAIN, address=BAD, kind="PER", marks=(DOMAIN, BAD)
        )

    def good(self, service=SMTP, session="good"):
        prefix = PROTOCOLS[service].lower()
        self.connect(prefix, session=session)
        self.auth(prefix, session=session)
        self.wire(service, f"{prefix}.end", session=session, how="quit")

    def front(self, *, service=SMTP, outcome="failed", alert=None, by="client", login="", how="cut", ended=True):
        """A connection to the bad server; answers the name of its session."""
        self.count += 1
        session, prefix = f"bad{self.count}", PROTOCOLS[service].lower()
        self.wire(service, f"{prefix}.connection", session=session, peer="p", fault="f", domain=DOMAIN, marks=(DOMAIN,))
        self.wire(
            service, "tls.handshake", session=session, outcome=outcome, version="TLSv1.2", suite="0xC030",
            suite_name="S", alert=alert, alert_by=by if alert else None, client_certificate=None, reason=None,
        )  # fmt: skip
        if login:
            self.auth(prefix, user=BAD, outcome=login, session=session)
        if ended:
            self.wire(service, f"{prefix}.end", session=session, how=how)
        return session

    def switched(self, active):
        return self.wire("mssante.faults", "fault.switched", fault="f", domain=DOMAIN, active=active, marks=(DOMAIN,))


@pytest.fixture
def play(tmp_path):
    return Field(tmp_path)


@pytest.mark.parametrize(("check", "fault", "alert"), [(c, *v) for c, v in CERTIFICATES.items()])
def test_the_exact_alert_beside_a_control_is_a_refusal(play, check, fault, alert):
    play.good()
    play.bad(fault)
    play.front(alert=alert)
    (subject,) = play.subjects(check)
    assert (subject.fault, subject.protocol) == (fault, "SMTP")
    assert [f.level for f in play.findings(check)] in ([], [Level.INFO])


@pytest.mark.parametrize(("check", "fault", "alert"), [(c, *v) for c, v in CERTIFICATES.items()])
def test_a_login_is_trust_even_when_it_is_refused(play, check, fault, alert):
    assert alert
    play.good()
    play.bad(fault)
    play.front(outcome="ok", login="refused")
    assert play.codes(check) == ["tls.refuses.trusted"]


@pytest.mark.parametrize("check", CERTIFICATES)
def test_leaving_after_the_handshake_without_a_credential_is_a_refusal(play, check):
    play.good()
    play.bad(CERTIFICATES[check][0])
    play.front(outcome="ok", how="quit")
    assert len(play.subjects(check)) == 1
    assert play.findings(check) == []


@pytest.mark.parametrize("check", [*CERTIFICATES, *WEAK])
def test_without_a_control_nothing_is_concluded(play, check):
    play.bad(CERTIFICATES[check][0] if check in CERTIFICATES else WEAK[check])
    play.front(alert="certificate_expired")
    play.good(IMAP)  # of another protocol
    assert play.subjects(check) == []


@pytest.mark.parametrize("check", [*CERTIFICATES, *WEAK])
def test_a_server_that_was_not_met_proves_nothing(play, check):
    play.good()
    play.bad(CERTIFICATES[check][0] if check in CERTIFICATES else WEAK[check])
    assert play.subjects(check) == []


def test_a_connection_whose_end_is_not_seen_proves_nothing(play):
    play.good()
    play.bad("expired")
    play.front(outcome="ok", ended=False)
    assert play.subjects("tls.refuses-expired") == []


@pytest.mark.parametrize(("alert", "by"), [("handshake_failure", "server"), ("protocol_version", "client")])
def test_an_alert_that_says_something_else_calls_for_a_person(play, alert, by):
    play.good()
    play.bad("expired")
    play.front(alert=alert, by=by)
    (found,) = play.findings("tls.refuses-expired")
    assert found.code == "tls.refuses.other-alert"
    assert found.basis is Basis.HYPOTHESIS
    assert play.codes("tls.refuses-expired") == []


@pytest.mark.parametrize("alert", ["certificate_unknown", None, "close_notify"])
def test_a_generic_alert_or_a_plain_close_is_told_and_accepted(play, alert):
    play.good()
    play.bad("expired")
    play.front(alert=alert)
    (found,) = play.findings("tls.refuses-expired")
    assert (found.code, found.level) == ("tls.refuses.inexact", Level.INFO)
    assert play.codes("tls.refuses-expired", levels=(Level.INFO,)) == ["tls.refuses.inexact"]


@pytest.mark.parametrize(("check", "fault"), WEAK.items())
def test_weak_cryptography_is_refused_by_either_end(play, check, fault):
    play.good()
    play.bad(fault)
    play.front(alert="handshake_failure", by="server")
    assert len(play.subjects(check)) == 1
    assert play.findings(check) == []


@pytest.mark.parametrize(("check", "fault"), WEAK.items())
def test_a_handshake_completed_on_weak_cryptography_is_a_fault(play, check, fault):
    play.good()
    play.bad(fault)
    play.front(outcome="ok", how="quit")
    assert play.codes(check) == ["tls.refuses.agreed"]


def test_each_protocol_is_judged_apart(play):
    play.good()
    play.good(IMAP, "good-imap")
    play.bad("expired")
    play.front(alert="certificate_expired")
    play.front(service=IMAP, outcome="ok", login="ok")
    assert [s.protocol for s in play.subjects("tls.refuses-expired")] == ["SMTP", "IMAP"]
    assert play.codes("tls.refuses-expired") == ["tls.refuses.trusted"]


def test_a_session_closed_by_the_operator_must_come_back(play):
    play.bad("closes")
    play.front(outcome="ok", login="ok", how="closed")
    assert play.codes("session.reopens-after-close") == ["session.reopens-after-close.never"]


def test_a_session_that_came_back_in_the_same_protocol_conforms(play):
    play.bad("closes")
    play.front(outcome="ok", login="ok", how="closed")
    play.front(outcome="ok", login="ok", how="quit")
    assert len(play.subjects("session.reopens-after-close")) == 1
    assert play.codes("session.reopens-after-close") == []


def test_a_login_in_another_protocol_is_not_the_session_come_back(play):
    play.bad("closes")
    play.front(outcome="ok", login="ok", how="closed")
    play.front(service=IMAP, outcome="ok", login="ok", how="logout")
    assert play.codes("session.reopens-after-close") == ["session.reopens-after-close.never"]


def test_a_session_that_the_product_ended_is_not_judged(play):
    play.bad("closes")
    play.front(outcome="ok", login="ok", how="quit")
    assert play.subjects("session.reopens-after-close") == []


def ended_login(play, *, told=True, left_open=False):
    play.connect("imap", session="i1")
    play.auth("imap", session="i1")
    if not left_open:
        play.wire(IMAP, "imap.end", session="i1", how="logout")
    play.wire(PSC, "psc.login-ended", subject="8", mailbox=BOX, marks=(BOX,))
    if told:
        play.token(outcome="refused", error="invalid_grant")


def test_a_session_left_open_after_the_login_is_a_fault(play):
    ended_login(play, left_open=True)
    assert play.codes("session.closes-when-login-dies") == ["session.closes-when-login-dies.open"]


def test_sessions_that_ended_conform(play):
    ended_login(play)
    assert len(play.subjects("session.closes-when-login-dies")) == 1
    assert play.codes("session.closes-when-login-dies") == []


@pytest.mark.parametrize("left_open", [True, False])
def test_a_product_that_was_told_nothing_is_not_judged(play, left_open):
    ended_login(play, told=False, left_open=left_open)
    assert play.subjects("session.closes-when-login-dies") == []


def trouble(play, *, meanwhile, sender=BOX):
    play.bad("cut")
    play.bench("expectation", name="meanwhile", domain=DOMAIN, to="d@pro.test", marks=("d@pro.test",))
    play.switched(active=True)
    play.front(outcome="ok", login="ok", how="closed")
    if meanwhile:
        play.message(b"Subject: x\r\n\r\n", "d@pro.test", mail_from=sender, session="good")
    play.switched(active=False)
    if not meanwhile:
        play.message(b"Subject: x\r\n\r\n", "d@pro.test", mail_from=sender, session="good")


def test_a_document_that_leaves_meanwhile_conforms(play):
    trouble(play, meanwhile=True)
    assert len(play.subjects("session.errors-isolated")) == 1
    assert play.codes("session.errors-isolated") == []


@pytest.mark.parametrize(("meanwhile", "sender"), [(False, BOX), (True, BAD)])
def test_a_document_that_leaves_later_or_from_the_failing_box_does_not(play, meanwhile, sender):
    trouble(play, meanwhile=meanwhile, sender=sender)
    assert play.codes("session.errors-isolated") == ["session.errors-isolated.disturbed"]


def kept(play, *, fetched=True, login="ok"):
    play.bad("crl-unavailable")
    if fetched:
        play.wire("pki", "pki.crl", domain=DOMAIN, status=200, marks=(DOMAIN,))
    play.switched(active=True)
    play.front(outcome="ok", login=login, how="quit")


def test_a_list_that_is_kept_lets_the_box_open(play):
    kept(play)
    assert len(play.subjects("tls.crl-kept")) == 1
    assert play.codes("tls.crl-kept") == []


def test_a_list_that_is_lost_closes_the_box(play):
    kept(play, login="")
    assert play.codes("tls.crl-kept") == ["tls.crl-kept.lost"]


def test_a_product_that_fetched_no_list_is_not_judged(play):
    kept(play, fetched=False)
    assert play.subjects("tls.crl-kept") == []


@pytest.mark.parametrize(
    ("login", "codes"), [("", []), ("ok", ["tls.refuses.trusted"]), ("refused", ["tls.refuses.trusted"])]
)
def test_a_server_without_starttls_must_see_no_credential(play, login, codes):
    play.good()
    play.bad("no-starttls")
    play.wire(SMTP, "smtp.connection", session="c1", peer="p", fault="f", domain=DOMAIN, marks=(DOMAIN,))
    play.command("EHLO", "dui", tls=False, session="c1")
    if login:
        play.auth(user=BAD, outcome=login, tls=False, session="c1")
    play.wire(SMTP, "smtp.end", session="c1", how="quit")
    assert len(play.subjects("tls.refuses-clear")) == 1
    assert play.codes("tls.refuses-clear") == codes
