"""An operator in a thread of its own, and clients that speak to it as a product would."""

from __future__ import annotations

import asyncio
import base64
import imaplib
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from conformance.evidence.journal import Journal, read_journal
from conformance.evidence.record import Record
from conformance.services.client import Bench as ServicesBench
from conformance.services.contract import BACKENDS, DOVECOT
from conformance.services.http import HttpServer
from conformance.services.mssante.dovecot.presence import missing
from conformance.services.mssante.limits import Limits
from conformance.services.mssante.operator import Operator
from conformance.services.pki import Pki
from conformance.services.psc.tokens import TokenFacts
from conformance.services.tls import TlsRecorder
from tests.services.test_mssante.backends import Played

LANE = "main"
PER = "jeanne.test@main.mssante.test"
ORG = "service@main.mssante.test"
APP = "dui@main.mssante.test"
PRO = "medecin@pro.main.mssante.test"
PATIENT = "299999999999999@patient.main.mssante.test"
OWNER = "899900000001"
# Small enough to be reached by a test; not the operator's own values.
LIMITS = Limits(message=200_000, idle=20.0, wait=20.0, recipients=5, errors=6, commands=60, box=1_000_000)
MAIL = (
    b"From: Jeanne TEST <jeanne.test@main.mssante.test>\r\nTo: medecin@pro.main.mssante.test\r\n"
    b"Message-ID: <Lettre-1@main.mssante.test>\r\nSubject: =?utf-8?q?Compte_rendu_=C3=A9t=C3=A9?=\r\n"
    b"Date: Sun, 22 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="limite"\r\n\r\n'
    b"--limite\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n.ligne\r\n"
    b'--limite\r\nContent-Type: application/zip; name="IHE_XDM.ZIP"\r\nContent-Transfer-Encoding: base64\r\n'
    b'Content-Disposition: attachment; filename="IHE_XDM.ZIP"\r\n\r\nUEsDBA==\r\n'
    b"--limite--\r\n"
)
FACTS = {
    "good": TokenFacts("jti-good", OWNER, "dui-main", 0, active=True),
    "stranger": TokenFacts("jti-stranger", "899900000009", "dui-main", 0, active=True),
    "expired": TokenFacts("jti-expired", OWNER, "dui-main", 0, active=False, reason="expired"),
}


def verify(token: str) -> TokenFacts:
    """Tokens of the tests by their text."""
    return FACTS.get(token, TokenFacts(reason="unknown"))


def xoauth2(user: str, token: str) -> str:
    """The initial response of XOAUTH2."""
    return base64.b64encode(f"user={user}\x01auth=Bearer {token}\x01\x01".encode()).decode()


class Bench:
    """A running operator, its evidence, and how to reach it."""

    mail, per, org, app, pro, patient = MAIL, PER, ORG, APP, PRO, PATIENT
    xoauth2 = staticmethod(xoauth2)

    stop: Callable[[], None]
    web: Callable[[], Callable[[str, str], requests.Response]]

    def __init__(self, operator: Operator, journal: Journal, pki: Pki, folder: Path) -> None:
        self.operator = operator
        self.journal = journal
        self.pki = pki
        self.folder = folder

    def records(self, *kinds: str) -> list[Record]:
        """The records of these kinds, in order."""
        return [r for r in read_journal(self.journal.folder) if r.kind in kinds]

    def awaited(self, kind: str, count: int = 1) -> list[Record]:
        """As :meth:`records`, once there are that many."""
        limit = time.monotonic() + 20
        while len(found := self.records(kind)) < count:
            assert time.monotonic() < limit, f"no {kind}"
            time.sleep(0.01)
        return found

    def context(self, client: str | None = None) -> ssl.SSLContext:
        """Trust in the bench, with a client certificate of this common name if asked."""
        context = ssl.create_default_context(cadata=self.pki.ca_pem)
        if client:
            path = self.folder / "client.pem"
            path.write_text("".join(self.pki.client(client, "1990000002")), encoding="ascii")
            context.load_cert_chain(path)
        return context

    def plain_socket(self, address: tuple[str, int]) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(address, timeout=20)

    def smtp(self, *, tls: bool = True, client: str | None = None) -> smtplib.SMTP:
        """An SMTP connection that said EHLO."""
        smtp = smtplib.SMTP(*self.operator.smtp, local_hostname="dui.test", timeout=20)
        smtp.ehlo()
        if tls:
            smtp.starttls(context=self.context(client))
            smtp.ehlo()
        return smtp

    def sender(self, user: str = PER, token: str = "good") -> smtplib.SMTP:
        """An SMTP connection that is authenticated."""
        smtp = self.smtp()
        assert smtp.docmd("AUTH", f"XOAUTH2 {xoauth2(user, token)}")[0] == 235
        return smtp

    def imap(self, *, tls: bool = True, client: str | None = None) -> imaplib.IMAP4:
        """An IMAP connection."""
        imap = imaplib.IMAP4(*self.operator.imap, timeout=20)
        if tls:
            imap.starttls(self.context(client))
        return imap

    def reader(self, user: str = PER, token: str = "good") -> imaplib.IMAP4:
        """An IMAP connection that is authenticated."""
        imap = self.imap()
        imap.authenticate("XOAUTH2", lambda _challenge: base64.b64decode(xoauth2(user, token)))
        return imap

    def tls_socket(self, address: tuple[str, int], before: bytes, ask: bytes) -> tuple[ssl.SSLSocket, Any]:
        """Talk in clear, upgrade, and give the TLS socket with its file."""
        raw = self.plain_socket(address)
        lines = raw.makefile("rb")
        lines.readline()
        if before:
            raw.sendall(before)
            while lines.readline()[3:4] == b"-":
                pass
        raw.sendall(ask)
        assert lines.readline().split()[:2][-1] in (b"OK", b"2.0.0")
        lines.close()
        secured = self.context().wrap_socket(raw, server_hostname="localhost")
        return secured, secured.makefile("rb")


@pytest.fixture
def make_bench(journal: Journal, pki: Pki, recorder: TlsRecorder, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    started: list[Operator] = []
    servers: list[HttpServer] = []

    def call(coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

    def serve(app: Any) -> Callable[[str, str], requests.Response]:
        server = HttpServer()
        servers.append(server)
        call(server.start(app))
        session = requests.Session()
        session.trust_env = False
        host = {"Host": "autoconfig.main.mssante.test"}
        return lambda method, path: session.request(method, server.url() + path, headers=host, timeout=20)

    def make(limits: Limits = LIMITS) -> Bench:
        operator = Operator(lane=LANE, journal=journal, recorder=recorder, verify=verify, limits=limits)
        call(operator.start())
        started.append(operator)
        operator.add_box(PER, "PER", OWNER)
        operator.add_box(ORG, "ORG")
        operator.add_box(APP, "APP", "dui-app")
        made = Bench(operator, journal, pki, tmp_path)
        made.stop = lambda: call(operator.stop())
        made.web = lambda: serve(operator.autoconfig_app)
        return made

    yield make
    for server in [*servers, *started]:
        call(server.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()


@pytest.fixture(scope="module", params=BACKENDS)
def played(
    request: pytest.FixtureRequest, bench_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    """Running services on each backend; skipped where Dovecot is absent."""
    if request.param == DOVECOT and (packages := missing()):
        pytest.skip(f"Dovecot is not installed here (Debian packages {' '.join(packages)})")
    folder = tmp_path_factory.mktemp(request.param)
    with ServicesBench.start(folder / "evidence", bench_home, [LANE], mail_backend=request.param) as bench:
        yield Played(request.param, bench, folder / "evidence", folder)
