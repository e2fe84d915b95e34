"""The Dovecot process itself: what it opens, who it runs as, how it ends, and what is told without it."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.core.errors import SetupError
from conformance.services.mssante.dovecot import presence
from conformance.services.mssante.dovecot.imap_link import ImapLink, Refused, unasked
from conformance.services.mssante.dovecot.sasl import response
from conformance.services.mssante.dovecot.server import Dovecot
from conformance.services.psc.personas import DEFAULT_PERSONA
from conformance.services.psc.tokens import Lifetimes, Tokens, new_signing_key

BOX = "jeanne@main.mssante.test"
CLIENT = "dui-main"
needed = pytest.mark.skipif(
    bool(presence.missing()),
    reason=f"Dovecot is not installed here (Debian packages {' '.join(presence.missing())})",
)


def in_loop(scene):
    """Play a scene with a Dovecot that runs; its result."""
    key = new_signing_key()

    async def play():
        dovecot = Dovecot(key)
        try:
            await dovecot.start()
            dovecot.know(CLIENT)
            return await scene(dovecot, key)
        finally:
            await dovecot.stop()
            assert not dovecot.place.folder.exists()

    return asyncio.run(play())


def token(key, *, client=CLIENT, access=120):
    tokens = Tokens("https://psc.test", client, key, Lifetimes(access=access))
    login = tokens.login(tokens.mint_refresh_token(DEFAULT_PERSONA))
    return f"user={BOX}\x01auth=Bearer {tokens.mint_access_token(login).text}\x01\x01".encode()


@needed
def test_it_opens_no_port_and_is_never_root():
    async def scene(dovecot, _key):
        pids = [line.split()[0] for line in _ps() if str(dovecot.place.folder) in line]
        modes = [stat.S_IMODE(dovecot.place.socket(n).stat().st_mode) for n in ("imap-in", "submission-in", "lmtp-in")]
        return [_owner(p) for p in pids], [p for p in pids if _listens(p)], modes

    owners, listening, modes = in_loop(scene)
    assert owners
    assert 0 not in owners
    assert listening == []
    assert modes == [0o600] * 3


@needed
def test_it_verifies_tokens_by_itself():
    async def scene(dovecot, key):
        path = dovecot.place.socket("imap-in")

        async def opens(blob):
            try:
                (await ImapLink.open(path, *response("XOAUTH2", blob, BOX, dovecot.password))).close()
            except Refused:
                return False
            return True

        return [
            await opens(token(key)),
            await opens(token(key, access=-10)),
            await opens(token(key, client="dui-other")),
            await opens(token(new_signing_key())),
        ]

    assert in_loop(scene) == [True, False, False, False]


@needed
def test_the_password_of_the_doors_is_needed():
    async def scene(dovecot, _key):
        with pytest.raises(Refused):
            await ImapLink.open(dovecot.place.socket("imap-in"), *response("PLAIN", b"", BOX, "guess"))
        link = await ImapLink.open(dovecot.place.socket("imap-in"), *response("PLAIN", b"", BOX, dovecot.password))
        link.close()
        return link.capabilities.split()

    assert {"IMAP4rev1", "IDLE", "MOVE"} <= set(in_loop(scene))


HOLDER = """
import asyncio
from conformance.services.mssante.dovecot.server import Dovecot
from conformance.services.psc.tokens import new_signing_key

async def main():
    dovecot = Dovecot(new_signing_key())
    await dovecot.start()
    print(dovecot.place.folder, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@needed
def test_it_ends_with_a_parent_that_is_killed():
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True)
    folder = holder.stdout.readline().strip()
    assert [line for line in _ps() if folder in line]
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait(10)
    holder.stdout.close()
    limit = time.monotonic() + 20
    while [line for line in _ps() if folder in line]:
        assert time.monotonic() < limit, "Dovecot outlives its parent"
        time.sleep(0.05)


@needed
def test_last_words_are_told_when_it_does_not_start(monkeypatch):
    monkeypatch.setattr(
        "conformance.services.mssante.dovecot.server.configuration", lambda *_args, **_options: "no such = setting {"
    )

    async def main():
        dovecot = Dovecot(new_signing_key())
        try:
            await dovecot.start()
        finally:
            await dovecot.stop()

    with pytest.raises(SetupError, match="Error in configuration file"):
        asyncio.run(main())


def test_a_machine_without_it_is_told_which_packages_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(presence, "LIBRARIES", tmp_path)
    assert presence.missing()[:3] == ["dovecot-imapd", "dovecot-lmtpd", "dovecot-submissiond"]
    with pytest.raises(SetupError, match="dovecot-imapd dovecot-lmtpd dovecot-submissiond"):
        Dovecot(new_signing_key())


@pytest.mark.parametrize(
    ("command", "sent"),
    [
        (b"a SELECT INBOX\r\n", b"a SELECT INBOX\r\n"),
        (b"a APPEND x {3}\r\nab{\r\n", b"a APPEND x {3+}\r\nab{\r\n"),
        (b"a LIST {1}\r\nx {4+}\r\n{9}\r\r\n", b"a LIST {1+}\r\nx {4+}\r\n{9}\r\r\n"),
    ],
)
def test_literals_are_announced_without_asking(command, sent):
    assert unasked(command) == sent


def _owner(pid: str) -> int:
    return Path("/proc", pid).stat().st_uid


def _listens(pid: str) -> bool:
    """Whether a process holds a TCP socket that listens (state 0A of /proc/net/tcp)."""
    rows = [line.split() for line in Path("/proc", pid, "net", "tcp").read_text("ascii").splitlines()[1:]]
    inodes = {row[9] for row in rows if row[3] == "0A"}
    return any(str(fd.readlink())[8:-1] in inodes for fd in Path("/proc", pid, "fd").iterdir())


def _ps() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(f"{path.parent.name} {path.read_bytes().replace(bytes(1), b' ').decode('utf-8', 'replace')}")
        except OSError:
            continue
    return found
