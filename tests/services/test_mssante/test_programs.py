"""The Debian mail programs, as a product made of them would work: an APP box with its client certificate."""

from __future__ import annotations

import shutil
import subprocess

import pytest


def need(program):
    """The program's path, or a skip."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed here (Debian package {'isync' if program == 'mbsync' else program})")
    return found


@pytest.fixture
def files(bench, tmp_path):
    (tmp_path / "ca.pem").write_text(bench.pki.ca_pem, encoding="ascii")
    certificate, key = bench.pki.client("dui-app", "1990000002")
    (tmp_path / "cert.pem").write_text(certificate, encoding="ascii")
    (tmp_path / "key.pem").write_text(key, encoding="ascii")
    return tmp_path


def run(*command, stdin=b""):
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)


def test_msmtp_submits(bench, files):
    config = files / "msmtprc"
    config.write_text(
        f"account default\nhost localhost\nport {bench.operator.smtp[1]}\nfrom {bench.app}\nuser {bench.app}\n"
        f"password unused\nauth plain\ntls on\ntls_starttls on\ntls_trust_file {files}/ca.pem\n"
        f"tls_cert_file {files}/cert.pem\ntls_key_file {files}/key.pem\n",
        encoding="utf-8",
    )
    config.chmod(0o600)
    done = run(need("msmtp"), "-C", str(config), bench.pro, stdin=bench.mail.replace(b"\r\n", b"\n"))
    assert done.returncode == 0, done.stderr.decode()
    (message,) = bench.operator.messages(bench.pro)
    assert message.message_id == "Lettre-1@main.mssante.test"
    assert message.raw.endswith(b"--limite--\r\n")
    (auth,) = bench.records("smtp.auth")
    assert (auth.data["mechanism"], auth.data["outcome"]) == ("PLAIN", "ok")


def test_msmtp_submits_with_a_token(bench, files):
    config = files / "msmtprc"
    config.write_text(
        f"account default\nhost localhost\nport {bench.operator.smtp[1]}\nfrom {bench.org}\nuser {bench.org}\n"
        f"password good\nauth xoauth2\ntls on\ntls_starttls on\ntls_trust_file {files}/ca.pem\n",
        encoding="utf-8",
    )
    config.chmod(0o600)
    done = run(need("msmtp"), "-C", str(config), bench.per, stdin=bench.mail.replace(b"\r\n", b"\n"))
    assert done.returncode == 0, done.stderr.decode()
    assert len(bench.operator.messages(bench.per)) == 1
    assert [r.data["token_id"] for r in bench.records("smtp.auth")] == ["jti-good"]


def test_mbsync_fetches(bench, files):
    bench.operator.deliver(bench.app, bench.mail, what="letter")
    config = files / "mbsyncrc"
    config.write_text(
        f"IMAPAccount bench\nHost localhost\nPort {bench.operator.imap[1]}\nUser {bench.app}\nPass unused\n"
        f"SSLType STARTTLS\nAuthMechs PLAIN\nSystemCertificates no\nCertificateFile {files}/ca.pem\n"
        f"ClientCertificate {files}/cert.pem\nClientKey {files}/key.pem\n\nIMAPStore far\nAccount bench\n\n"
        f"MaildirStore near\nPath {files}/mail/\nInbox {files}/mail/INBOX\n\n"
        "Channel bench\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSyncState *\n",
        encoding="utf-8",
    )
    (files / "mail").mkdir()
    done = run(need("mbsync"), "-c", str(config), "bench")
    assert done.returncode == 0, done.stderr.decode()
    (near,) = (files / "mail" / "INBOX" / "new").iterdir()
    assert b"Message-ID: <Lettre-1@main.mssante.test>" in near.read_bytes()
    assert [r.data["message_id"] for r in bench.records("imap.fetch")] == ["Lettre-1@main.mssante.test"]
