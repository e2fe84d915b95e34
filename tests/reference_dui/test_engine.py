"""The mail engine: what it understands of an operator, what it offers in TLS, how it keeps its tokens."""

import json
import socket
import ssl

import pytest
from conformance._bundled.reference_dui import smtp
from conformance._bundled.reference_dui.autoconfig import Server, location, servers_of
from conformance._bundled.reference_dui.box import Box
from conformance._bundled.reference_dui.faults import MailFault
from conformance._bundled.reference_dui.sins import Sins
from conformance._bundled.reference_dui.tls import SUITES, mail_context
from conformance._bundled.reference_dui.tokens import Tokens
from conformance._bundled.reference_dui.web_client import call

from tests.reference_dui.stub import CA, PSC

DOCUMENT = """<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="dui.test"><domain>dui.test</domain>
<incomingServer type="pop3"><hostname>pop.dui.test</hostname><port>110</port><socketType>STARTTLS</socketType></incomingServer>
<incomingServer type="imap"><hostname>app.dui.test</hostname><port>2143</port><socketType>STARTTLS</socketType>
<username>%EMAILADDRESS%</username><authentication>TLS-client-cert</authentication></incomingServer>
<incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>1143</port><socketType>STARTTLS</socketType>
<authentication>OAuth2</authentication></incomingServer>
<outgoingServer type="smtp"><hostname>smtp.dui.test</hostname><port>1587</port><socketType>STARTTLS</socketType>
<authentication>OAuth2</authentication><authentication>TLS-client-cert</authentication></outgoingServer>
</emailProvider></clientConfig>"""


def test_the_servers_that_fit_the_mailbox_are_chosen():
    personal = servers_of(DOCUMENT.encode(), "camille@dui.test", "PER")
    assert (personal.imap.host, personal.imap.port) == ("imap.dui.test", 1143)
    application = servers_of(DOCUMENT.encode(), "app@dui.test", "APP")
    assert (application.imap.host, application.imap.port) == ("app.dui.test", 2143)
    assert application.smtp.authentication == "TLS-client-cert"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<html/>",
        "<clientConfig/>",
        DOCUMENT.replace("STARTTLS", "plain"),
        DOCUMENT.replace("1587", "99999"),
        '<!DOCTYPE a [<!ENTITY b "c">]><clientConfig>&b;</clientConfig>',
        "<clientConfig>" + " " * 70_000 + "</clientConfig>",
    ],
)
def test_a_document_that_announces_nothing_usable_is_refused(content):
    with pytest.raises(MailFault):
        servers_of(content.encode(), "camille@dui.test", "PER")


def test_a_document_in_utf_16_hides_no_doctype():
    content = '<!DOCTYPE a [<!ENTITY b "c">]><clientConfig>&b;</clientConfig>'.encode("utf-16")
    with pytest.raises(MailFault):
        servers_of(content, "camille@dui.test", "PER")


def test_the_document_is_where_the_referential_says_unless_told():
    assert location("dui.test", "") == "https://autoconfig.dui.test/mail/config-v1.1.xml"
    assert location("dui.test", "https://127.0.0.1:1/") == "https://127.0.0.1:1/mail/config-v1.1.xml"
    assert location("dui.test", "https://127.0.0.1:1/a.xml") == "https://127.0.0.1:1/a.xml"


def test_only_https_is_asked():
    with pytest.raises(MailFault):
        call("GET", "http://127.0.0.1/", CA)


@pytest.fixture
def authority(monkeypatch):
    """Trust anchors are not under test here."""
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *_, **__: None)


@pytest.mark.usefixtures("authority")
def test_tls_is_1_2_with_four_suites_and_verified_names():
    context = mail_context(Sins(), CA)
    assert context.minimum_version == context.maximum_version == ssl.TLSVersion.TLSv1_2
    below = [c["name"] for c in context.get_ciphers() if c["protocol"] != "TLSv1.3"]
    assert tuple(below) == SUITES
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("sin", ["negotiates-rsa-key-exchange", "speaks-tls-1-1"])
@pytest.mark.usefixtures("authority")
def test_a_tls_defect_shares_no_suite_with_the_referential(sin):
    context = mail_context(Sins([sin]), CA)
    assert not {c["name"] for c in context.get_ciphers() if c["protocol"] != "TLSv1.3"} & set(SUITES)


def test_the_initial_response_is_that_of_xoauth2():
    assert smtp.xoauth2("a@dui.test", "jeton") == "user=a@dui.test\x01auth=Bearer jeton\x01\x01"


def test_a_server_that_is_not_there_is_a_passing_failure():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    box = Box("a@dui.test", "PER", CA)
    with pytest.raises(MailFault) as caught, smtp.session(box, Server("127.0.0.1", port, "OAuth2"), "t", Sins()):
        pytest.fail("nobody listens there")
    assert caught.value.transient


class Endpoint:
    """A token endpoint; ``status`` and ``answer`` are what it says."""

    def __init__(self):
        self.asked = []
        self.status = 200
        self.answer = {"access_token": "jeton-1", "expires_in": 120, "refresh_token": "suivant"}

    def __call__(self, *_, **options):
        self.asked.append(options)
        return self.status, json.dumps(self.answer).encode()


def test_a_token_is_kept_for_its_life_then_renewed_with_the_newest_refresh_token():
    endpoint, clock = Endpoint(), [0.0]
    tokens = Tokens(Sins(), endpoint, lambda: clock[0])
    tokens.entrust("a@dui.test", "premier")
    assert tokens.access("a@dui.test", PSC, CA) == tokens.access("a@dui.test", PSC, CA) == "jeton-1"
    assert len(endpoint.asked) == 1
    assert endpoint.asked[0]["auth"] == (PSC["client_id"], PSC["client_secret"])
    clock[0] = 116.0
    tokens.access("a@dui.test", PSC, CA)
    assert [a["data"]["refresh_token"] for a in endpoint.asked] == ["premier", "suivant"]


def test_a_forgotten_token_is_asked_again():
    endpoint = Endpoint()
    tokens = Tokens(Sins(), endpoint)
    tokens.entrust("a@dui.test", "premier")
    tokens.access("a@dui.test", PSC, CA)
    tokens.forget("a@dui.test")
    tokens.access("a@dui.test", PSC, CA)
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize(("status", "transient"), [(400, False), (503, True)])
def test_a_refused_token_says_why(status, transient):
    endpoint = Endpoint()
    endpoint.status, endpoint.answer = status, {"error": "invalid_grant"}
    tokens = Tokens(Sins(), endpoint)
    with pytest.raises(MailFault):
        tokens.access("a@dui.test", PSC, CA)
    tokens.entrust("a@dui.test", "premier")
    with pytest.raises(MailFault) as caught:
        tokens.access("a@dui.test", PSC, CA)
    assert (caught.value.values["reason"], caught.value.transient) == ("invalid_grant", transient)
