"""Reading, as imaplib, IMAPClient and a hostile client see it."""

from __future__ import annotations

import imaplib
import threading

import pytest
from imapclient import IMAPClient

from conformance.services.mssante.limits import Limits


def lines_of(raw):
    """The lines of a bare IMAP connection, past its greeting."""
    lines = raw.makefile("rb")
    assert lines.readline().startswith(b"* OK")
    return lines


def test_box_is_read_with_a_token_and_each_message_is_recorded(bench):
    delivered = bench.operator.deliver(bench.per, bench.mail, what="letter")
    imap = bench.reader()
    assert imap.select()[1] == [b"1"]
    status, data = imap.fetch("1", "(BODY.PEEK[HEADER] RFC822.SIZE)")
    assert status == "OK"
    assert not bench.records("imap.fetch")
    status, data = imap.fetch("1", "(RFC822)")
    assert data[0][1] == bench.mail
    assert imap.logout()[0] == "BYE"

    assert delivered.kind == "mail.delivered"
    assert delivered.service == "mssante.delivery"
    assert delivered.provenance == "harness"
    assert delivered.data == {
        "mailbox": bench.per,
        "from": "Jeanne TEST <jeanne.test@main.mssante.test>",
        "message_id": "Lettre-1@main.mssante.test",
        "what": "letter",
    }
    assert delivered.marks == ("lettre-1@main.mssante.test",)
    assert bench.journal.store.get(delivered.blobs["message"]) == bench.mail
    (fetch,) = bench.records("imap.fetch")
    assert fetch.data == {"mailbox": bench.per, "uid": 1, "message_id": "Lettre-1@main.mssante.test"}
    assert fetch.marks == delivered.marks
    assert fetch.seq > delivered.seq


def test_session_is_recorded_from_connection_to_end_without_a_gap(bench):
    bench.operator.deliver(bench.per, bench.mail, what="letter")
    imap = bench.reader()
    imap.select()
    imap.uid("FETCH", "1", "(BODY.PEEK[])")
    imap.logout()
    bench.awaited("imap.end")
    kinds = ("imap.connection", "imap.command", "imap.auth", "imap.fetch", "imap.end", "tls.client-hello")
    records = bench.records(*kinds, "tls.handshake")
    assert [r.seq for r in records] == list(range(1, len(records) + 1))
    assert {r.service for r in records} == {"mssante.imap"}
    assert len({r.session for r in records}) == 1
    told = [(r.kind, r.data.get("verb"), r.data.get("argument"), r.data.get("status")) for r in records]
    assert told == [
        ("imap.connection", None, None, None),
        ("imap.command", "CAPABILITY", "", "OK"),
        ("imap.command", "STARTTLS", "", "OK"),
        ("tls.client-hello", None, None, None),
        ("tls.handshake", None, None, None),
        ("imap.command", "CAPABILITY", "", "OK"),
        ("imap.auth", None, None, None),
        ("imap.command", "AUTHENTICATE", "XOAUTH2", "OK"),
        ("imap.command", "SELECT", "INBOX", "OK"),
        ("imap.fetch", None, None, None),
        ("imap.command", "UID", "FETCH 1 (BODY.PEEK[])", "OK"),
        ("imap.command", "LOGOUT", "", "OK"),
        ("imap.end", None, None, None),
    ]
    select = records[8]
    assert set(select.data) == {"tag", "verb", "argument", "status", "text", "tls"}
    assert select.data["tls"] is True
    assert records[1].data["tls"] is False
    assert records[6].data == {
        "mechanism": "XOAUTH2",
        "user": bench.per,
        "outcome": "ok",
        "reason": "",
        "token_id": "jti-good",
        "tls": True,
    }
    assert records[-1].data == {"how": "logout"}


