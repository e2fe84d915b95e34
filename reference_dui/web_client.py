"""HTTPS requests of the product: the autoconfiguration document, the tokens, the national services."""

from __future__ import annotations

import ssl
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from .faults import MailFault
from .tls import strict_context

MAX_ANSWER = 64 * 1024
TIMEOUT = (5.0, 10.0)


class _PinnedTls(HTTPAdapter):
    """Connects with the product's own TLS context, whatever the environment says."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)


def call(
    method: str,
    url: str,
    ca_pem: str,
    *,
    certificate: tuple[str, str] = ("", ""),
    limit: int = MAX_ANSWER,
    **options: Any,
) -> tuple[int, bytes]:
    """One request over https; answers status and body, bounded in size and time. No redirect is followed.

    ``certificate`` is a client certificate and its key, in PEM; ``limit`` the most bytes of an answer.
    """
    if not url.startswith("https://"):
        raise MailFault("refdui.fault.not-https", transient=False, url=url)
    with requests.Session() as session:
        # A variable such as REQUESTS_CA_BUNDLE would replace the trust anchor of this mailbox.
        session.trust_env = False
        session.mount("https://", _PinnedTls(strict_context(ca_pem, *certificate)))
        try:
            with session.request(
                method, url, timeout=TIMEOUT, stream=True, allow_redirects=False, **options
            ) as response:
                return response.status_code, _bounded(response, url, limit)
        except requests.RequestException as exc:
            raise MailFault("refdui.fault.unreachable", host=url, reason=type(exc).__name__) from exc


def _bounded(response: requests.Response, url: str, limit: int) -> bytes:
    content = bytearray()
    for piece in response.iter_content(8192):
        content += piece
        if len(content) > limit:
            raise MailFault("refdui.fault.too-large", transient=False, what=url, limit=limit)
    return bytes(content)
