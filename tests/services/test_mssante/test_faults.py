"""Every fault of the operator, met as a product would meet it: through its autoconfiguration document."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from lxml import etree

from conformance.core.errors import UsageError
from conformance.evidence.journal import read_journal
from conformance.services.client import Bench
from conformance.services.mssante.faults import FAULTS, Temper, named_by
from tests.services.test_mssante.conftest import xoauth2

LANE = "main"
SUITES = "ECDHE+AESGCM:DHE+AESGCM"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults") / "evidence"


@pytest.fixture(scope="module")
def host(bench_home: Path, evidence: Path) -> Iterator[Bench]:
    with Bench.start(evidence, bench_home, [LANE]) as bench:
        yield bench


class Client:
    """A client that trusts the bench, at the servers that a document names."""

    def __init__(self, host: Bench, domain: str, url: str, *, ciphers: str = SUITES) -> None:
        self.host, self.domain, self.url = host, domain, url
        self.context = ssl.create_default_context(cadata=host.endpoints.ca_pem)
        self.context.set_ciphers(ciphers)
        self.address = f"dui@{domain}"
        self.refresh = host.mailbox(LANE, self.address, "PER")["refresh_token"]
        with requests.Session() as web:
            web.trust_env = False
            web.verify = str(Path(host.endpoints_file).parent.parent / "pki" / "root.pem")
            self.document = web.get(url, timeout=10)

    def server(self, tag: str) -> tuple[str, int]:
        found = etree.fromstring(self.document.content).find(f"emailProvider/{tag}")
        return found.findtext("hostname"), int(found.findtext("port"))

    def token(self) -> str:
        here = self.host.lane(LANE)
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh}
        with requests.Session() as web:
            web.trust_env = False
            web.verify = str(Path(self.host.endpoints_file).parent.parent / "pki" / "root.pem")
            answer = web.post(here.psc_token_endpoint, data=form, auth=(here.client_id, here.client_secret), timeout=10)
        return str(answer.json()["access_token"])

    def smtp(self) -> smtplib.SMTP:
        smtp = smtplib.SMTP(*self.server("outgoingServer"), local_hostname="dui.test", timeout=10)
        try:
            smtp.starttls(context=self.context)
        except BaseException:
            smtp.close()
            raise
        smtp.ehlo()
        return smtp

    def sender(self, token: str = "") -> tuple[smtplib.SMTP, int]:
        smtp = self.smtp()
        code = smtp.docmd("AUTH", f"XOAUTH2 {xoauth2(self.address, token or self.token())}")[0]
        return smtp, code if code != 334 else smtp.docmd("")[0]

    def imap(self) -> imaplib.IMAP4:
        imap = imaplib.IMAP4(*self.server("incomingServer"), timeout=10)
        try:
            imap.starttls(self.context)
        except BaseException:
            with suppress(OSError):
                imap.shutdown()
            raise
        return imap

    def reader(self) -> imaplib.IMAP4:
        imap = self.imap()
        answer = f"user={self.address}\x01auth=Bearer {self.token()}\x01\x01".encode()
        try:
            imap.authenticate("XOAUTH2", lambda challenge: b"" if challenge else answer)
        except BaseException:
            with suppress(OSError):
                imap.shutdown()
            raise
        return imap


def meet(host: Bench, fault: str, label: str = "", *, active: bool = True, **options: str) -> Client:
    met = host.fault(LANE, fault, label=label, active=active)
    return Client(host, met["domain"], met["autoconfig_url"], **options)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("expired", "expired"),
        ("unknown-ca", "unable to get local issuer|self.signed"),
        ("commercial-ca", "unable to get local issuer|self.signed"),
        ("wrong-name", "mismatch"),
    ],
)
def test_a_bad_certificate_is_wrong_in_one_way(host, fault, reason):
    client = meet(host, fault)
    for connect in (client.smtp, client.imap):
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            connect()


@pytest.mark.parametrize("fault", ["old-version", "weak-suite", "small-dh", "small-curve"])
def test_weak_cryptography_is_refused_by_a_usual_client(host, fault):
    client = meet(host, fault)
    for connect in (client.smtp, client.imap):
        with pytest.raises(ssl.SSLError):
            connect()


@pytest.mark.parametrize(
    ("fault", "ciphers", "agreed"),
    [
        ("old-version", "ALL:@SECLEVEL=0", "TLSv1.1"),
        ("weak-suite", "AES256-SHA", "AES256-SHA"),
        ("small-dh", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", "DHE-RSA-AES128-GCM-SHA256"),
        ("small-curve", "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", "ECDHE-RSA-AES128-GCM-SHA256"),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
def test_weak_cryptography_is_really_offered(host, fault, ciphers, agreed):
    client = meet(host, fault, ciphers=ciphers)
    client.context.minimum_version = ssl.TLSVersion.TLSv1_1
    client.context.maximum_version = ssl.TLSVersion.TLSv1_2
    if fault == "small-curve":
        client.context.set_ecdh_curve("secp224r1")
    smtp = client.smtp()
    assert agreed in (smtp.sock.version(), smtp.sock.cipher()[0])
    smtp.quit()


def test_a_good_server_stands_beside_every_bad_one(host):
    here = host.lane(LANE)
    client = Client(host, here.domain, here.autoconfig_url)
    smtp, code = client.sender()
    assert code == 235
    smtp.quit()
    imap = client.reader()
    assert imap.select()[0] == "OK"
    imap.logout()


def test_a_document_is_missing_or_malformed(host):
    assert meet(host, "no-autoconfig").document.status_code == 404
    malformed = meet(host, "malformed-autoconfig").document
    assert malformed.status_code == 200
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(malformed.content)


def test_a_front_answers_to_its_name_and_is_made_on_demand(host):
    here = host.lane(LANE)
    with requests.Session() as web:
        web.trust_env = False
        web.verify = str(Path(host.endpoints_file).parent.parent / "pki" / "root.pem")
        names = {"Host": f"autoconfig.expired.{here.domain}"}
        document = web.get(here.autoconfig_url, headers=names, timeout=10)
        assert etree.fromstring(document.content).findtext("emailProvider/domain") == f"expired.{here.domain}"
        plain = web.get(here.autoconfig_url, headers={"Host": "autoconfig.unheard.test"}, timeout=10)
        assert etree.fromstring(plain.content).findtext("emailProvider/domain") == here.domain


def test_sessions_are_closed_once_then_go_on(host):
    client = meet(host, "closes")
    smtp, code = client.sender()
    assert code == 235
    assert smtp.docmd("MAIL", f"FROM:<{client.address}>")[0] == 421
    smtp.close()
    smtp, _ = client.sender()
    assert smtp.docmd("MAIL", f"FROM:<{client.address}>")[0] == 250
    smtp.quit()
    imap = client.reader()
    with pytest.raises(imaplib.IMAP4.abort, match="Closing this session"):
        imap.select()
    imap.shutdown()
    imap = client.reader()
    assert imap.select()[0] == "OK"
    imap.logout()


def test_sessions_are_cut(host):
    client = meet(host, "cut")
    smtp, _ = client.sender()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        smtp.docmd("MAIL", f"FROM:<{client.address}>")
    smtp.close()
    imap = client.reader()
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        imap.select()
    imap.shutdown()


def test_logins_are_refused_until_switched_off(host):
    client = meet(host, "refuses-login")
    smtp, code = client.sender()
    assert code == 535
    smtp.close()
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        client.reader()
    host.switch(LANE, client.domain, active=False)
    smtp, code = client.sender()
    assert code == 235
    smtp.quit()


def test_the_first_token_has_expired_and_another_is_taken(host):
    client = meet(host, "expired-token")
    first = client.token()
    for token, code in ((first, 535), (first, 535), (client.token(), 235)):
        smtp, answered = client.sender(token)
        assert answered == code
        smtp.close()


def test_a_silent_server_says_nothing(host):
    client = meet(host, "silent")
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        smtplib.SMTP(*client.server("outgoingServer"), timeout=0.3)
    with pytest.raises((TimeoutError, imaplib.IMAP4.abort)):
        imaplib.IMAP4(*client.server("incomingServer"), timeout=0.3)


@pytest.mark.parametrize(
    ("name", "codes"),
    [("greylisted.a", (451, 250)), ("full.a", (452, 452)), ("over-quota.a", (552, 552)), ("durand", (250, 250))],
)
def test_a_recipient_s_name_chooses_a_fault(host, name, codes):
    here = host.lane(LANE)
    client = Client(host, here.domain, here.autoconfig_url)
    smtp, _ = client.sender()
    smtp.docmd("MAIL", f"FROM:<{client.address}>")
    for code in codes:
        assert smtp.docmd("RCPT", f"TO:<{name}@{here.correspondents_domain}>")[0] == code
    smtp.quit()


def test_a_message_is_refused_at_its_end_and_leaves_no_trace_in_the_box(host, evidence):
    here = host.lane(LANE)
    client = Client(host, here.domain, here.autoconfig_url)
    smtp, _ = client.sender()
    to = f"refuses-message.a@{here.correspondents_domain}"
    with pytest.raises(smtplib.SMTPDataError) as caught:
        smtp.sendmail(client.address, [to], b"Subject: x\r\n\r\nx\r\n")
    assert caught.value.smtp_code == 554
    smtp.close()
    assert not [r for r in read_journal(evidence) if r.kind == "smtp.message" and to in r.marks]


def test_a_mailbox_s_name_chooses_a_fault_of_its_sessions(host):
    here = host.lane(LANE)
    client = Client(host, here.domain, here.autoconfig_url)
    client.address = f"refuses-login.dui@{here.domain}"
    host.mailbox(LANE, client.address, "PER")
    smtp, code = client.sender()
    assert code == 535
    smtp.close()


def test_records_name_the_front_and_bear_its_mark(host, evidence):
    client = meet(host, "expired", "labelled")
    assert client.domain == f"labelled.expired.{host.lane(LANE).domain}"
    with suppress(ssl.SSLError):
        client.smtp()
    assert host.await_record(LANE, "smtp.connection", client.domain, timeout=10)["data"]["fault"] == "expired"
    mine = [r for r in read_journal(evidence) if client.domain in r.marks]
    assert {"fault.switched", "smtp.connection", "autoconfig.request"} <= {r.kind for r in mine}


def test_what_is_not_known_is_a_usage_error(host):
    with pytest.raises(UsageError, match="unheard-of"):
        host.fault(LANE, "unheard-of")
    with pytest.raises(UsageError, match=r"nowhere\.test"):
        host.switch(LANE, "nowhere.test", active=True)
    with pytest.raises(UsageError):
        host.fault(LANE, "expired", label="not/a/label")


def test_every_fault_has_one_way_to_show():
    for name, fault in FAULTS.items():
        certificates = (fault.certificate, fault.web, fault.provider)
        terms = any((fault.tls.lowest, fault.tls.highest, fault.tls.suites))
        wrong = (*(kind != "good" for kind in certificates), terms, fault.document != "good", fault.clear)
        assert sum((*wrong, fault.session, name == "crl-unavailable")) == 1, name
        assert named_by(f"{name}.x@a.test") == (name if fault.session else "")
    assert named_by("durand@a.test") == ""


def test_the_operator_itself_behaves_well():
    temper = Temper()
    assert temper.name is None
    assert not any(temper.shows(name, "durand@a.test", None) for name in FAULTS)
    assert temper.shows("cut", "cut.durand@a.test")
    assert not Temper(FAULTS["cut"], "x.test", active=False).shows("cut")


@pytest.mark.parametrize("kind", ["expired", "unknown-ca", "wrong-name"])
def test_a_host_of_the_web_has_a_bad_certificate(host, kind):
    for fault, member in ((f"web-{kind}", "autoconfig_url"), (f"psc-{kind}", "psc_token_endpoint")):
        met = host.fault(LANE, fault, label="web")
        with requests.Session() as web:
            web.trust_env = False
            web.verify = str(Path(host.endpoints_file).parent.parent / "pki" / "root.pem")
            with pytest.raises(requests.exceptions.SSLError):
                web.get(met[member], timeout=10)


def test_a_bad_pro_sante_connect_says_which_it_is(host, evidence):
    met = host.fault(LANE, "psc-revoked", label="told")
    with requests.Session() as web:
        web.trust_env = False
        web.verify = str(Path(host.endpoints_file).parent.parent / "pki" / "root.pem")
        assert web.post(met["psc_token_endpoint"], timeout=10).status_code in (400, 401)
    mine = [r for r in read_journal(evidence) if met["domain"] in r.marks and r.kind == "tls.handshake"]
    assert [(r.service, r.data["outcome"], r.data["fault"]) for r in mine] == [("psc", "ok", "psc-revoked")]


def test_a_server_in_tls_1_3_only_refuses_an_older_client_by_the_alert_that_says_so(host):
    client = meet(host, "only-tls-1-3")
    client.context.maximum_version = ssl.TLSVersion.TLSv1_2
    for connect in (client.smtp, client.imap):
        with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
            connect()
    client.context.maximum_version = ssl.TLSVersion.TLSv1_3
    sender, code = client.sender()
    assert (sender.sock.version(), code) == ("TLSv1.3", 235)
    sender.close()


def test_a_text_is_cut_once_before_it_is_accepted(host):
    client = meet(host, "cuts-data")
    to = "collegue@pro.main.mssante.test"
    sender, _ = client.sender()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        sender.sendmail(client.address, [to], b"Subject: essai\r\n\r\nun\r\n")
    sender.close()
    sender, _ = client.sender()
    assert sender.sendmail(client.address, [to], b"Subject: essai\r\n\r\ndeux\r\n") == {}
    sender.quit()


def test_a_server_without_starttls_offers_to_authenticate_in_clear(host, evidence):
    client = meet(host, "no-starttls")
    smtp = smtplib.SMTP(*client.server("outgoingServer"), local_hostname="dui.test", timeout=10)
    smtp.ehlo()
    assert not smtp.has_extn("starttls")
    assert smtp.docmd("STARTTLS")[0] == 502
    assert smtp.docmd("AUTH", f"XOAUTH2 {xoauth2(client.address, client.token())}")[0] == 235
    smtp.quit()
    imap = imaplib.IMAP4(*client.server("incomingServer"), timeout=10)
    assert "STARTTLS" not in imap.capabilities
    assert "AUTH=XOAUTH2" in imap.capabilities
    imap.logout()
    seen = [r for r in read_journal(evidence) if r.kind == "smtp.auth" and r.data["user"] == client.address]
    assert [(r.data["outcome"], r.data["tls"]) for r in seen] == [("ok", False)]
