"""What the operator is measured beside: aiosmtpd and Dovecot alone, and its own journal with a flush for each record.

python -m benchmarks.mssante_bare aiosmtpd PEM | one-flush …
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

from benchmarks.mssante_clients import Account, message
from conformance.services.client import Bench
from conformance.services.mssante.dovecot.config import Place
from conformance.services.mssante.dovecot.server import Dovecot
from conformance.services.pki import Pki
from conformance.services.psc.personas import DEFAULT_PERSONA
from conformance.services.psc.tokens import Lifetimes, Tokens, new_signing_key

ROOT = Path(__file__).resolve().parents[1]
CLIENT = "dui-bench"


class _Bare(SMTP):
    """Lets in anybody who shows a token."""

    async def auth_XOAUTH2(self, _server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        if len(args) == 1:
            await self.challenge_auth("")
        return AuthResult(success=True)


def serve_aiosmtpd(certificate: str) -> None:
    """The bare server, until its standard input closes."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    class Sink:
        async def handle_DATA(self, *_: object) -> str:  # noqa: N802
            return "250 OK"

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _Bare(Sink(), tls_context=context, require_starttls=True, auth_required=True, loop=loop),
            "127.0.0.1",
            0,
        )
        print(json.dumps(server.sockets[0].getsockname()[1]), flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()

    asyncio.run(main())


@contextmanager
def aiosmtpd(scratch: Path) -> Iterator[Account]:
    """Aiosmtpd alone."""
    pki = Pki.open(scratch / "home" / "pki")
    command = [sys.executable, "-m", "benchmarks.mssante_bare", "aiosmtpd", str(pki.server_file(["bare.test"]))]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        if child.stdout is None or child.stdin is None:
            raise RuntimeError("no pipe")
        context = ssl.create_default_context(cadata=pki.ca_pem)
        port = json.loads(child.stdout.readline())
        yield Account("dui@bare.test", "x@bare.test", port, 0, context, lambda: secrets.token_hex(300))
        child.stdin.close()


@contextmanager
def dovecot(scratch: Path) -> Iterator[Account]:
    """Dovecot alone: the backend's configuration with TLS and ports of its own. Its submission hands over as behind doors."""
    pki, key, loop = Pki.open(scratch / "home" / "pki"), new_signing_key(), asyncio.new_event_loop()
    ports = [_free_port(), _free_port()]
    server = _WithPorts(key, pki.server_file(["bare.test"]), *ports)
    tokens = Tokens("https://psc.test", CLIENT, key, Lifetimes())
    refresh = tokens.mint_refresh_token(DEFAULT_PERSONA)

    def fresh() -> str:
        login = tokens.login(refresh)
        return tokens.mint_access_token(login).text if login else ""

    with _running(loop):
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(30)
        try:
            server.know(CLIENT)
            server.deliver("", "dui@bare.test", message())
            yield Account("dui@bare.test", "x@bare.test", *ports, ssl.create_default_context(cadata=pki.ca_pem), fresh)
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(30)


class _WithPorts(Dovecot):
    """As behind the doors, and with doors of its own."""

    def __init__(self, key: object, certificate: Path, smtp: int, imap: int) -> None:
        super().__init__(key)  # type: ignore[arg-type]
        self._more = f"""
ssl = required
ssl_cert = <{self.place.folder}/server.pem
ssl_key = <{self.place.folder}/server.pem
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {smtp}
  }}
}}
"""
        self._certificate = certificate

    def _spawn(self) -> subprocess.Popen[bytes]:
        place: Place = self.place
        copy = place.folder / "server.pem"
        copy.write_bytes(self._certificate.read_bytes())
        self._own(copy)
        with place.config.open("a", encoding="utf-8") as config:
            config.write(self._more)
        return super()._spawn()


@contextmanager
def one_flush_services(evidence: Path, home: Path, lane: str) -> Iterator[Bench]:
    """The services as they are, but for a flush of the disk for each record."""
    endpoints = evidence / "services.json"
    command = [sys.executable, "-m", "benchmarks.mssante_bare", "one-flush", "--evidence", str(evidence)]
    command += ["--home", str(home), "--endpoints", str(endpoints), "--lanes", lane, "--parent", str(os.getpid())]
    with subprocess.Popen(command, cwd=ROOT) as child:
        while not endpoints.exists():
            time.sleep(0.05)
        yield Bench.attach(endpoints)
        child.terminate()


@contextmanager
def _running(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    import threading

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def main(arguments: list[str]) -> int:
    """A server, in a process of its own."""
    if arguments[0] == "aiosmtpd":
        serve_aiosmtpd(arguments[1])
        return 0
    from conformance.evidence import journal
    from conformance.services import host

    host.GroupedJournal = journal.Journal  # type: ignore[misc, assignment]
    return host.main(arguments[1:])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
