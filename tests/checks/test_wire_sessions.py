"""SMTP, IMAP, autoconfiguration and tokens, from journals played by hand."""

import pytest

from conformance.core.words import Level
from tests.checks.journals import BOX, IMAP, Play

PROTOCOLS = pytest.mark.parametrize("protocol", ["smtp", "imap"])


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


# --- STARTTLS ----------------------------------------------------------------------------------------------------


@PROTOCOLS
def test_a_session_under_tls_has_no_fault(play, protocol):
    play.connect(protocol)
    play.auth(protocol)
    play.command("MAIL" if protocol == "smtp" else "SELECT", protocol=protocol)
    assert len(play.subjects(f"{protocol}.starttls")) == 1
    assert play.codes(f"{protocol}.starttls") == []


@PROTOCOLS
def test_credentials_in_clear_are_a_fault(play, protocol):
    play.connect(protocol, starttls=False)
    play.command("AUTH" if protocol == "smtp" else "AUTHENTICATE", tls=False, protocol=protocol)
    play.auth(protocol, tls=False)
    findings = play.findings(f"{protocol}.starttls")
    assert [f.code for f in findings] == ["starttls.never", "starttls.clear"]


@PROTOCOLS
def test_a_session_that_turns_to_tls_too_late_is_a_fault(play, protocol):
    play.wire(f"mssante.{protocol}", f"{protocol}.connection", session="s1", peer="127.0.0.1:1")
    play.auth(protocol, tls=False)
    play.connect(protocol)
    assert play.codes(f"{protocol}.starttls") == ["starttls.clear"]


def test_a_session_under_tls_without_starttls_is_a_fault(play):
    play.connect(starttls=False)
    play.handshake()
    play.auth()
    assert play.codes("smtp.starttls") == ["starttls.never"]


def test_a_session_begun_in_an_earlier_window_is_judged_by_what_it_shows(play):
    play.command("MAIL", tls=True)
    assert play.codes("smtp.starttls") == []


def test_a_session_that_only_greets_says_nothing(play):
    play.connect()
    play.command("EHLO")
    play.command("QUIT")
    assert play.subjects("smtp.starttls") == []


# --- XOAUTH2 -----------------------------------------------------------------------------------------------------


@PROTOCOLS
@pytest.mark.parametrize("kind", ["PER", "ORG"])
def test_a_box_opened_with_a_token_of_the_bench_has_no_fault(play, protocol, kind):
    play.mailbox(kind)
    token = play.token()
    play.connect(protocol)
    play.auth(protocol)
    (subject,) = play.subjects(f"{protocol}.xoauth2")
    assert token in subject.evidence
    assert play.findings(f"{protocol}.xoauth2") == []


@PROTOCOLS
@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ({"mechanism": "PLAIN"}, "login.mechanism"),
        ({"outcome": "refused"}, "login.refused"),
        ({"token_id": None}, "login.no-token"),
        ({"user": "else@a.mss.test"}, "login.none"),
        (None, "login.none"),
    ],
)
def test_a_box_opened_otherwise_is_a_fault(play, protocol, auth, code):
    play.mailbox("PER")
    if auth is not None:
        play.auth(protocol, **auth)
    assert play.codes(f"{protocol}.xoauth2") == [code]


def test_a_token_issued_before_the_window_is_a_remark(play):
    play.mailbox()
    play.auth(token_id="jti-0")
    assert play.codes("smtp.xoauth2") == []
    assert play.codes("smtp.xoauth2", levels=(Level.INFO,)) == ["login.earlier-token"]


def test_a_refused_login_followed_by_a_good_one_is_no_fault(play):
    play.mailbox()
    play.token()
    play.auth(outcome="refused", token_id=None)
    play.auth()
    assert play.codes("smtp.xoauth2") == []


def test_nothing_is_concluded_from_an_unsettled_window(play):
    play.mailbox()
    play.hinder()
    assert play.subjects("smtp.xoauth2") == []


def test_an_application_box_is_no_matter_of_tokens(play):
    play.mailbox("APP")
    play.auth(mechanism="PLAIN", token_id=None)
    assert play.subjects("smtp.xoauth2") == []


# --- client certificate ------------------------------------------------------------------------------------------


@PROTOCOLS
def test_an_application_box_opened_with_its_certificate_has_no_fault(play, protocol):
    play.mailbox("APP")
    play.connect(protocol, certificate="CN=DUI")
    play.auth(protocol, mechanism="PLAIN", token_id=None)
    assert len(play.subjects(f"{protocol}.client-certificate")) == 1
    assert play.codes(f"{protocol}.client-certificate") == []


@PROTOCOLS
@pytest.mark.parametrize(
    ("certificate", "auth", "codes"),
    [
        (None, {}, ["login.no-certificate"]),
        ("CN=DUI", {"mechanism": "XOAUTH2"}, ["login.mechanism"]),
        ("CN=DUI", {"outcome": "refused"}, ["login.refused"]),
        ("CN=DUI", {"user": "other@a.mss.test"}, ["login.stranger"]),
        ("CN=DUI", None, ["login.none"]),
    ],
)
def test_an_application_box_opened_otherwise_is_a_fault(play, protocol, certificate, auth, codes):
    play.mailbox("APP")
    play.connect(protocol, certificate=certificate)
    if auth is not None:
        play.auth(protocol, **{"mechanism": "PLAIN", "token_id": None, **auth})
    assert play.codes(f"{protocol}.client-certificate") == codes


