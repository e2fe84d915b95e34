"""Submission, as smtplib and as a hostile client see it."""

from __future__ import annotations

import base64
import smtplib
import ssl
from contextlib import suppress
from dataclasses import replace

import pytest

from conformance.services import certificates
from conformance.services.mssante.limits import MESSAGE, Limits


def test_message_is_sent_with_a_token_and_recorded_before_it_is_accepted(bench):
    with bench.sender() as smtp:
        refused = smtp.sendmail(bench.per, [bench.pro, bench.patient], bench.mail)
    assert refused == {}
    assert [m.raw for m in bench.operator.messages(bench.pro)] == [bench.mail]
    assert [m.message_id for m in bench.operator.messages(bench.patient)] == ["Lettre-1@main.mssante.test"]

    (message,) = bench.records("smtp.message")
    assert message.data == {
        "mail_from": bench.per,
        "rcpt_to": [bench.pro, bench.patient],
        "size": len(bench.mail),
        "reply": 250,
        "message_id": "Lettre-1@main.mssante.test",
        "tls": True,
    }
    assert message.marks == tuple(sorted([bench.pro, bench.patient, "lettre-1@main.mssante.test"]))
    assert bench.journal.store.get(message.blobs["message"]) == bench.mail


def test_session_is_recorded_from_connection_to_end_without_a_gap(bench):
    with bench.sender() as smtp:
        smtp.sendmail(bench.per, [bench.pro], bench.mail)
    bench.awaited("smtp.end")
    records = [r for r in bench.records(*KINDS) if r.service == "mssante.smtp"]
    assert [r.seq for r in records] == list(range(1, len(records) + 1))
    assert len({r.session for r in records}) == 1
    assert {r.provenance for r in records} == {"wire"}
    told = [(r.kind, r.data.get("verb"), r.data.get("reply"), r.data.get("tls")) for r in records]
    assert told == [
        ("smtp.connection", None, None, None),
        ("smtp.command", "EHLO", 250, False),
        ("smtp.command", "STARTTLS", 220, False),
        ("tls.client-hello", None, None, None),
        ("tls.handshake", None, None, None),
        ("smtp.command", "EHLO", 250, True),
        ("smtp.auth", None, None, True),
        ("smtp.command", "AUTH", 235, True),
        ("smtp.command", "MAIL", 250, True),
        ("smtp.command", "RCPT", 250, True),
        ("smtp.command", "DATA", 354, True),
        ("smtp.message", None, 250, True),
        ("smtp.command", "QUIT", 221, True),
        ("smtp.end", None, None, None),
    ]
    by_verb = {r.data["verb"]: r for r in records if r.kind == "smtp.command"}
    assert set(by_verb["RCPT"].data) == {"verb", "argument", "reply", "text", "tls"}
    assert by_verb["RCPT"].marks == (bench.pro,)
    assert by_verb["AUTH"].data["argument"] == "XOAUTH2"
    assert set(records[0].data) == {"peer"}
    assert records[-1].data == {"how": "quit"}


KINDS = (
    "smtp.connection", "smtp.command", "smtp.auth", "smtp.message", "smtp.end", "tls.client-hello", "tls.handshake",
)  # fmt: skip


MAIL_ARGUMENT = "FROM:<jeanne.test@main.mssante.test>"


def test_nothing_but_starttls_is_open_in_clear(bench):
    with bench.smtp(tls=False) as smtp:
        assert "auth" not in smtp.esmtp_features
        assert "starttls" in smtp.esmtp_features
        assert smtp.docmd("AUTH", f"XOAUTH2 {bench.xoauth2(bench.per, 'good')}")[0] == 530
        assert smtp.mail(bench.per)[0] == 530
    refused = [r for r in bench.records("smtp.command") if r.data["reply"] == 530]
    assert [(r.data["verb"], r.data["argument"]) for r in refused] == [("AUTH", "XOAUTH2"), ("MAIL", MAIL_ARGUMENT)]
    assert not bench.records("smtp.auth")


def test_ehlo_must_be_said_again_after_tls(bench):
    smtp = bench.smtp(tls=False)
    smtp.starttls(context=bench.context())
    assert smtp.docmd("AUTH", f"XOAUTH2 {bench.xoauth2(bench.per, 'good')}")[0] == 503
    smtp.ehlo()
    assert smtp.esmtp_features["auth"].split() == ["XOAUTH2", "PLAIN"]
    assert smtp.esmtp_features["size"] == "200000"
    assert smtp.docmd("STARTTLS")[0] == 503
    smtp.quit()


