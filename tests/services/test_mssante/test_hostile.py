"""Hostile traffic: the operator stays up within its bounds, and serves the next client as if nothing had been."""

from __future__ import annotations

import resource
import time

import pytest

from conformance.services.mssante.limits import Limits

HEADERS = b"".join(b"X-%d: %s\r\n" % (n, b"y" * 40) for n in range(3000))
PARTS = b"".join(b"--b\r\nContent-Type: text/plain; name*0=a; name*1=b\r\n\r\nx\r\n" for _ in range(3000))
BOMBS = {
    "headers": HEADERS + b"\r\nx\r\n",
    "folded": b"Subject: " + b"\r\n a" * 40_000 + b"\r\n\r\nx\r\n",
    "parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + PARTS + b"--b--\r\n",
    "words": b"Subject: " + b"=?utf-8?q?" * 6_000 + b"\r\n\r\nx\r\n",
    "addresses": b"To: " + b"<a@b.test>," * 5_000 + b"\r\n\r\nx\r\n",
    "comments": b"To: " + b"(" * 30_000 + b")" * 30_000 + b"\r\n\r\nx\r\n",
    "parameters": b"Content-Type: text/plain" + b"; a=b" * 10_000 + b"\r\n\r\nx\r\n",
    "nul": b"Subject: \0\0\0\r\nMessage-ID: <\0>\r\n\r\n\0\xff\xfe\r\n",
}


def send(bench, text):
    smtp = bench.sender()
    smtp.docmd("MAIL", f"FROM:<{bench.per}>")
    smtp.docmd("RCPT", f"TO:<{bench.per}>")
    assert smtp.docmd("DATA")[0] == 354
    smtp.send(text + b".\r\n")
    code = smtp.getreply()[0]
    smtp.quit()
    return code


def works(bench):
    """A usual client sends and reads."""
    assert send(bench, bench.mail) == 250
    imap = bench.reader()
    assert imap.select()[0] == "OK"
    imap.logout()


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_taken_described_and_forgotten(make_bench, bomb):
    bench = make_bench(Limits(message=1_000_000))
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert send(bench, BOMBS[bomb]) == 250
    imap = bench.reader()
    imap.select()
    status, _ = imap.fetch("1", "(ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER] RFC822.SIZE)")
    assert status == "OK"
    imap.search(None, "TEXT", '"nowhere"')
    imap.logout()
    # Bounds of use, not of speed: a bomb would take minutes and gigabytes.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000
    assert time.process_time() - started < 60
    works(bench)


def test_commands_in_one_segment_are_answered_each_in_turn(bench):
    secured, lines = bench.tls_socket(bench.operator.smtp, b"EHLO dui.test\r\n", b"STARTTLS\r\n")
    with secured, lines:
        secured.sendall(b"NOOP\r\n" * 20 + b"QUIT\r\n")
        assert [lines.readline()[:3] for _ in range(21)] == [b"250"] * 20 + [b"221"]
    secured, lines = bench.tls_socket(bench.operator.imap, b"", b"a STARTTLS\r\n")
    with secured, lines:
        secured.sendall(b"".join(b"t%d NOOP\r\n" % n for n in range(20)) + b"z LOGOUT\r\n")
        answered = [line.split()[0] for line in iter(lines.readline, b"")]
    assert answered == [b"t%d" % n for n in range(20)] + [b"*", b"z"]
    works(bench)


@pytest.mark.parametrize(
    "line",
    [
        b"MAIL FROM:<jeanne.test@main.mssante.test>\rRCPT TO:<x@pro.main.mssante.test>\r\n",
        b"MAIL FROM:<jeanne.test@main.mssante.test>\nRCPT TO:<x@pro.main.mssante.test>\r\n",
        b"MAIL FROM:<jeanne.test@main.mssante.test\0>\r\n",
        b"BDAT 10 LAST\r\n0123456789",
        b"MAIL FROM:<jeanne.test@main.mssante.test> BODY=BINARYMIME\r\n",
        b"\xff\xfe\r\n",
        b"HELO dui.test\r\n",
        b"VRFY jeanne.test\r\nEXPN all\r\n",
    ],
)
def test_no_crooked_command_opens_an_envelope(bench, line):
    secured, lines = bench.tls_socket(bench.operator.smtp, b"EHLO dui.test\r\n", b"STARTTLS\r\n")
    with secured, lines:
        secured.sendall(b"EHLO dui.test\r\nAUTH XOAUTH2 " + bench.xoauth2(bench.per, "good").encode() + b"\r\n")
        while not lines.readline().startswith(b"235"):
            pass
        secured.sendall(line + b"\r\nDATA\r\nQUIT\r\n")
        answers = [answer[:3] for answer in iter(lines.readline, b"")]
    assert b"354" not in answers
    assert not bench.records("smtp.message")
    works(bench)


def test_a_literal_cannot_carry_a_command(bench):
    imap = bench.reader()
    imap.select()
    smuggled = b"Subject: x\r\n\r\nz STORE 1 +FLAGS (\\Deleted)\r\nz EXPUNGE\r\n"
    assert imap.append("INBOX", None, None, smuggled)[0] == "OK"
    imap.logout()
    assert [r.data["verb"] for r in bench.records("imap.command")].count("STORE") == 0
    assert [m.raw for m in bench.operator.messages(bench.per)] == [smuggled]
    works(bench)


def test_what_comes_before_the_handshake_is_not_answered_after_it(bench):
    raw = bench.plain_socket(bench.operator.imap)
    lines = raw.makefile("rb")
    lines.readline()
    raw.sendall(b"a STARTTLS\r\nb CAPABILITY\r\nc NOOP\r\n")
    assert lines.readline().startswith(b"a OK")
    lines.close()
    with bench.context().wrap_socket(raw, server_hostname="localhost") as secured:
        secured.sendall(b"d LOGOUT\r\n")
        assert secured.recv(4).startswith(b"* BY")
    bench.awaited("imap.end")
    assert [r.data["verb"] for r in bench.records("imap.command")] == ["STARTTLS", "LOGOUT"]


def test_a_crowd_that_stalls_does_not_keep_others_out(make_bench):
    bench = make_bench(Limits(idle=1.0, connections=60))
    crowd = [bench.plain_socket(address) for address in (bench.operator.smtp, bench.operator.imap) for _ in range(25)]
    try:
        for one in crowd:
            one.sendall(b"E")
        works(bench)
        bench.awaited("smtp.end", 25)
    finally:
        for one in crowd:
            one.close()