# --- fetching ----------------------------------------------------------------------------------------------------


def test_a_delivered_message_that_is_fetched_has_no_fault(play):
    play.wire("mssante.delivery", "mail.delivered", mailbox=BOX, message_id="<M1@B.test>", marks=("m1@b.test",))
    fetch = play.wire(IMAP, "imap.fetch", mailbox=BOX, uid=1, message_id="m1@b.test", marks=("m1@b.test",))
    (subject,) = play.subjects("imap.message-fetched")
    assert fetch in subject.evidence
    assert play.codes("imap.message-fetched") == []


def test_a_delivered_message_that_is_left_there_is_a_fault(play):
    play.wire("mssante.delivery", "mail.delivered", mailbox=BOX, message_id="m1@b.test")
    play.wire(IMAP, "imap.fetch", mailbox=BOX, uid=2, message_id="m2@b.test")
    assert play.codes("imap.message-fetched") == ["imap.message-fetched.never"]


# --- autoconfiguration -------------------------------------------------------------------------------------------


def test_a_box_set_up_from_its_document_has_no_fault(play):
    play.mailbox()
    play.autoconfig()
    play.auth("smtp")
    play.auth("imap")
    for check_id in ("autoconfig.fetched", "autoconfig.obeyed"):
        assert len(play.subjects(check_id)) == 1
        assert play.findings(check_id) == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (None, "autoconfig.fetched.never"),
        ({"path": "/.well-known/autoconfig/mail/config-v1.1.xml", "status": 404}, "autoconfig.fetched.not-served"),
        ({"path": "/config.xml"}, "autoconfig.fetched.not-served"),
        ({"host": "mail.a.mss.test"}, "autoconfig.fetched.host"),
        ({"method": "HEAD"}, "autoconfig.fetched.method"),
    ],
)
def test_a_document_not_fetched_as_published_is_a_fault(play, request_, code):
    play.mailbox()
    if request_ is not None:
        play.autoconfig(**request_)
    assert play.codes("autoconfig.fetched") == [code]


@pytest.mark.parametrize("host", ["127.0.0.1:8443", "[::1]:8443", "localhost"])
def test_the_local_address_of_the_bench_is_told_and_accepted(play, host):
    play.mailbox()
    play.autoconfig(host=host)
    assert play.codes("autoconfig.fetched", levels=tuple(Level)) == ["autoconfig.fetched.loopback"]


def test_other_tries_beside_the_published_one_are_no_fault(play):
    play.mailbox()
    play.autoconfig(path="/autodiscover.xml", status=404)
    play.autoconfig(host="AUTOCONFIG.a.mss.test:443")
    assert play.findings("autoconfig.fetched") == []


def test_logins_before_the_document_do_not_show_that_it_is_obeyed(play):
    play.mailbox()
    play.auth("smtp")
    play.auth("imap")
    play.autoconfig()
    assert play.codes("autoconfig.obeyed") == ["autoconfig.obeyed.no-login"] * 2


def test_a_refused_login_does_not_show_that_the_document_is_obeyed(play):
    play.mailbox()
    play.autoconfig()
    play.auth("smtp")
    play.auth("imap", outcome="refused")
    (found,) = play.findings("autoconfig.obeyed")
    assert (found.code, found.values["protocol"]) == ("autoconfig.obeyed.no-login", "IMAP")


def test_without_a_document_nothing_shows_that_it_is_obeyed(play):
    play.mailbox()
    play.auth("smtp")
    play.auth("imap")
    assert play.codes("autoconfig.obeyed") == ["autoconfig.obeyed.no-document"]


# --- tokens ------------------------------------------------------------------------------------------------------


def declare(play, client_id="dui-client"):
    parameters = {"settings": {"psc": {"client_id": client_id}}}
    play.bench("stimulus", operation="configure_mailbox", parameters=parameters)


def test_tokens_granted_to_the_declared_client_have_no_fault(play):
    declare(play)
    play.token()
    play.token(outcome="refused", error="authorization_pending")
    assert len(play.subjects("psc.client")) == 2
    assert play.findings("psc.client") == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"client_id": "someone-else"}, "psc.client.other"),
        ({"client_id": ""}, "psc.client.none"),
        ({"outcome": "refused", "error": "invalid_grant"}, "psc.client.refused"),
    ],
)
def test_other_token_requests_are_faults(play, request_, code):
    declare(play)
    play.token(**request_)
    assert play.codes("psc.client") == [code]


def test_hostile_values_in_records_are_no_crash(play):
    play.mailbox()
    play.autoconfig(host="[", status=200)
    play.hello(suites=["?", None])
    play.auth(user="\ud800".encode("utf-8", "replace").decode())
    play.wire("psc", "psc.token")
    for check_id in ("autoconfig.fetched", "autoconfig.obeyed", "tls.offer", "smtp.xoauth2", "psc.client"):
        assert play.codes(check_id)
