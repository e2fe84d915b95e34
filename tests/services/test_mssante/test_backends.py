"""What both backends must do alike: open boxes, deliver, hand over, refuse, and be recorded by the doors."""

from __future__ import annotations

import base64
import imaplib
import smtplib
import socket
import threading

import pytest
from imapclient import IMAPClient

from tests.services.test_mssante.backends import LANE, mail

CONTENT = b"Bonjour\r\n.point\r\n"


def test_a_message_goes_from_box_to_box(played):
    sender, reader = played.box(), played.box("ORG")
    with played.smtp(sender) as smtp:
        smtp.sendmail(sender.address, [reader.address], mail("aller-1@test"))
    (sent,) = played.records("smtp.message", "aller-1@test")
    assert (sent.data["mail_from"], sent.data["rcpt_to"], sent.data["reply"]) == (sender.address, [reader.address], 250)
    imap = played.imap(reader)
    assert imap.select()[1] == [b"1"]
    content = imap.fetch("1", "(BODY[])")[1][0][1]
    imap.logout()
    assert content.endswith(CONTENT)
    (fetched,) = played.awaited("imap.fetch", "aller-1@test")
    assert (fetched.data["mailbox"], fetched.data["uid"]) == (reader.address, 1)
    (logout,) = [r for r in played.awaited("imap.end") if r.session == fetched.session]
    assert logout.data["how"] == "logout"


def test_several_recipients_and_two_messages_in_one_session(played):
    sender, first, second = played.box(), played.box(), played.box("APP")
    with played.smtp(sender) as smtp:
        smtp.sendmail(sender.address, [first.address, second.address], mail("deux-1@test"))
        smtp.docmd("RSET")
        smtp.sendmail(sender.address, [second.address], mail("deux-2@test"))
    counts = []
    for box in (first, second):
        imap = played.imap(box)
        counts.append(int(imap.select()[1][0]))
        imap.logout()
    assert counts == [1, 2]


def test_an_app_box_opens_by_its_certificate_alone(played):
    app, person = played.box("APP"), played.box()
    other = played.box("APP")
    person.certificate, person.key = app.certificate, app.key
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        played.imap(person)
    app.certificate, app.key = other.certificate, other.key
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        played.imap(app)
    assert played.records("imap.auth", user=app.address, outcome="refused", reason="not-owner")


@pytest.mark.parametrize("token", ["", "forged", "e30.e30.e30"])
def test_a_bad_token_opens_nothing(played, token):
    box = played.box()
    box.token = token or box.token[:-6] + "AAAAAA"
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        played.imap(box)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        played.smtp(box)
    assert played.records("smtp.auth", user=box.address, outcome="refused")


def test_nobody_writes_to_strangers_or_in_another_s_name(played):
    sender, other = played.box(), played.box()
    with played.smtp(sender) as smtp:
        assert smtp.mail(other.address)[0] == 553
        assert smtp.mail(sender.address)[0] == 250
        assert smtp.rcpt("x@elsewhere.test")[0] == 550
        assert smtp.rcpt(f"nobody@{played.here.domain}")[0] == 550
        assert smtp.rcpt(other.address)[0] == 250


