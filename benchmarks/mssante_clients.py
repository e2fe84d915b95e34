"""The clients of the mail benchmark: what a product does, with the standard library."""

from __future__ import annotations

import base64
import imaplib
import os
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

import requests


@dataclass
class Account:
    """A box and where it is opened; ``imap`` is 0 where nothing is read. ``fresh`` gives a new token."""

    box: str
    recipient: str
    smtp: int
    imap: int
    context: ssl.SSLContext
    fresh: Callable[[], str]
    response: bytes = b""

    def renew(self) -> None:
        """Take a new token: they live for two minutes."""
        self.response = f"user={self.box}\x01auth=Bearer {self.fresh()}\x01\x01".encode()


def message() -> bytes:
    """A document to a professional, with its IHE XDM archive."""
    inbound = import_module("conformance._bundled.fixtures.inbound")
    people = import_module("conformance._bundled.fixtures.people").Population(1)
    author = people.correspondent("bench", "hopital", domain="pro.bench.mssante.test", kind="ORG")
    post = inbound.Post(people, author, "dui@bench.mssante.test", "2026-03-04T10:00:00+01:00")
    raw: bytes = inbound.kind(post, people.person("bench", "usager"), min(inbound.KINDS)).raw
    return raw


MESSAGE = message()


def submit(account: Account) -> None:
    """One whole session of submission; anything but success raises."""
    with smtplib.SMTP("127.0.0.1", account.smtp, local_hostname="dui.test", timeout=30) as smtp:
        smtp.starttls(context=account.context)
        smtp.ehlo()
        # Without an initial response: Dovecot takes no command line as long as a token.
        code, text = smtp.docmd("AUTH", "XOAUTH2")
        if code == 334:
            code, text = smtp.docmd(base64.b64encode(account.response).decode())
        if code != 235:
            raise RuntimeError(f"{code} {text!r}")
        smtp.sendmail(account.box, [account.recipient], MESSAGE)


def read(account: Account) -> None:
    """One whole session of reading, of the first message."""
    imap = imaplib.IMAP4("127.0.0.1", account.imap, timeout=30)
    # imaplib sends an answer and its end of line apart: the client's own delay is not the server's.
    imap.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    imap.starttls(account.context)
    imap.authenticate("XOAUTH2", lambda _: account.response)
    imap.select()
    kind, found = imap.fetch("1", "(BODY.PEEK[])")
    if kind != "OK" or not isinstance(found[0], tuple) or len(found[0][1]) < len(MESSAGE):
        raise RuntimeError(f"{kind} {len(found)}")
    imap.logout()


def token_of(here: Any, refresh: str, ca_file: Path) -> str:
    """An access token of the bench's Pro Santé Connect."""
    with requests.Session() as web:
        web.trust_env, web.verify = False, str(ca_file)
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        answer = web.post(here.psc_token_endpoint, data=form, auth=(here.client_id, here.client_secret), timeout=20)
        return str(answer.json()["access_token"])


def flush_time(folder: Path, times: int = 20) -> float:
    """Seconds that appending a line and flushing it takes on this disk, now."""
    descriptor = os.open(folder / "flushed", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        start = perf_counter()
        for _ in range(times):
            os.write(descriptor, b"x" * 400)
            os.fsync(descriptor)
        return (perf_counter() - start) / times
    finally:
        os.close(descriptor)
