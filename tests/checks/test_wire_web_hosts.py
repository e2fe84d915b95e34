"""What is concluded of a product before bad hosts of the web, a broken document, and a server in TLS 1.3 only."""

import pytest

from conformance.core.words import Level
from tests.checks.journals import AUTOCONFIG, BOX, IMAP, PSC, SMTP, Play

DOMAIN = "x.web-expired.a.mss.test"
HOSTS = {
    "tls.refuses-configuration-host": ("web-expired", AUTOCONFIG, "autoconfig.request"),
    "tls.refuses-identity-provider": ("psc-expired", PSC, "psc.token"),
}


class Web(Play):
    """A play with hosts of the web."""

    def bad(self, fault):
        self.bench(
            "expectation", name="bad-server", fault=fault, domain=DOMAIN, address=f"dui@{DOMAIN}", kind="PER",
            marks=(DOMAIN,),
        )  # fmt: skip

    def tls(self, service, outcome, alert=None):
        self.wire(
            service, "tls.handshake", session="w1", outcome=outcome, alert=alert, alert_by="client" if alert else None,
            fault="f", domain=DOMAIN, marks=(DOMAIN,),
        )  # fmt: skip

    def switched(self, active):
        self.wire("mssante.faults", "fault.switched", fault="f", domain=DOMAIN, active=active, marks=(DOMAIN,))

    def login(self, service, outcome="ok"):
        prefix = {SMTP: "smtp", IMAP: "imap"}[service]
        session = f"{prefix}-{len(list(self.evidence.records))}"
        self.wire(service, f"{prefix}.connection", session=session, peer="p", domain=DOMAIN, fault="f", marks=(DOMAIN,))
        self.handshake("TLSv1.3", service=service, session=session)
        self.auth(prefix, user=f"dui@{DOMAIN}", outcome=outcome, session=session)


@pytest.fixture
def play(tmp_path):
    play = Web(tmp_path)
    play.autoconfig()
    play.token()
    return play


@pytest.mark.parametrize(("check", "fault", "service"), [(c, f, s) for c, (f, s, _) in HOSTS.items()])
def test_a_host_left_at_its_certificate_is_refused(play, check, fault, service):
    play.bad(fault)
    play.tls(service, "failed", "certificate_expired")
    assert play.findings(check) == []
    assert len(play.subjects(check)) == 1


@pytest.mark.parametrize(("check", "fault", "service", "kind"), [(c, *v) for c, v in HOSTS.items()])
def test_a_request_is_trust(play, check, fault, service, kind):
    play.bad(fault)
    play.tls(service, "ok")
    play.wire(service, kind, session="w1", status=200, outcome="refused", path="/")
    assert play.codes(check) == ["tls.refuses.trusted"]


@pytest.mark.parametrize("check", HOSTS)
def test_an_alert_of_another_kind_leaves_a_doubt(play, check):
    fault, service, _ = HOSTS[check]
    play.bad(fault)
    play.tls(service, "failed", "internal_error")
    assert play.codes(check, levels=[Level.WARNING]) == ["tls.refuses.other-alert"]


@pytest.mark.parametrize("check", HOSTS)
def test_without_a_good_host_nothing_is_concluded(tmp_path, check):
    play = Web(tmp_path)
    fault, service, _ = HOSTS[check]
    play.bad(fault)
    play.tls(service, "failed", "certificate_expired")
    assert play.subjects(check) == []


def broken(play, *, early=False, late=(SMTP, IMAP)):
    play.bad("malformed-autoconfig")
    play.switched(active=True)
    play.wire(AUTOCONFIG, "autoconfig.request", status=200, path="/", domain=DOMAIN, fault="f", marks=(DOMAIN,))
    if early:
        play.login(IMAP, "refused")
    play.switched(active=False)
    for service in late:
        play.login(service)
    return play.codes("autoconfig.broken-refused")


def test_a_document_that_is_mended_is_read_again(play):
    assert broken(play) == []


def test_a_login_on_guessed_servers_is_a_fault(play):
    assert broken(play, early=True) == ["autoconfig.broken-refused.used"]


def test_a_box_that_stays_closed_after_the_mending_is_a_fault(play):
    assert broken(play, late=(SMTP,)) == ["autoconfig.broken-refused.stuck"]


@pytest.mark.parametrize(("outcome", "codes"), [("ok", []), ("refused", ["tls.opens-1-3.never"])])
def test_a_server_in_tls_1_3_only_is_met(play, outcome, codes):
    play.connect(session="good")
    play.auth(user=BOX, session="good")
    play.bad("only-tls-1-3")
    play.login(SMTP, outcome)
    assert play.codes("tls.opens-1-3") == codes
