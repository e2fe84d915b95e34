"""The first pages of a front door: what their answers declare to a browser. GET only, but for one TRACE without a body."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.probes.budget import USER_AGENT, Budget
from conformance.probes.connection import connected
from conformance.probes.handshakes import permissive
from conformance.probes.target import PORTS, Target

MAX_STEPS = 5
# The headers of an answer that say how a browser is to treat it, and those that say too much. Others are not kept.
KEPT = (
    *("strict-transport-security", "content-security-policy", "x-frame-options", "x-content-type-options"),
    *("referrer-policy", "permissions-policy", "cache-control", "pragma", "content-type", "server", "x-powered-by"),
    *("x-aspnet-version", "x-aspnetmvc-version", "x-generator"),
)
MAX_VALUE = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: status (0: nothing came), where it leads, the headers kept, the cookies set."""

    method: str
    url: str
    status: int
    location: str
    headers: Mapping[str, list[str]]
    cookies: tuple[Mapping[str, Any], ...]
    echoed: bool = False
    reason: str = ""


def walk(target: Target, budget: Budget) -> Iterator[Answer]:
    """The page named, then where it leads, on the same origin only: elsewhere is somebody else's door."""
    path = target.path
    for _ in range(MAX_STEPS):
        answer = ask(target, budget, "GET", path)
        yield answer
        following = urlsplit(urljoin(answer.url, answer.location)) if answer.location else None
        if following is None or _origin(following.scheme, following.hostname, following.port) != _own(target):
            return
        path = (following.path or "/") + (f"?{following.query}" if following.query else "")


def ask(target: Target, budget: Budget, method: str, path: str) -> Answer:
    """One request on a connection of its own; no fault of the product raises."""
    limit = budget.connection()
    url = target.origin + path.partition("?")[0]
    try:
        with connected(target, limit) as plain:
            return exchange(target, budget, plain, method, path)
    except (OSError, http.client.HTTPException, ValueError) as exc:
        return Answer(method, url, 0, "", {}, (), reason=type(exc).__name__)


def exchange(target: Target, budget: Budget, plain: socket.socket, method: str, path: str) -> Answer:
    """One request on a connection that is open; raises as :mod:`http.client` and :mod:`ssl` do."""
    connection: http.client.HTTPConnection
    if target.encrypted:
        context = permissive(ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.MAXIMUM_SUPPORTED, "DEFAULT")
        connection = http.client.HTTPSConnection(target.host, target.port, context=context)
        connection.sock = context.wrap_socket(plain, server_hostname=target.server_name)
    else:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = plain
    with closing(connection):
        connection.request(method, path, headers={"User-Agent": USER_AGENT, "Accept": "text/html"})
        with connection.getresponse() as came:
            body = came.read1(budget.page)
            return Answer(
                method,
                target.origin + path.partition("?")[0],
                came.status,
                (came.getheader("Location") or "")[:MAX_VALUE],
                {name: values for name in KEPT if (values := _values(came, name))},
                tuple(cookie for value in _values(came, "set-cookie") for cookie in _cookies(value)),
                echoed=method == "TRACE" and USER_AGENT.encode() in body,
            )


def _values(came: http.client.HTTPResponse, name: str) -> list[str]:
    return [value[:MAX_VALUE] for value in came.headers.get_all(name, [])][:20]


def _cookies(value: str) -> list[Mapping[str, Any]]:
    """The cookies of one Set-Cookie: name and protections; the value, which may open a session, is never kept."""
    try:
        read = SimpleCookie(value)
    except CookieError:
        return []
    return [
        {
            "name": morsel.key[:100],
            "secure": bool(morsel["secure"]),
            "http_only": bool(morsel["httponly"]),
            "same_site": str(morsel["samesite"]),
            "lasting": bool(morsel["max-age"] or morsel["expires"]),
        }
        for morsel in read.values()
    ]


def _own(target: Target) -> tuple[str, str, int]:
    return (target.scheme, target.host, target.port)


def _origin(scheme: str, host: str | None, port: int | None) -> tuple[str, str, int]:
    return (scheme, host or "", port or PORTS.get(scheme, 0))
