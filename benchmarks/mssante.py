"""Full mail sessions per second: the simulated operator beside bare aiosmtpd, same client, same certificate, one run.

    python benchmarks/mssante.py [--sessions N] [--clients N]

A session is: connection, EHLO, STARTTLS with the chain verified, EHLO, AUTH, MAIL, RCPT, DATA, QUIT. The operator also verifies
a signed token and writes each exchange into a journal, flushed to the disk before it answers; bare aiosmtpd does neither. Each
server has a process of its own. The reading side has no bare counterpart here and is measured alone.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import imaplib
import json
import smtplib
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from aiosmtpd.smtp import SMTP, AuthResult

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.evidence.journal import read_journal
from conformance.services.client import Bench
from conformance.services.pki import Pki

LANE = "bench"
MESSAGE = b"Subject: essai\r\n\r\n" + b"x" * 70 + b"\r\n"


class Sink:
    """Accepts and forgets."""

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802
        return "250 OK"


def serve_bare(certificate: str) -> None:
    """The bare server, until its standard input closes."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(
                Sink(),
                tls_context=context,
                require_starttls=True,
                auth_required=True,
                authenticator=lambda *_: AuthResult(success=True),
                loop=loop,
            ),
            "127.0.0.1",
            0,
        )
        print(json.dumps(server.sockets[0].getsockname()[1]), flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()

    asyncio.run(main())


def submit(port: int, context: ssl.SSLContext, login: str, sender: str, recipient: str) -> None:
    """One whole session of submission; anything but success raises."""
    with smtplib.SMTP("localhost", port, local_hostname="dui.test", timeout=30) as smtp:
        smtp.starttls(context=context)
        smtp.ehlo()
        code, text = smtp.docmd("AUTH", login)
        if code != 235:
            raise RuntimeError(f"{code} {text!r}")
        smtp.sendmail(sender, [recipient], MESSAGE)


def read(port: int, context: ssl.SSLContext, response: bytes) -> None:
    """One whole session of reading, of the first message."""
    imap = imaplib.IMAP4("localhost", port, timeout=30)
    imap.starttls(context)
    imap.authenticate("XOAUTH2", lambda _: response)
    imap.select()
    imap.fetch("1", "(BODY.PEEK[])")
    imap.logout()


def rate(sessions: int, clients: int, session: Callable[[], None]) -> float:
    """Sessions per second, after a warm-up."""
    for _ in range(clients):
        session()
    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(session) for _ in range(sessions)]:
            done.result()
    return sessions / (time.perf_counter() - start)


def access_token(here: Any, refresh: str, ca_file: Path) -> str:
    """An access token of the bench's Pro Santé Connect."""
    with requests.Session() as web:
        web.trust_env, web.verify = False, str(ca_file)
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        answer = web.post(here.psc_token_endpoint, data=form, auth=(here.client_id, here.client_secret), timeout=20)
        return str(answer.json()["access_token"])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--serve-bare", metavar="PEM", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve_bare:
        serve_bare(options.serve_bare)
        return 0
    count, clients = options.sessions, options.clients
    with tempfile.TemporaryDirectory() as scratch:
        home, evidence = Path(scratch) / "home", Path(scratch) / "evidence"
        with Bench.start(evidence, home, [LANE], mail_backend=__import__("os").environ.get("MB", "embedded")) as bench:
            here, pki = bench.lane(LANE), Pki.open(home / "pki")
            context = ssl.create_default_context(cadata=pki.ca_pem)
            box, to = f"dui@{here.domain}", f"x@{here.correspondents_domain}"
            token = access_token(here, bench.mailbox(LANE, box, "PER")["refresh_token"], pki.ca_file)
            response = f"user={box}\x01auth=Bearer {token}\x01\x01".encode()
            login = "XOAUTH2 " + base64.b64encode(response).decode()
            bench.deliver(LANE, box, MESSAGE, "bench")
            print(f"{count} sessions, {clients} clients, Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}")
            smtp = rate(count, clients, lambda: submit(here.smtp[1], context, login, box, to))
            print(f"submission, operator       {smtp:8.1f} sessions/s")
            imap = rate(count, clients, lambda: read(here.imap[1], context, response))
            print(f"reading, operator          {imap:8.1f} sessions/s")
            command = [sys.executable, __file__, "--serve-bare", str(pki.server_file(["bare.test"]))]
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            ) as child:
                port = json.loads(child.stdout.readline()) if child.stdout else 0
                plain = "PLAIN " + base64.b64encode(b"\0a\0b").decode()
                bare = rate(count, clients, lambda: submit(port, context, plain, box, to))
                if child.stdin:
                    child.stdin.close()
            print(f"submission, bare aiosmtpd  {bare:8.1f} sessions/s   operator at {smtp / bare:.0%}")
        written = sum(1 for _ in read_journal(evidence))
        print(f"the operator wrote {written} records, {written / (2 * count):.1f} for each session, all flushed first")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
