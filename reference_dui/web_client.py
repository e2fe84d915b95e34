"""HTTPS requests of the product: the autoconfiguration document, the tokens, the national services."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from .faults import MailFault
from .tls import strict_context

MAX_ANSWER = 64 * 1024
TIMEOUT = (5.0, 10.0)


# Judges the certificate of a peer (DER) once the handshake is over; raises :class:`MailFault` to leave.
Judge = Callable[[bytes | None], None]


class _PinnedTls(HTTPAdapter):
    """Connects with the product's own TLS context, whatever the environment says, and has the certificate judged."""

    def __init__(self, context: ssl.SSLContext, judge: Judge | None) -> None:
        self._context = context
        self._judge = judge
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        # urllib3 compares names by itself where a context does not, unless it is told not to.
        name = None if self._context.check_hostname else False
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context, assert_hostname=name)
        self.poolmanager.pool_classes_by_scheme = {"https": _pools(self._judge)}


def _pools(judge: Judge | None) -> type[HTTPSConnectionPool]:
    class Connection(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            if judge is not None and isinstance(self.sock, ssl.SSLSocket):
                judge(self.sock.getpeercert(binary_form=True))

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool


def call(method: str, url: str, ca_pem: str, **options: Any) -> tuple[int, bytes]:
    """As :func:`exchange`; answers status and body."""
    status, _, body = exchange(method, url, ca_pem, **options)
    return status, body


def exchange(
    method: str,
    url: str,
    ca_pem: str,
    *,
    certificate: tuple[str, str] = ("", ""),
    context: ssl.SSLContext | None = None,
    judge: Judge | None = None,
    limit: int = MAX_ANSWER,
    clear: bool = False,
    **options: Any,
) -> tuple[int, str, bytes]:
    """One request over https; answers status, content type and body, bounded in size and time; follows no redirect.

    ``certificate`` is a client certificate and its key, in PEM, which ``context`` takes the place of; ``judge`` looks at
    the certificate of the server before anything is asked; ``limit`` is the most bytes of an answer; ``clear`` is a defect's.
    """
    if not url.startswith("https://") and not clear:
        raise MailFault("refdui.fault.not-https", transient=False, url=url)
    with requests.Session() as session:
        # A variable such as REQUESTS_CA_BUNDLE would replace the trust anchor of this mailbox.
        session.trust_env = False
        session.mount("https://", _PinnedTls(context or strict_context(ca_pem, *certificate), judge))
        try:
            with session.request(
                method, url, timeout=TIMEOUT, stream=True, allow_redirects=False, **options
            ) as response:
                return response.status_code, response.headers.get("Content-Type", ""), _bounded(response, url, limit)
        except requests.RequestException as exc:
            raise MailFault("refdui.fault.unreachable", host=url, reason=type(exc).__name__) from exc


def _bounded(response: requests.Response, url: str, limit: int) -> bytes:
    content = bytearray()
    for piece in response.iter_content(8192):
        content += piece
        if len(content) > limit:
            raise MailFault("refdui.fault.too-large", transient=False, what=url, limit=limit)
    return bytes(content)