def test_no_authentication_is_offered_or_taken_in_clear(bench):
    with bench.plain_socket(bench.operator.imap) as raw, raw.makefile("rb") as lines:
        greeting = lines.readline()
        assert b"STARTTLS" in greeting
        assert b"LOGINDISABLED" in greeting
        assert b"AUTH=" not in greeting
        for command, answer in (
            (b"AUTHENTICATE XOAUTH2 " + bench.xoauth2(bench.per, "good").encode(), b"a NO [PRIVACYREQUIRED]"),
            (b'LOGIN jeanne "un secret"', b"a NO "),
            (b"SELECT INBOX", b"a BAD "),
        ):
            raw.sendall(b"a " + command + b"\r\n")
            assert lines.readline().startswith(answer)
    commands = bench.records("imap.command")
    assert [r.data["argument"] for r in commands] == ["XOAUTH2 <initial-response>", "", "INBOX"]
    assert [r.data["status"] for r in commands] == ["NO", "NO", "BAD"]
    assert not bench.records("imap.auth")


def test_initial_response_is_taken_and_can_be_seen(bench):
    with IMAPClient("127.0.0.1", bench.operator.imap[1], ssl=False, timeout=20) as client:
        client.starttls(bench.context())
        assert b"SASL-IR" in client.capabilities()
        client.oauth2_login(bench.per, "good")
        client.select_folder("INBOX")
    (command,) = [r for r in bench.records("imap.command") if r.data["verb"] == "AUTHENTICATE"]
    assert command.data["status"] == "OK"
    secured, lines = bench.tls_socket(bench.operator.imap, b"", b"a STARTTLS\r\n")
    with secured, lines:
        secured.sendall(b"b AUTHENTICATE XOAUTH2 " + bench.xoauth2(bench.org, "good").encode() + b"\r\n")
        assert lines.readline().startswith(b"b OK")
    assert bench.awaited("imap.command", 4)[-1].data["argument"] == "XOAUTH2 <initial-response>"


@pytest.mark.parametrize(
    ("user", "token", "reason"),
    [
        ("jeanne.test@main.mssante.test", "expired", "expired"),
        ("jeanne.test@main.mssante.test", "stranger", "not-owner"),
        ("dui@main.mssante.test", "good", "wrong-kind"),
        ("personne@main.mssante.test", "good", "unknown-box"),
    ],
)
def test_refused_token_gets_a_challenge_then_no(bench, user, token, reason):
    secured, lines = bench.tls_socket(bench.operator.imap, b"", b"a STARTTLS\r\n")
    with secured, lines:
        secured.sendall(b"b AUTHENTICATE XOAUTH2\r\n")
        assert lines.readline() == b"+ \r\n"
        secured.sendall(bench.xoauth2(user, token).encode() + b"\r\n")
        assert lines.readline().startswith(b"+ ey")
        secured.sendall(b"\r\n")
        assert lines.readline().startswith(b"b NO [AUTHENTICATIONFAILED]")
        secured.sendall(b"c SELECT INBOX\r\n")
        assert lines.readline().startswith(b"c BAD")
    assert [r.data["reason"] for r in bench.records("imap.auth")] == [reason]


def test_app_box_opens_with_its_client_certificate_only(bench):
    imap = bench.imap(client="dui-app")
    imap.authenticate("PLAIN", lambda _challenge: b"\0" + bench.app.encode() + b"\0unused")
    assert imap.select()[0] == "OK"
    imap.logout()
    bare = bench.imap()
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        bare.authenticate("PLAIN", lambda _challenge: b"\0" + bench.app.encode() + b"\0unused")
    bare.logout()
    assert [r.data["reason"] for r in bench.records("imap.auth")] == ["", "no-client-certificate"]


