"""The product's front door over TLS: a second listener beside the one of the demonstration, for the same pages."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

import uvicorn
from starlette.types import ASGIApp

from .front_certificates import FrontCertificates
from .sins import Sins

# ANSSI, Recommandations de sécurité relatives à TLS, v1.2: TLS 1.3 first, TLS 1.2 beside it, ephemeral exchanges with
# authenticated encryption.
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"
START_LIMIT = 10.0


class FrontContexts:
    """The TLS context of a new connection, as the defects in force want it."""

    def __init__(self, certificates: FrontCertificates, sins: Sins) -> None:
        self._certificates = certificates
        self._sins = sins
        self._made = lru_cache(self._make)

    def now(self) -> ssl.SSLContext:
        """The context of this instant."""
        return self._made(self._sins.names)

    def _make(self, _: tuple[str, ...]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(SUITES)
        context.load_cert_chain(self._certificate(context))
        if self._sins.has("opens-its-door-in-tls-1-0"):
            with warnings.catch_warnings():
                # The ssl module rightly deprecates the version that this defect needs.
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("ECDHE+AESGCM:ECDHE+AES:@SECLEVEL=0")
        if self._sins.has("agrees-to-old-suites-at-its-door"):
            context.set_ciphers("ECDHE+AESGCM:ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0")
        return context

    def _certificate(self, context: ssl.SSLContext) -> Path:
        made = self._certificates
        if self._sins.has("shows-an-expired-certificate"):
            return made.expired()
        if self._sins.has("shows-the-certificate-of-another-host"):
            return made.misnamed()
        if self._sins.has("shows-a-certificate-of-its-own"):
            return made.self_signed()
        if self._sins.has("keeps-a-short-key"):
            context.set_ciphers(f"{SUITES}:@SECLEVEL=0")
            return made.short()
        return made.good()


class Contexts(Protocol):
    """Which TLS context a new connection has."""

    def now(self) -> ssl.SSLContext:
        """The context of this instant."""
        ...


class _Chosen(ssl.SSLContext):
    """A context that lends each connection the one of the moment: defects are switched while the door is open."""

    contexts: Contexts

    def wrap_bio(self, *given: Any, **options: Any) -> ssl.SSLObject:
        """As the context of the moment does."""
        return self.contexts.now().wrap_bio(*given, **options)


class Door:
    """A listener over TLS, in a thread of its own."""

    def __init__(self, contexts: Contexts, http: type[asyncio.Protocol] | Literal["auto"] = "auto") -> None:
        self._context = _Chosen(ssl.PROTOCOL_TLS_SERVER)
        self._context.contexts = contexts
        self._http = http
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"https://localhost:{self._socket.getsockname()[1]}/"

    def open(self, app: ASGIApp) -> None:
        """Serve; the application was started already, by the main listener."""
        config = uvicorn.Config(
            app,
            http=self._http,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
        )
        config.load()
        config.ssl = self._context
        self._server = uvicorn.Server(config)
        threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True).start()
        until = time.monotonic() + START_LIMIT
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.01)

    def close(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.should_exit = True