@pytest.mark.parametrize(
    ("user", "token", "reason", "token_id"),
    [
        ("jeanne.test@main.mssante.test", "expired", "expired", "jti-expired"),
        ("jeanne.test@main.mssante.test", "forged", "unknown", None),
        ("jeanne.test@main.mssante.test", "stranger", "not-owner", "jti-stranger"),
        ("personne@main.mssante.test", "good", "unknown-box", "jti-good"),
        ("dui@main.mssante.test", "good", "wrong-kind", "jti-good"),
    ],
)
def test_refused_token_gets_a_json_challenge_then_535(bench, user, token, reason, token_id):
    with bench.smtp() as smtp:
        code, challenge = smtp.docmd("AUTH", f"XOAUTH2 {bench.xoauth2(user, token)}")
        assert code == 334
        assert b'"status"' in base64.b64decode(challenge)
        code, text = smtp.docmd("")
        assert (code, text[:5]) == (535, b"5.7.8")
        assert smtp.mail(bench.per)[0] == 530
    (auth,) = bench.records("smtp.auth")
    assert auth.data == {
        "mechanism": "XOAUTH2",
        "user": user,
        "outcome": "refused",
        "reason": reason,
        "token_id": token_id,
        "tls": True,
    }


def test_token_never_reaches_the_evidence(bench):
    blob = bench.xoauth2(bench.per, "secret-token-of-the-product")
    with bench.smtp() as smtp:
        smtp.docmd("AUTH", f"XOAUTH2 {blob}")
        smtp.docmd("")
        smtp.docmd("AUTH", "GSSAPI")
        smtp.docmd(blob)  # a client that goes on as if it had been asked
    bench.awaited("smtp.end")
    written = b"".join(path.read_bytes() for path in bench.journal.folder.rglob("*.jsonl"))
    assert blob.encode() not in written
    assert b"secret-token" not in written
    assert [r.data["verb"] for r in bench.records("smtp.command")][-2:] == ["?", "QUIT"]


def test_authentication_may_be_asked_without_initial_response_and_cancelled(bench):
    with bench.smtp() as smtp:
        assert smtp.docmd("AUTH", "XOAUTH2") == (334, b"")
        assert smtp.docmd("*")[0] == 501
        assert smtp.docmd("AUTH", "XOAUTH2") == (334, b"")
        assert smtp.docmd("***")[0] == 501
        assert smtp.docmd("AUTH", "XOAUTH2") == (334, b"")
        assert smtp.docmd(bench.xoauth2(bench.org, "stranger"))[0] == 235
        assert smtp.docmd("AUTH", "XOAUTH2")[0] == 503
    assert [r.data["reason"] for r in bench.records("smtp.auth")] == ["cancelled", "malformed", ""]


def test_app_box_opens_with_its_client_certificate(bench):
    with bench.smtp(client="dui-app") as smtp:
        smtp.login(bench.app, "unused")
        assert smtp.sendmail(bench.app, [bench.pro], bench.mail) == {}
    (auth,) = bench.records("smtp.auth")
    assert (auth.data["mechanism"], auth.data["user"], auth.data["outcome"]) == ("PLAIN", bench.app, "ok")
    (handshake,) = bench.records("tls.handshake")
    assert "dui-app" in handshake.data["client_certificate"]


@pytest.mark.parametrize(
    ("client", "user", "reason"),
    [
        (None, "dui@main.mssante.test", "no-client-certificate"),
        ("other-app", "dui@main.mssante.test", "not-owner"),
        ("dui-app", "jeanne.test@main.mssante.test", "wrong-kind"),
        ("dui-app", "personne@main.mssante.test", "unknown-box"),
    ],
)
def test_app_box_stays_closed_otherwise(bench, client, user, reason):
    with bench.smtp(client=client) as smtp, pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
        smtp.login(user, "unused")
    assert refusal.value.smtp_code == 535
    assert bench.records("smtp.auth")[0].data["reason"] == reason