def test_attempts_and_stray_sasl_messages_are_bounded_and_unseen(bench):
    secured, lines = bench.tls_socket(bench.operator.imap, b"", b"a STARTTLS\r\n")
    blob = bench.xoauth2(bench.per, "secret-token-of-the-product").encode()
    with secured, lines:
        secured.sendall(b"b AUTHENTICATE GSSAPI " + blob + b"\r\n" + blob + b"\r\n")
        assert lines.readline().startswith(b"b NO")
        assert lines.readline().startswith(b"* BAD")
        for _ in range(5):
            secured.sendall(b"b AUTHENTICATE PLAIN\r\n")
            assert lines.readline().startswith(b"+")
            secured.sendall(b"*\r\n")
            assert lines.readline().startswith((b"b BAD", b"* BYE"))
        assert lines.readline().startswith(b"* BYE")
    bench.awaited("imap.end")
    written = b"".join(path.read_bytes() for path in bench.journal.folder.rglob("*.jsonl"))
    assert blob not in written
    assert bench.records("imap.command")[2].data["tag"] == ""


def test_commands_sent_in_clear_after_starttls_are_thrown_away(bench):
    raw = bench.plain_socket(bench.operator.imap)
    lines = lines_of(raw)
    raw.sendall(b"a STARTTLS\r\nb NOOP\r\nc LOGOUT\r\n")
    assert lines.readline().startswith(b"a OK")
    lines.close()
    with bench.context().wrap_socket(raw, server_hostname="localhost") as secured:
        secured.sendall(b"d STARTTLS\r\ne LOGOUT\r\n")
        with secured.makefile("rb") as answers:
            assert answers.readline().startswith(b"d BAD")
            assert answers.readline().startswith(b"* BYE")
            assert answers.readline().startswith(b"e OK")
    bench.awaited("imap.end")
    assert [r.data["tag"] for r in bench.records("imap.command")] == ["a", "d", "e"]


def test_idle_tells_a_delivery(bench):
    with IMAPClient("127.0.0.1", bench.operator.imap[1], ssl=False, timeout=20) as client:
        client.starttls(bench.context())
        client.oauth2_login(bench.per, "good")
        client.select_folder("INBOX")
        client.idle()
        timer = threading.Timer(0.05, bench.operator.deliver, (bench.per, bench.mail, "letter"))
        timer.start()
        assert (1, b"EXISTS") in client.idle_check(timeout=20)
        timer.join()
        client.idle_done()
        fetched = client.fetch([1], ["ENVELOPE", "BODYSTRUCTURE", "BODY[2]", "INTERNALDATE", "FLAGS"])[1]
    assert fetched[b"ENVELOPE"].message_id == b"<Lettre-1@main.mssante.test>"
    assert fetched[b"ENVELOPE"].subject == b"=?utf-8?q?Compte_rendu_=C3=A9t=C3=A9?="
    assert fetched[b"ENVELOPE"].to[0].host == b"pro.main.mssante.test"
    parts, kind = fetched[b"BODYSTRUCTURE"][:2]
    assert kind == b"MIXED"
    assert [part[:2] for part in parts] == [(b"TEXT", b"PLAIN"), (b"APPLICATION", b"ZIP")]
    assert fetched[b"BODY[2]"] == b"UEsDBA=="
    assert b"\\Seen" in fetched[b"FLAGS"]
    idle = [r for r in bench.records("imap.command") if r.data["verb"] == "IDLE"]
    assert [r.data["status"] for r in idle] == ["OK"]


@pytest.fixture
def client(bench):
    with IMAPClient("127.0.0.1", bench.operator.imap[1], ssl=False, timeout=20) as client:
        client.starttls(bench.context())
        client.oauth2_login(bench.per, "good")
        yield client


