"""The two listening ports of an operator, or of one of its fronts: submission and reading."""

from __future__ import annotations

import asyncio

from conformance.services.mssante.desk import Desk
from conformance.services.mssante.dovecot.imap import RelayedSession
from conformance.services.mssante.dovecot.submission import RelayedSubmission
from conformance.services.mssante.imap.session import Session
from conformance.services.mssante.smtp import Submission

LISTEN = "127.0.0.1"


class Doors:
    """Both servers on free ports of loopback, and the sessions that they hold."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sessions: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    async def open(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        smtp = await loop.create_server(self._submission, LISTEN, 0)
        imap = await asyncio.start_server(self._read, LISTEN, 0, limit=self._desk.limits.line)
        self._servers = [smtp, imap]

    async def close(self) -> None:
        """Stop listening, tell every client goodbye and wait until their ends are recorded."""
        for server in self._servers:
            server.close()
        for task in list(self._sessions):
            task.cancel()
        while self._sessions:
            await asyncio.wait(list(self._sessions))
            await asyncio.sleep(0)
        self._servers = []

    @property
    def smtp(self) -> tuple[str, int]:
        """Where submission listens; raises :class:`IndexError` before :meth:`open`."""
        return _address(self._servers[0])

    @property
    def imap(self) -> tuple[str, int]:
        """Where reading listens; raises :class:`IndexError` before :meth:`open`."""
        return _address(self._servers[1])

    def _submission(self) -> Submission:
        if self._desk.dovecot:
            return RelayedSubmission(self._desk, self._sessions, self._desk.dovecot)
        return Submission(self._desk, self._sessions)

    def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Session:
        if self._desk.dovecot:
            return RelayedSession(self._desk, reader, writer, self._desk.dovecot)
        return Session(self._desk, reader, writer)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        crowded = len(self._sessions) >= self._desk.limits.connections
        self._sessions.add(task)
        try:
            await self._session(reader, writer).run(crowded=crowded)
        finally:
            self._sessions.discard(task)


def _address(server: asyncio.Server) -> tuple[str, int]:
    host, port = server.sockets[0].getsockname()[:2]
    return host, port