def test_certificate_of_another_authority_ends_the_handshake(bench, tmp_path):
    path = tmp_path / "stranger.pem"
    rogue = bench.pki.stranger()
    leaf = rogue.sign(certificates.organisation("dui-app", "1990000002"), usage=certificates.CLIENT_USAGE)
    path.write_text("".join(leaf), encoding="ascii")
    context = bench.context()
    context.load_cert_chain(path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    smtp = bench.smtp(tls=False)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        smtp.starttls(context=context)
    smtp.close()
    (end,) = bench.awaited("smtp.end")
    assert end.data == {"how": "cut"}
    assert bench.records("tls.handshake")[0].data["outcome"] == "failed"


def test_nothing_is_relayed_and_the_sender_is_the_box(bench):
    with bench.sender() as smtp:
        assert smtp.mail(bench.org)[0] == 553
        assert smtp.mail(bench.per)[0] == 250
        assert smtp.rcpt("someone@mssante.fr") == (550, b"5.7.1 This operator never relays")
        assert smtp.rcpt("someone@other.mssante.test")[0] == 550
        assert smtp.rcpt("nobody@main.mssante.test") == (550, b"5.1.1 No such mailbox")
        assert smtp.docmd("DATA")[0] == 503
    assert not bench.operator.messages("nobody@main.mssante.test")
    assert not bench.records("smtp.message")


def test_receipt_may_have_the_null_sender(bench):
    with bench.sender() as smtp:
        assert smtp.docmd("MAIL", "FROM:<>")[0] == 250
        assert smtp.rcpt(bench.org)[0] == 250
        assert smtp.data(bench.mail)[0] == 250
    assert bench.records("smtp.message")[0].data["mail_from"] == ""


def test_message_over_the_limit_is_refused_when_announced_and_when_sent(bench):
    assert MESSAGE == 26_214_400
    big = b"Subject: x\r\n\r\n" + b"0123456789abcdef\r\n" * 12_000
    with bench.sender() as smtp:
        assert smtp.docmd("MAIL", f"FROM:<{bench.per}> SIZE=200001")[0] == 552
        assert smtp.mail(bench.per)[0] == 250
        assert smtp.rcpt(bench.pro)[0] == 250
        assert smtp.data(big)[0] == 552
        assert smtp.noop()[0] == 250
    assert not bench.records("smtp.message")
    assert bench.operator.messages(bench.pro) == ()
    ends = [r for r in bench.records("smtp.command") if r.data["verb"] == "."]
    assert [r.data["reply"] for r in ends] == [552]


def test_endless_message_is_given_up(bench):
    secured, lines = begin_data(bench)
    with secured, lines, pytest.raises(OSError):
        secured.sendall(b"x" * 50_000_000)
    (end,) = bench.awaited("smtp.end")
    assert end.data == {"how": "cut"}
    assert not bench.records("smtp.message")


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r"])
def test_only_crlf_dot_crlf_ends_a_message(bench, end):
    smuggled = b"MAIL FROM:<" + bench.org.encode() + b">\r\nRCPT TO:<" + bench.pro.encode() + b">\r\n"
    sent = b"Message-ID: <a@main.mssante.test>\r\n\r\nOne" + end + smuggled
    secured, lines = begin_data(bench)
    with secured:
        secured.sendall(sent + b"\r\n.\r\nQUIT\r\n")
        assert lines.readline().startswith(b"250")
        assert lines.readline().startswith(b"221")
        lines.close()
    (message,) = bench.operator.messages(bench.pro)
    assert message.raw.endswith(smuggled + b"\r\n")
    assert len(bench.records("smtp.message")) == 1
    assert [r.data["verb"] for r in bench.records("smtp.command")].count("MAIL") == 1


def begin_data(bench):
    """A TLS connection that is waiting for the text of a message, and its lines."""
    secured, lines = bench.tls_socket(bench.operator.smtp, b"EHLO dui.test\r\n", b"STARTTLS\r\n")
    for command in (
        b"EHLO dui.test",
        b"AUTH XOAUTH2 " + bench.xoauth2(bench.per, "good").encode(),
        b"MAIL FROM:<" + bench.per.encode() + b">",
        b"RCPT TO:<" + bench.pro.encode() + b">",
        b"DATA",
    ):
        secured.sendall(command + b"\r\n")
        while lines.readline()[3:4] == b"-":
            pass
    return secured, lines


def test_commands_sent_in_clear_after_starttls_are_thrown_away(bench):
    raw = bench.plain_socket(bench.operator.smtp)
    lines = raw.makefile("rb")
    lines.readline()
    raw.sendall(b"STARTTLS\r\nEHLO injected.test\r\nNOOP\r\n")
    assert lines.readline().startswith(b"220")
    lines.close()
    with bench.context().wrap_socket(raw, server_hostname="localhost") as secured:
        secured.sendall(b"QUIT\r\n")
        assert secured.recv(100).startswith(b"221")
    bench.awaited("smtp.end")
    assert [r.data["verb"] for r in bench.records("smtp.command")] == ["STARTTLS", "QUIT"]


def test_silent_client_is_sent_away_while_others_work(make_bench):
    bench = make_bench(Limits(idle=1.0))
    with bench.plain_socket(bench.operator.smtp) as silent, silent.makefile("rb") as lines:
        assert lines.readline().startswith(b"220")
        silent.sendall(b"EHLO du")
        bench.smtp().quit()
        assert lines.readline().startswith(b"421")
        assert lines.readline() == b""
    assert sorted(r.data["how"] for r in bench.awaited("smtp.end", 2)) == ["quit", "timeout"]


def test_slow_text_is_sent_away(make_bench):
    bench = make_bench(Limits(transfer=0.3))
    secured, lines = begin_data(bench)
    with secured, lines:
        secured.sendall(b"Subject: slow\r\n")
        assert lines.readline().startswith(b"421")
    assert bench.awaited("smtp.end")[0].data == {"how": "timeout"}


def test_lines_without_end_or_too_long_are_refused(bench):
    with bench.plain_socket(bench.operator.smtp) as raw, raw.makefile("rb") as lines:
        lines.readline()
        raw.sendall(b"NOOP\n")
        assert lines.readline().startswith(b"500 5.5.2")
        raw.sendall(b"NOOP " + b"x" * 20_000 + b"\r\n")
        assert lines.readline().startswith(b"500 5.5.6")
        raw.sendall("EHLO été\r\n".encode())
        assert lines.readline().startswith(b"500 5.5.2")
        raw.sendall(b"x" * 300_000)
        assert lines.readline().startswith(b"500 5.5.6")
    assert bench.awaited("smtp.end")[0].data == {"how": "cut"}


def test_commands_errors_recipients_and_attempts_are_counted(bench):
    with bench.sender() as smtp:
        smtp.mail(bench.per)
        replies = [smtp.rcpt(f"r{i}@pro.main.mssante.test")[0] for i in range(7)]
        assert replies == [250] * 5 + [452] * 2
        assert set(until_sent_away(smtp, "NOOP")) == {250}
    with bench.smtp() as smtp:
        assert until_sent_away(smtp, "VERB") == [500] * 6
    with bench.smtp() as smtp:
        assert until_sent_away(smtp, "AUTH", "PLAIN AGEAYg==") == [535] * 6


def until_sent_away(smtp, verb, argument=""):
    """The replies to the same command, as long as there are any; the farewell (421) may be lost on the way."""
    replies = []
    with suppress(smtplib.SMTPServerDisconnected):
        while len(replies) < 200:
            replies.append(smtp.docmd(verb, argument)[0])
    assert len(replies) < 200
    return [reply for reply in replies if reply != 421]


def test_full_box_and_crowd_are_refused(make_bench):
    bench = make_bench(replace(Limits(), box=len(b"x") + 10, connections=1))
    with bench.sender() as smtp:
        smtp.mail(bench.per)
        smtp.rcpt(bench.pro)
        assert smtp.data(bench.mail)[0] == 452
        with pytest.raises(smtplib.SMTPConnectError) as crowded:
            bench.smtp()
        assert crowded.value.smtp_code == 421


def test_cut_connection_and_stop_are_recorded(bench):
    address = bench.operator.smtp
    with bench.plain_socket(bench.operator.smtp) as raw:
        raw.recv(100)
    assert bench.awaited("smtp.end")[0].data == {"how": "cut"}
    with bench.plain_socket(bench.operator.smtp) as raw:
        raw.recv(100)
        bench.stop()
        assert raw.recv(100).startswith(b"421")
    assert len(bench.records("smtp.end")) == 2
    with pytest.raises(ConnectionRefusedError):
        bench.plain_socket(address)