def test_parts_are_the_bytes_that_were_received(bench, client):
    bench.operator.deliver(bench.per, bench.mail, what="letter")
    client.select_folder("INBOX")
    items = [
        "BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]", "BODY.PEEK[1]", "BODY.PEEK[2.MIME]", "BODY.PEEK[3]",
        "BODY.PEEK[HEADER.FIELDS (Subject DATE)]", "BODY.PEEK[]<5.12>", "RFC822.SIZE", "BODY",
    ]  # fmt: skip
    found = client.fetch([1], items)[1]
    header, _, text = bench.mail.partition(b"\r\n\r\n")
    assert found[b"BODY[]"] == bench.mail
    assert found[b"BODY[HEADER]"] == header + b"\r\n\r\n"
    assert found[b"BODY[TEXT]"] == text
    assert found[b"BODY[1]"] == b"Bonjour\r\n.ligne"
    assert found[b"BODY[2.MIME]"].startswith(b"Content-Type: application/zip")
    assert found[b"BODY[3]"] is None
    assert found[b"BODY[HEADER.FIELDS (SUBJECT DATE)]"].splitlines() == [
        b"Subject: =?utf-8?q?Compte_rendu_=C3=A9t=C3=A9?=",
        b"Date: Sun, 22 Nov 2026 10:00:00 +0100",
        b"",
    ]
    assert found[b"BODY[]<5>"] == bench.mail[5:17]
    assert found[b"RFC822.SIZE"] == len(bench.mail)
    assert client.fetch([1], ["FLAGS"])[1][b"FLAGS"] == (b"\\Recent",)


def test_message_in_a_message_has_its_own_parts(bench, client):
    outer = (
        b"Subject: Fwd\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nvoir\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + bench.mail + b"\r\n--b--\r\n"
    )
    bench.operator.deliver(bench.per, outer, what="forward")
    client.select_folder("INBOX")
    found = client.fetch([1], ["BODY.PEEK[2.HEADER]", "BODY.PEEK[2.1]", "BODY.PEEK[1.1]", "BODYSTRUCTURE"])[1]
    assert found[b"BODY[2.HEADER]"].startswith(b"From: Jeanne")
    assert found[b"BODY[2.1]"] == b"Bonjour\r\n.ligne"
    assert found[b"BODY[1.1]"] is None
    assert found[b"BODYSTRUCTURE"][0][1][:2] == (b"MESSAGE", b"RFC822")


def test_flags_and_uids_hold_together(bench, client):
    for number in range(3):
        bench.operator.deliver(bench.per, b"Message-ID: <m%d@x.test>\r\n\r\nx" % number, what="note")
    first = client.select_folder("INBOX")
    client.add_flags([2], ["\\Deleted", "Suivi"])
    assert client.get_flags([2])[2] == (b"Suivi", b"\\Deleted", b"\\Recent")
    client.remove_flags([2], ["Suivi"])
    client.set_flags([3], ["\\Flagged"])
    assert client.expunge()[1] == [(2, b"EXPUNGE")]
    assert client.search(["ALL"]) == [1, 3]
    again = client.select_folder("INBOX")
    assert (again[b"UIDVALIDITY"], again[b"UIDNEXT"]) == (first[b"UIDVALIDITY"], 4)
    assert client.folder_status("INBOX", ["MESSAGES", "UNSEEN"]) == {b"MESSAGES": 2, b"UNSEEN": 2}
    client.select_folder("INBOX", readonly=True)
    with pytest.raises(imaplib.IMAP4.error, match="READ-ONLY"):
        client.add_flags([1], ["\\Deleted"])
    client.fetch([1], ["BODY[]"])
    assert b"\\Seen" not in client.get_flags([1])[1]
    client.unselect_folder()


