"""No answer leaves before what was recorded is durable: HTTP, SMTP and IMAP."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse

from conformance.evidence.journal import Journal
from conformance.services.http import LOOPBACK, HttpServer
from conformance.services.mssante.operator import Operator
from conformance.services.pki import Pki
from conformance.services.psc.tokens import TokenFacts
from conformance.services.tls import TlsRecorder

LIMIT = 20


class Slow(Journal):
    """A journal whose disk is held until it is told."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked = asyncio.Event()
        self.free = asyncio.Event()

    async def durable(self) -> None:
        self.asked.set()
        await self.free.wait()


async def first_bytes(port: int, journal: Slow, ask: bytes = b"") -> bytes:
    """What comes first on a port, asserting that nothing came before the journal was durable."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(ask)
    await asyncio.wait_for(journal.asked.wait(), LIMIT)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)
    journal.free.set()
    line = await asyncio.wait_for(reader.readline(), LIMIT)
    writer.close()
    return line


def test_an_http_answer_waits(tmp_path: Path) -> None:
    async def main() -> bytes:
        journal = Slow(tmp_path)
        server = HttpServer(settled=journal.durable)
        await server.start(PlainTextResponse("there"))
        try:
            return await first_bytes(server.port, journal, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        finally:
            await server.stop()

    assert asyncio.run(main()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(("door", "greeting"), [("smtp", b"220 "), ("imap", b"* OK ")])
def test_a_mail_reply_waits(tmp_path: Path, pki: Pki, door: str, greeting: bytes) -> None:
    async def main() -> bytes:
        journal = Slow(tmp_path)
        operator = Operator(
            lane="main", journal=journal, recorder=TlsRecorder(journal, pki), verify=lambda _token: TokenFacts()
        )
        await operator.start()
        try:
            return await first_bytes(getattr(operator, door)[1], journal)
        finally:
            await operator.stop()

    assert asyncio.run(main()).startswith(greeting)
