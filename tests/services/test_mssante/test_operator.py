"""Boxes, deliveries and the autoconfiguration document."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance.core.errors import UsageError


def test_addresses_of_the_lane(bench):
    operator = bench.operator
    assert operator.domain == "main.mssante.test"
    assert operator.correspondents_domain == "pro.main.mssante.test"
    assert operator.patients_domain == "patient.main.mssante.test"
    assert operator.smtp[0] == operator.imap[0] == "127.0.0.1"
    assert operator.messages(bench.pro) == ()


def test_delivery_opens_correspondents_and_patients_and_no_one_else(bench):
    bench.operator.deliver(bench.pro.upper(), b"Subject: x\r\n\r\n", what="note")
    assert [m.raw for m in bench.operator.messages(bench.pro)] == [b"Subject: x\r\n\r\n"]
    with pytest.raises(UsageError, match="nobody@main"):
        bench.operator.deliver("nobody@main.mssante.test", b"", what="note")
    with pytest.raises(UsageError, match="elsewhere"):
        bench.operator.add_box("box@elsewhere.test", "PER")
    with pytest.raises(UsageError, match="BOX"):
        bench.operator.add_box("box@main.mssante.test", "BOX")
    assert len(bench.records("mail.delivered")) == 1


def test_autoconfiguration_names_the_ports_and_is_recorded(bench):
    web = bench.web()
    answer = web("GET", "/mail/config-v1.1.xml?emailaddress=a%40main.mssante.test")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    provider = etree.fromstring(answer.content).find("emailProvider")
    assert provider.get("id") == provider.findtext("domain") == "main.mssante.test"
    for tag, kind, address in (
        ("incomingServer", "imap", bench.operator.imap),
        ("outgoingServer", "smtp", bench.operator.smtp),
    ):
        server = provider.find(tag)
        assert server.get("type") == kind
        assert (server.findtext("hostname"), int(server.findtext("port"))) == address
        assert server.findtext("socketType") == "STARTTLS"
        assert server.findtext("username") == "%EMAILADDRESS%"
        assert [a.text for a in server.findall("authentication")] == ["OAuth2", "TLS-client-cert"]
    assert web("HEAD", "/other").status_code == 404
    assert web("POST", "/mail/config-v1.1.xml").status_code == 405
    records = bench.records("autoconfig.request")
    assert [r.service for r in records] == ["mssante.autoconfig"] * 3
    assert records[0].data == {
        "method": "GET",
        "host": "autoconfig.main.mssante.test",
        "path": "/mail/config-v1.1.xml",
        "status": 200,
        "domain": "main.mssante.test",
    }
    assert [(r.data["status"], r.data["domain"]) for r in records[1:]] == [(404, ""), (405, "")]
