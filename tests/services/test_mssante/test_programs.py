"""Debian's mail programs, as a product made of them would work: with a token, or with the certificate of an APP box."""

from __future__ import annotations

import shutil

import pytest

from tests.services.test_mssante.backends import LANE, mail, run

PACKAGES = {"mbsync": "isync", "offlineimap": "offlineimap3"}


def need(program):
    """The program's path, or a skip."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed here (Debian package {PACKAGES.get(program, program)})")
    return found


def written(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def delivered(played, box):
    """What is in the inbox of a box, with its Message-ID."""
    imap = played.imap(box)
    count = int(imap.select(readonly=True)[1][0])
    found = [imap.fetch(str(n + 1), "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1][0][1] for n in range(count)]
    imap.logout()
    return found


@pytest.mark.parametrize("kind", ["APP", "ORG"])
def test_msmtp_submits(played, tmp_path, kind):
    sender, reader = played.box(kind), played.box()
    token = written(tmp_path / "token", sender.token + "\n")
    opens = f"auth xoauth2\npasswordeval cat {token}\n"
    if kind == "APP":
        opens = f"auth plain\npassword unused\ntls_cert_file {sender.certificate}\ntls_key_file {sender.key}\n"
    config = written(
        tmp_path / "msmtprc",
        f"account default\nhost localhost\nport {played.here.smtp[1]}\nfrom {sender.address}\nuser {sender.address}\n"
        f"{opens}tls on\ntls_starttls on\ntls_trust_file {played.ca_file}\n",
    )
    name = f"msmtp-{kind.lower()}@test"
    done = run(need("msmtp"), "-C", config, reader.address, stdin=mail(name).replace(b"\r\n", b"\n"))
    assert done.returncode == 0, done.stderr.decode()
    assert delivered(played, reader) == [f"Message-ID: <{name}>\r\n\r\n".encode()]
    (message,) = played.records("smtp.message", name)
    (auth,) = [r for r in played.records("smtp.auth") if r.session == message.session]
    assert (auth.data["mechanism"], auth.data["outcome"]) == (sender.mechanism, "ok")


def test_mbsync_fetches_with_a_certificate(played, tmp_path):
    box = played.box("APP")
    played.bench.deliver(LANE, box.address, mail("mbsync-1@test"), "letter")
    config = written(
        tmp_path / "mbsyncrc",
        f"IMAPAccount bench\nHost localhost\nPort {played.here.imap[1]}\nUser {box.address}\nPass unused\n"
        f"SSLType STARTTLS\nAuthMechs PLAIN\nSystemCertificates no\nCertificateFile {played.ca_file}\n"
        f"ClientCertificate {box.certificate}\nClientKey {box.key}\n\nIMAPStore far\nAccount bench\n\n"
        f"MaildirStore near\nPath {tmp_path}/mail/\nInbox {tmp_path}/mail/INBOX\n\n"
        "Channel bench\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSyncState *\n",
    )
    (tmp_path / "mail").mkdir()
    done = run(need("mbsync"), "-c", config, "bench")
    assert done.returncode == 0, done.stderr.decode()
    (near,) = (tmp_path / "mail" / "INBOX" / "new").iterdir()
    assert b"Message-ID: <mbsync-1@test>" in near.read_bytes()
    assert [r.data["mailbox"] for r in played.records("imap.fetch", "mbsync-1@test")] == [box.address]


def test_offlineimap_fetches_with_a_token(played, tmp_path):
    box = played.box()
    played.bench.deliver(LANE, box.address, mail("offlineimap-1@test"), "letter")
    config = written(
        tmp_path / "offlineimaprc",
        f"[general]\naccounts = bench\nmetadata = {tmp_path}/state\nmaxsyncaccounts = 1\n"
        "[Account bench]\nlocalrepository = near\nremoterepository = far\n"
        f"[Repository near]\ntype = Maildir\nlocalfolders = {tmp_path}/mail\n"
        f"[Repository far]\ntype = IMAP\nremotehost = localhost\nremoteport = {played.here.imap[1]}\nssl = no\n"
        f"starttls = yes\nsslcacertfile = {played.ca_file}\nremoteuser = {box.address}\n"
        f"auth_mechanisms = XOAUTH2\noauth2_access_token = {box.token}\n",
    )
    done = run(need("offlineimap"), "-c", config, "-o", "-u", "basic")
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    (near,) = (tmp_path / "mail" / "INBOX" / "new").iterdir()
    assert b"Message-ID: <offlineimap-1@test>" in near.read_bytes()
    (fetched,) = played.records("imap.fetch", "offlineimap-1@test")
    (auth,) = [r for r in played.records("imap.auth") if r.session == fetched.session]
    assert (auth.data["mechanism"], auth.data["outcome"]) == ("XOAUTH2", "ok")