def test_a_message_over_the_limit_is_refused_alike(played):
    sender, reader = played.box(), played.box()
    huge = mail("gros-1@test") + (b"x" * 998 + b"\r\n") * (26 * 1024 * 1024 // 1000 + 1)
    with played.smtp(sender) as smtp:
        smtp.mail(sender.address)
        smtp.rcpt(reader.address)
        assert smtp.data(huge)[0] == 552
    assert not played.records("smtp.message", "gros-1@test")


def test_a_delivery_is_seen_and_the_content_is_the_message(played):
    box = played.box()
    told = played.bench.deliver(LANE, box.address, mail("remis-1@test"), "letter")
    assert told["kind"] == "mail.delivered"
    imap = played.imap(box)
    imap.select(readonly=True)
    numbers = imap.search(None, "HEADER", "Message-ID", "remis-1@test")[1]
    header = imap.fetch("1", "(BODY.PEEK[HEADER])")[1][0][1]
    assert not played.records("imap.fetch", "remis-1@test")
    whole = imap.uid("FETCH", "1:*", "(BODY.PEEK[])")[1][0][1]
    imap.logout()
    assert numbers == [b"1"]
    assert b"Message-ID: <remis-1@test>" in header
    assert whole.endswith(CONTENT)
    assert [r.data["uid"] for r in played.records("imap.fetch", "remis-1@test")] == [1]


def test_a_dot_after_a_bare_line_feed_smuggles_nothing(played):
    sender, reader = played.box(), played.box()
    raw = mail("passe-1@test") + b"avant\n.\nMAIL FROM:<x@y.test>\n.\r\n..deux\n.\rfin\r\n"
    with played.smtp(sender) as smtp:
        smtp.mail(sender.address)
        smtp.rcpt(reader.address)
        assert smtp.docmd("DATA")[0] == 354
        smtp.send(raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        assert smtp.getreply()[0] == 250
        assert smtp.noop()[0] == 250
    played.bench.deliver(LANE, reader.address, raw, "hostile")
    imap = played.imap(reader)
    assert imap.select()[1] == [b"2"]
    contents = [imap.fetch(number, "(BODY[TEXT])")[1][0][1] for number in ("1", "2")]
    imap.logout()
    body = raw.partition(b"\r\n\r\n")[2]
    assert [content.replace(b"\r\n", b"\n") for content in contents] == [body.replace(b"\r\n", b"\n")] * 2
    assert len(played.records("smtp.message", "passe-1@test")) == 1


def test_folders_flags_and_appended_messages(played):
    box = played.box()
    imap = played.imap(box)
    assert imap.create("Envoyes")[0] == "OK"
    kind, text = imap.append("Envoyes", r"(\Seen)", None, mail("range-1@test"))
    assert (kind, b"APPENDUID" in text[0]) == ("OK", True)
    assert imap.select("Envoyes")[1] == [b"1"]
    assert rb"\Seen" in imap.fetch("1", "(FLAGS)")[1][0]
    assert imap.store("1", "+FLAGS", r"(\Deleted)")[0] == "OK"
    assert imap.expunge()[1] == [b"1"]
    assert imap.status("Envoyes", "(MESSAGES)")[1][0].endswith(b"(MESSAGES 0)")
    imap.logout()
    verbs = [r.data["verb"] for r in played.records("imap.command")]
    assert {"CREATE", "APPEND", "STORE", "EXPUNGE", "STATUS"} <= set(verbs)


def test_idle_tells_a_delivery(played):
    box = played.box()
    client = IMAPClient(played.here.imap[0], port=played.here.imap[1], ssl=False, timeout=20)
    client.starttls(played.context(box))
    client.oauth2_login(box.address, box.token)
    client.select_folder("INBOX")
    client.idle()
    deliver = threading.Thread(target=played.bench.deliver, args=(LANE, box.address, mail("idle-1@test"), "note"))
    deliver.start()
    try:
        told = client.idle_check(timeout=20)
    finally:
        deliver.join()
    client.idle_done()
    assert (1, b"EXISTS") in told
    found = client.fetch(client.search("ALL"), ["BODY.PEEK[]", "RFC822.SIZE"])
    client.logout()
    assert [content[b"BODY[]"].endswith(CONTENT) for content in found.values()] == [True]
    (idle,) = played.records("imap.command", verb="IDLE")
    assert idle.data["status"] == "OK"


def test_a_token_is_never_written_down(played):
    box = played.box()
    played.imap(box).logout()
    played.smtp(box).quit()
    written = b"".join(path.read_bytes() for path in played.evidence.rglob("*.jsonl"))
    assert box.token.encode() not in written
    assert base64.b64encode(box.response) not in written


def test_a_client_that_vanishes_is_recorded(played):
    box = played.box()
    imap = played.imap(box)
    imap.select()
    imap.sock.shutdown(socket.SHUT_RDWR)
    opened = played.awaited("imap.auth", user=box.address)[0]
    limit = 200
    while not (end := [r for r in played.awaited("imap.end") if r.session == opened.session]):
        limit -= 1
        assert limit, "no end"
    assert end[0].data["how"] == "cut"
    imap.sock.close()