def test_other_session_learns_of_removals_and_flags(bench, client):
    for number in range(2):
        bench.operator.deliver(bench.per, b"Message-ID: <m%d@x.test>\r\n\r\nx" % number, what="note")
    client.select_folder("INBOX")
    other = bench.reader()
    other.select()
    client.add_flags([1], ["\\Deleted"])
    client.add_flags([2], ["\\Answered"])
    client.expunge([1])
    other.response("FETCH")
    assert other.fetch("2", "(UID)")[1][0].startswith(b"2 (UID 2)")
    assert other.noop()[0] == "OK"
    assert other.response("EXPUNGE") == ("EXPUNGE", [b"1"])
    assert other.search(None, "ANSWERED")[1] == [b"1"]
    other.close()
    other.logout()


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (["SUBJECT", "été"], [1]),
        (["FROM", "jeanne"], [1]),
        (["HEADER", "Message-ID", "lettre-1@MAIN"], [1]),
        (["BODY", "bonjour"], [1]),
        (["UNSEEN", "NOT", "FROM", "jeanne"], [2]),
        (["OR", "TEXT", "UEsDBA", "LARGER", 100000], [1]),
        (["SENTSINCE", "22-Nov-2026", "SENTBEFORE", "23-Nov-2026"], [1]),
        (["SINCE", "01-Jan-2020", ["SMALLER", 100]], [2]),
        (["UID", "2:*"], [2]),
        ([b"1:4294967295", b"KEYWORD", b"Suivi"], []),
        (["ON", "01-Jan-1990"], []),
    ],
)
def test_search(bench, client, criteria, found):
    bench.operator.deliver(bench.per, bench.mail, what="letter")
    bench.operator.deliver(bench.per, b"Date: none\r\nSubject: autre\r\n\r\nx", what="note")
    client.select_folder("INBOX")
    assert client.search(criteria, charset="UTF-8") == found


def test_folders_are_made_filled_listed_and_removed(bench, client):
    client.create_folder("Envoyés/2026")
    client.subscribe_folder("Envoyés/2026")
    assert [name for _flags, _sep, name in client.list_folders()] == ["Envoyés/2026", "INBOX"]
    assert [name for _flags, _sep, name in client.list_folders("", "%")] == ["INBOX"]
    assert [name for _flags, _sep, name in client.list_sub_folders()] == ["Envoyés/2026", "INBOX"]
    assert b"APPENDUID" in client.append("Envoyés/2026", bench.mail, ["\\Seen"])
    client.select_folder("Envoyés/2026")
    client.copy([1], "INBOX")
    assert bench.records("imap.command")[-1].data["text"].startswith("[COPYUID ")
    client.rename_folder("Envoyés/2026", "Archives")
    assert client.folder_status("INBOX", ["MESSAGES"]) == {b"MESSAGES": 1}
    assert client.namespace().personal == (("", "/"),)
    client.rename_folder("INBOX", "Anciens")
    assert client.folder_status("Anciens", ["MESSAGES"]) == {b"MESSAGES": 1}
    client.delete_folder("Archives")
    for refused in (
        lambda: client.delete_folder("INBOX"),
        lambda: client.create_folder("Anciens"),
        lambda: client.select_folder("Archives"),
        lambda: client.append("Archives", b"x"),
        lambda: client.copy([1], "Archives"),
    ):
        with pytest.raises(imaplib.IMAP4.error):
            refused()
    append = next(r for r in bench.records("imap.command") if r.data["verb"] == "APPEND")
    assert append.data["argument"].endswith(f"{{{len(bench.mail)}}}")


def test_literals_lines_depth_and_errors_are_bounded(bench):
    with bench.plain_socket(bench.operator.imap) as raw:
        lines = lines_of(raw)
        raw.sendall(b"a LOGIN {9000000}\r\n")
        assert lines.readline().startswith(b"a NO [TOOBIG]")
        raw.sendall(b"b LOGIN {9000000+}\r\n")
        assert lines.readline().startswith(b"* BYE")
        lines.close()
    with bench.plain_socket(bench.operator.imap) as raw:
        lines = lines_of(raw)
        raw.sendall(b"a NOOP " + b"x" * 100_000)
        assert lines.readline().startswith(b"* BYE")
        lines.close()
    imap = bench.reader()
    imap.select()
    for search in ("(" * 200 + "ALL" + ")" * 200, "NOT " * 500 + "ALL", "OR " * 5000 + "ALL", "1:"):
        with pytest.raises(imaplib.IMAP4.error):
            imap.search(None, search)
    with pytest.raises(imaplib.IMAP4.error):
        imap.fetch("1", "(BODY[" + "1." * 50 + "1])")
    with pytest.raises(imaplib.IMAP4.abort):
        imap.fetch("1", "(NOTHING)")
    imap.shutdown()
    assert [r.data["how"] for r in bench.awaited("imap.end", 3)] == ["cut"] * 3


