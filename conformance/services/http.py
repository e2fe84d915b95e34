"""HTTP and HTTPS on loopback, by uvicorn, inside the running asyncio loop: no thread, no signal handler.

The session of a connection and what its TLS handshake told stand in ``request.state`` (:func:`session_of`,
:func:`tls_of`): uvicorn itself keeps them from the application.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from conformance.core.errors import SetupError
from conformance.services.handshake import Handshake
from conformance.services.tls import RecordingContext, handshake_of, new_session

LOOPBACK = "127.0.0.1"
Settled = Callable[[], Awaitable[None]]
# Seconds given to requests in progress when a server stops.
GRACE = 1
MAX_CONNECTIONS = 200


class _Protocol(H11Protocol):
    """Tells the application which connection a request came on."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        handshake = handshake_of(transport.get_extra_info("ssl_object"))
        session = handshake.session if handshake else new_session()
        self.app_state = {**self.app_state, "session": session, "tls": handshake, "transport": transport}

    def shutdown(self) -> None:
        super().shutdown()
        cycle: Any = self.cycle  # uvicorn declares it, then keeps None there until the first request
        if cycle is None or cycle.response_complete:
            # A closing TLS transport waits for its peer's goodbye, which an idle client does not send.
            self.transport.abort()


class _Server(uvicorn.Server):
    """Says when it is ready, stops at once when told, and leaves the signals to its host."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.told = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        # uvicorn ticks ten times a second, which adds up over lanes; all it does then is to renew the Date header.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self.told.wait(), 1)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Settling:
    """Holds back the answers of an application until what they rest on is durable."""

    def __init__(self, app: ASGIApp, settled: Settled) -> None:
        self._app = app
        self._settled = settled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def held(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._settled()
            await send(message)

        await self._app(scope, receive, held)


class HttpServer:
    """One listening port. It is bound at once, so that an application may know its own address before it is made."""

    def __init__(self, *, context: ssl.SSLContext | None = None, port: int = 0, settled: Settled | None = None) -> None:
        """``settled`` is awaited before each answer leaves: what it tells must be durable by then.

        With a context that records, it is its journal's unless another is given.
        """
        self._context = context
        self._settled = settled
        if settled is None and isinstance(context, RecordingContext):
            self._settled = context.recorder.journal.durable
        self._socket = _bind(port)
        self.port: int = self._socket.getsockname()[1]
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    def url(self, name: str = "localhost") -> str:
        """Scheme, name and port, without a trailing slash."""
        return f"{'https' if self._context else 'http'}://{name}:{self.port}"

    async def start(self, app: ASGIApp) -> None:
        """Serve ``app``; returns once connections are accepted."""
        config = uvicorn.Config(
            _Settling(app, self._settled) if self._settled else app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_graceful_shutdown=GRACE,
        )
        config.load()
        config.ssl = self._context
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await self._server.ready.wait()

    async def stop(self) -> None:
        """Stop listening, give requests in progress a moment, close; a server that never started only closes."""
        if self._server and self._task:
            self._server.should_exit = True
            self._server.told.set()
            await self._task
        self._socket.close()


def session_of(request: Request) -> str:
    """The session of the connection a request came on."""
    return str(getattr(request.state, "session", ""))


def tls_of(request: Request) -> Handshake | None:
    """The recorded handshake of the connection a request came on; ``None`` over plain HTTP."""
    found: Any = getattr(request.state, "tls", None)
    return found if isinstance(found, Handshake) else None


class Cut(Response):
    """An answer whose connection ends in its middle, without a goodbye."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head and half of the body, then cut."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        scope["state"]["transport"].abort()
        while (await receive())["type"] != "http.disconnect":
            pass


async def bounded_body(request: Request, limit: int) -> bytes:
    """The request's body; more than ``limit`` bytes is answered 413."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise HTTPException(413)
        parts.append(part)
    return b"".join(parts)


def _bind(port: int) -> socket.socket:
    # The protocol is named, for asyncio sets TCP_NODELAY on such sockets only; without it every answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as exc:
        listening.close()
        raise SetupError("services.port-taken", port=port, reason=exc.strerror or str(exc)) from exc
    return listening
