"""The smallest product that gets a verdict: three operations of the control API, standard library only.

    DUI_CONTROL_TOKEN=choose-one python docs/examples/three_operations.py 8099

It keeps no record and has no screen. It shows where an editor's own code goes: each ``_operation`` below calls what
the product already does when a person clicks.
"""

from __future__ import annotations

import base64
import imaplib
import json
import os
import smtplib
import ssl
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.etree import ElementTree as ET  # the autoconfiguration document of an operator that we trust

PREFIX = "/conformance/v1"
REFERENCE = "DUI-EXAMPLE-0001"
# The wave-1 list of the MSSanté referential, as OpenSSL names it.
SUITES = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA256"
LIMIT = 10


class Box:
    """A mailbox of the product: where its operator listens, and how it logs in."""

    def __init__(self, address: str, settings: dict[str, Any]) -> None:
        self.address = address
        self.psc = settings["psc"]
        self.tls = ssl.create_default_context(cadata=settings["ca_pem"])
        self.tls.minimum_version = self.tls.maximum_version = ssl.TLSVersion.TLSv1_2
        self.tls.set_ciphers(SUITES)
        document = ET.fromstring(self._get(settings["autoconfig_url"]))
        self.smtp_server = self._server(document, "outgoingServer")
        self.imap_server = self._server(document, "incomingServer")
        self.test()

    def test(self) -> None:
        """Log in to both servers: the connection test that ends a set-up."""
        with self._smtp():
            pass
        host, port = self.imap_server
        with imaplib.IMAP4(host, port, timeout=LIMIT) as imap:
            imap.starttls(self.tls)
            imap.authenticate("XOAUTH2", lambda _: self._login().encode())

    def send(self, to: list[str], subject: str, text: str, *, read_receipt: bool = False) -> None:
        """Send one plain message: STARTTLS, then XOAUTH2 with a fresh Pro Santé Connect token."""
        message = EmailMessage()
        message["From"] = formataddr(("Mme_Camille_EXEMPLE_Structure fictive", self.address))
        message["To"] = ", ".join(to)
        message["Subject"] = subject
        message["Date"] = formatdate(localtime=True)
        message["Message-ID"] = make_msgid(domain=self.address.partition("@")[2])
        message["X-MSS-NIL"] = REFERENCE
        if read_receipt:
            message["Disposition-Notification-To"] = self.address
        message.set_content(text)
        try:
            with self._smtp() as smtp:
                smtp.send_message(message)
        except (smtplib.SMTPSenderRefused, smtplib.SMTPServerDisconnected, smtplib.SMTPAuthenticationError):
            # The operator closed the session, or says the token has expired, while Pro Santé Connect is still valid:
            # open another, once, with another token.
            with self._smtp() as smtp:
                smtp.send_message(message)

    def _smtp(self) -> smtplib.SMTP:
        host, port = self.smtp_server
        smtp = smtplib.SMTP(host, port, timeout=LIMIT)
        smtp.starttls(context=self.tls)
        smtp.ehlo()
        smtp.auth("XOAUTH2", lambda _=None: self._login(), initial_response_ok=True)
        return smtp

    def _login(self) -> str:
        return f"user={self.address}\x01auth=Bearer {self._token()}\x01\x01"

    def _server(self, document: ET.Element, kind: str) -> tuple[str, int]:
        server = document.find(f".//{kind}")
        assert server is not None
        return server.findtext("hostname", ""), int(server.findtext("port", "0"))

    def _token(self) -> str:
        form = {"grant_type": "refresh_token", "refresh_token": self.psc["refresh_token"]}
        basic = base64.b64encode(f"{self.psc['client_id']}:{self.psc['client_secret']}".encode()).decode()
        answer = self._get(self.psc["token_endpoint"], urllib.parse.urlencode(form).encode(), f"Basic {basic}")
        return str(json.loads(answer)["access_token"])

    def _get(self, url: str, data: bytes | None = None, authorization: str = "") -> bytes:
        headers = {"Authorization": authorization} if authorization else {}
        request = urllib.request.Request(url, data=data, headers=headers)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.tls)
        )
        with opener.open(request, timeout=LIMIT) as response:
            body: bytes = response.read(1_000_000)
            return body


BOXES: dict[str, Box] = {}


class ControlApi(BaseHTTPRequestHandler):
    """The control API: three operations, 501 for the others."""

    def do_GET(self) -> None:
        """``idle``: everything here is done when its answer leaves."""
        if self._trusted():
            known = self.path == PREFIX + "/idle"
            self._answer(200 if known else 501, {"idle": True} if known else {})

    def do_PUT(self) -> None:
        """``configure_mailbox``."""
        start = PREFIX + "/mailboxes/"
        if self._trusted():
            body = self._body()
            if self.path.startswith(start) and body.get("kind") in ("PER", "ORG"):
                address = urllib.parse.unquote(self.path.removeprefix(start))
                with self._telling():
                    BOXES[address] = Box(address, body["settings"])
                    self._answer(200, {})
            else:
                self._answer(501, {})

    def do_POST(self) -> None:
        """``send_message``, without document."""
        if self._trusted():
            body = self._body()
            if self.path == PREFIX + "/messages" and not body.get("document"):
                receipt = bool(body.get("read_receipt"))
                with self._telling():
                    box = BOXES[body["mailbox"]]
                    box.send(body["to"], body.get("subject") or "Message", body["text"], read_receipt=receipt)
                    self._answer(200, {})
            else:
                self._answer(501, {})

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """A server that fails, or that this product refuses, is an answer and not a crash."""
        try:
            yield
        except (OSError, KeyError, smtplib.SMTPException, imaplib.IMAP4.error, ET.ParseError) as exc:
            self._answer(502, {"error": f"{type(exc).__name__}: {exc}"})

    def _trusted(self) -> bool:
        trusted = self.headers.get("Authorization") == f"Bearer {os.environ['DUI_CONTROL_TOKEN']}"
        if not trusted:
            self._answer(401, {"error": "token"})
        return trusted

    def _body(self) -> dict[str, Any]:
        length = min(int(self.headers.get("Content-Length") or 0), 1_000_000)
        body: dict[str, Any] = json.loads(self.rfile.read(length) or b"{}")
        return body

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal() or not os.environ.get("DUI_CONTROL_TOKEN"):
        sys.exit("usage: DUI_CONTROL_TOKEN=choose-one python three_operations.py PORT")
    try:
        server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), ControlApi)
    except (OSError, OverflowError) as exc:
        sys.exit(f"port {sys.argv[1]}: {exc}")
    server.serve_forever()