def test_append_has_the_limits_of_mail(client):
    with pytest.raises(imaplib.IMAP4.error):
        client.append("INBOX", b"x" * 200_001)
    for _ in range(5):
        client.append("INBOX", b"x" * 199_999)
    with pytest.raises(imaplib.IMAP4.error, match="OVERQUOTA"):
        client.append("INBOX", b"x" * 199_999)


def test_silent_client_is_sent_away_while_others_work(make_bench):
    bench = make_bench(Limits(idle=1.0, wait=1.0))
    with bench.plain_socket(bench.operator.imap) as silent, lines_of(silent) as lines:
        silent.sendall(b"a NOO")
        bench.imap().logout()
        assert lines.readline().startswith(b"* BYE")
        assert lines.readline() == b""
    imap = bench.reader()
    imap.select()
    imap.send(b"x IDLE\r\n")
    assert imap.readline().startswith(b"+")
    assert imap.readline().startswith(b"* BYE")
    imap.shutdown()
    assert sorted(r.data["how"] for r in bench.awaited("imap.end", 3)) == ["logout", "timeout", "timeout"]


def test_handshake_that_stalls_is_sent_away(make_bench):
    bench = make_bench(Limits(handshake=0.3))
    for address, ask in ((bench.operator.imap, b"a STARTTLS\r\n"), (bench.operator.smtp, b"STARTTLS\r\n")):
        with bench.plain_socket(address) as raw, raw.makefile("rb") as lines:
            lines.readline()
            raw.sendall(ask)
            assert lines.readline()
            raw.sendall(b"\x16\x03\x01")
            while lines.readline():
                pass
    assert bench.awaited("imap.end")[0].data == {"how": "timeout"}
    assert bench.awaited("smtp.end")[0].data == {"how": "timeout"}


def test_client_that_reads_nothing_is_sent_away(make_bench):
    bench = make_bench(Limits(idle=1.0))
    bench.operator.deliver(bench.per, bench.mail + b"x" * 20_000_000, what="heavy")
    imap = bench.reader()
    imap.select()
    imap.send(b"x FETCH 1 (" + b" ".join([b"BODY.PEEK[]"] * 50) + b")\r\n")
    assert bench.awaited("imap.end")[0].data == {"how": "timeout"}
    imap.shutdown()


def test_hostile_message_can_be_described(bench, client):
    deep = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (i, i + 1) for i in range(50))
    raw = b"To: " + b"(" * 50_000 + b"\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n" + deep
    bench.operator.deliver(bench.per, raw + b"--b50\r\n\r\nx", what="deep")
    bench.operator.deliver(bench.per, b"", what="empty")
    client.select_folder("INBOX")
    found = client.fetch([1, 2], ["ENVELOPE", "BODYSTRUCTURE", "BODY.PEEK[1.1.1.1.1.1.1.1.1.1]"])
    assert found[1][b"ENVELOPE"].to is None
    assert found[2][b"BODYSTRUCTURE"][:2] == (b"TEXT", b"PLAIN")
    with pytest.raises(imaplib.IMAP4.error):
        client.fetch([1], ["BODY[1.1.1.1.1.1.1.1.1.1.1]"])


def test_stop_says_bye_and_records_the_end(bench):
    with bench.plain_socket(bench.operator.imap) as raw, lines_of(raw) as lines:
        bench.stop()
        assert lines.readline().startswith(b"* BYE")
    assert bench.records("imap.end")[0].data == {"how": "cut"}
    bench.journal.close()  # nothing is written after stop
