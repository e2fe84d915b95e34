"""The services of one lane in a process of their own, on either backend, and what a client of them needs."""

from __future__ import annotations

import base64
import imaplib
import itertools
import smtplib
import ssl
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests

from conformance.evidence.journal import read_journal
from conformance.evidence.record import Record
from conformance.services.client import Bench
from conformance.services.contract import LaneEndpoints

LANE = "main"


@dataclass
class Opened:
    """A box and what opens it."""

    address: str
    token: str = ""
    certificate: Path | None = None
    key: Path | None = None

    @property
    def mechanism(self) -> str:
        """How it is opened."""
        return "PLAIN" if self.certificate else "XOAUTH2"

    @property
    def response(self) -> bytes:
        """The initial response of its mechanism."""
        if self.certificate:
            return f"\0{self.address}\0unused".encode()
        return f"user={self.address}\x01auth=Bearer {self.token}\x01\x01".encode()


@dataclass
class Played:
    """Running services."""

    backend: str
    bench: Bench
    evidence: Path
    folder: Path
    _names: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def here(self) -> LaneEndpoints:
        """Where the lane is."""
        return self.bench.lane(LANE)

    @property
    def ca_file(self) -> Path:
        """The trust anchor."""
        path = self.folder / "ca.pem"
        path.write_text(self.bench.endpoints.ca_pem, encoding="ascii")
        return path

    def name(self, domain: str) -> str:
        """A new address."""
        return f"box{next(self._names)}@{domain}"

    def box(self, kind: str = "PER") -> Opened:
        """A new box."""
        address = self.name(self.here.domain)
        told = self.bench.mailbox(LANE, address, kind)
        if kind == "APP":
            made = Opened(address, certificate=self.folder / f"{address}.pem", key=self.folder / f"{address}.key")
            made.certificate.write_text(told["client_certificate_pem"], encoding="ascii")
            made.key.write_text(told["client_key_pem"], encoding="ascii")
            return made
        return Opened(address, token=self.access_token(told["refresh_token"]))

    def access_token(self, refresh: str) -> str:
        """An access token of the lane's Pro Santé Connect."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        with requests.Session() as web:
            web.trust_env, web.verify = False, str(self.ca_file)
            client = (self.here.client_id, self.here.client_secret)
            answer = web.post(self.here.psc_token_endpoint, data=form, auth=client, timeout=20)
        return answer.json()["access_token"]

    def context(self, box: Opened) -> ssl.SSLContext:
        """Trust in the bench, and the certificate of an APP box."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        if box.certificate:
            context.load_cert_chain(box.certificate, box.key)
        return context

    def imap(self, box: Opened) -> imaplib.IMAP4:
        """A reading session of a box."""
        imap = imaplib.IMAP4(*self.here.imap, timeout=20)
        try:
            imap.starttls(self.context(box))
            imap.authenticate(box.mechanism, lambda _: box.response)
        except BaseException:
            imap.shutdown()
            raise
        return imap

    def smtp(self, box: Opened) -> smtplib.SMTP:
        """A submission session of a box."""
        smtp = smtplib.SMTP(*self.here.smtp, local_hostname="dui.test", timeout=20)
        try:
            smtp.starttls(context=self.context(box))
            smtp.ehlo()
            code, text = smtp.docmd("AUTH", f"{box.mechanism} {base64.b64encode(box.response).decode()}")
            if code == 334:
                code, text = smtp.docmd("")
            if code != 235:
                raise smtplib.SMTPAuthenticationError(code, text)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def records(self, kind: str, mark: str = "", **data: object) -> list[Record]:
        """The records of a kind with a mark and with these members, so far."""
        return [
            record
            for record in read_journal(self.evidence)
            if record.kind == kind
            and (not mark or mark.lower() in record.marks)
            and all(record.data.get(name) == value for name, value in data.items())
        ]

    def awaited(self, kind: str, mark: str = "", **data: object) -> list[Record]:
        """As :meth:`records`, once there is one."""
        limit = time.monotonic() + 20
        while not (found := self.records(kind, mark, **data)):
            assert time.monotonic() < limit, f"no {kind}"
            time.sleep(0.02)
        return found


def run(*command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end."""
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)


def mail(message_id: str, subject: str = "essai") -> bytes:
    """A small message with a name of its own."""
    return (
        f"From: <medecin@pro.main.mssante.test>\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n.point\r\n"
    ).encode()
