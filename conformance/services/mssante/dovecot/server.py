"""One Dovecot process: made, started, told of keys, stopped. It dies with the process that started it."""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import secrets
import shutil
import smtplib
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from joserfc.jwk import RSAKey

from conformance.core.errors import SetupError
from conformance.services.mssante.boxes import Message
from conformance.services.mssante.dovecot.config import Account, Place, configuration, token_configuration
from conformance.services.mssante.dovecot.presence import missing, program
from conformance.services.mssante.dovecot.relay_host import RelayHost
from conformance.services.mssante.limits import Limits

START_LIMIT = 15.0
STOP_LIMIT = 5.0
LAST_WORDS = 2000
_POLL = 0.02
_SOCKETS = ("imap-in", "submission-in", "lmtp-in")


class Dovecot:
    """The storage and protocol backend of every lane of a process. ``key`` signs the tokens of all of them."""

    def __init__(self, key: RSAKey, limits: Limits | None = None) -> None:
        if packages := missing():
            raise SetupError("mssante.no-dovecot", packages=" ".join(packages))
        self._key = key
        self._limits = limits or Limits()
        self._account = _account()
        self.place = Place(Path(tempfile.mkdtemp(prefix="dui-mail-")))
        self.password = secrets.token_urlsafe(24)
        self._relay = RelayHost(self.password, self.deliver, self._limits)
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start, and return once its sockets are there; raises :class:`SetupError` with its last words."""
        port = await self._relay.start()
        place, account = self.place, self._account
        for folder in (place.folder / "run", place.keys, place.mail):
            folder.mkdir()
        place.config.write_text(
            configuration(place, account, password=self.password, relay_port=port, limits=self._limits), "utf-8"
        )
        place.tokens.write_text(token_configuration(place), "utf-8")
        for path in (place.folder, *place.folder.iterdir()):
            self._own(path)
        self._process = self._spawn()
        await self._ready(self._process)

    def know(self, client_id: str) -> None:
        """Take the tokens of a client from now on."""
        folder = self.place.keys / client_id / "RS256"
        folder.mkdir(parents=True, exist_ok=True)
        key = folder / str(self._key.kid)
        key.write_bytes(self._key.as_pem(private=False))
        for path in (folder.parent, folder, key):
            self._own(path)

    def deliver(self, sender: str, recipient: str, raw: bytes) -> None:
        """Put a message in a box by LMTP (RFC 2033); blocks, and raises :class:`smtplib.SMTPException` or OSError."""
        with smtplib.LMTP(str(self.place.socket("lmtp-in")), local_hostname="mssante.test", timeout=30) as lmtp:
            lmtp.sendmail(sender, [recipient], raw, mail_options=["BODY=8BITMIME"])

    def messages(self, address: str) -> tuple[Message, ...]:
        """What the inbox of a box holds now, oldest first, as Dovecot keeps it."""
        name, _, domain = address.lower().partition("@")
        box = self.place.mail / domain / name
        found = sorted((path.stat().st_mtime_ns, path) for part in ("new", "cur") for path in (box / part).glob("*"))
        return tuple(
            Message(number, path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), _moment(at))
            for number, (at, path) in enumerate(found, start=1)
        )

    async def stop(self) -> None:
        """Stop, by force if it must be, and take the folder away."""
        if self._process is not None:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                await asyncio.to_thread(self._process.wait, STOP_LIMIT)
            self._process = None
        await self._relay.stop()
        await asyncio.to_thread(shutil.rmtree, self.place.folder, ignore_errors=True)

    def words(self) -> str:
        """Its last words, bounded."""
        logs = (self.place.folder / "words", self.place.log)
        said = "".join(path.read_text("utf-8", "replace") for path in logs if path.exists())
        return said[-LAST_WORDS:].strip() or "-"

    async def _ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_LIMIT
        while not all(self.place.socket(name).exists() for name in _SOCKETS):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SetupError("mssante.dovecot-start", words=self.words())
            await asyncio.sleep(_POLL)

    def _spawn(self) -> subprocess.Popen[bytes]:
        # By the thread of the loop, which lives as long as Dovecot may: it is that thread's end that ends it.
        with (self.place.folder / "words").open("wb") as words:
            return subprocess.Popen(
                [
                    *self._launcher(),
                    program("dovecot") or "dovecot",
                    "-F",
                    "-c",
                    str(self.place.config),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=words,
                cwd=self.place.folder,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            )

    def _launcher(self) -> list[str]:
        """``setpriv`` of util-linux: Dovecot ends with its parent, and is not root where the bench is."""
        command = [program("setpriv") or "setpriv", "--pdeathsig", "TERM"]
        if os.geteuid() == 0:
            command += ["--reuid", str(self._account.uid), "--regid", str(self._account.gid), "--clear-groups"]
        return command

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._account.uid, self._account.gid)


def _account() -> Account:
    """This account, or ``nobody`` where it is root: Dovecot refuses mail to root, rightly."""
    try:
        who = pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")
        return Account(who.pw_name, grp.getgrgid(who.pw_gid).gr_name, who.pw_uid, who.pw_gid)
    except KeyError as exc:
        raise SetupError("mssante.dovecot-account", reason=str(exc)) from exc


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)
