"""The process of the simulated services.

``python -m conformance.services.host --evidence FOLDER --endpoints FILE [--lanes a,b] [--home DIR] [--mail-backend NAME] [--parent PID]``

It writes :class:`~conformance.services.contract.Endpoints` to FILE once everything listens, and stops on SIGTERM,
SIGINT, ``POST /shutdown``, or when the process PID that started it is gone. It never reaches out.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from conformance.core.errors import ConformanceError
from conformance.core.words import GOOD
from conformance.evidence.evidence import RUN
from conformance.evidence.grouped import GroupedJournal
from conformance.evidence.observation import BENCH
from conformance.services import contract
from conformance.services.contract import BACKENDS, DOVECOT, EMBEDDED, Endpoints, LaneEndpoints
from conformance.services.control import control_app
from conformance.services.guard import forbid_outbound
from conformance.services.http import LOOPBACK, HttpServer
from conformance.services.lane import Bench, ServiceLane
from conformance.services.mssante.dovecot.server import Dovecot
from conformance.services.pki import Pki
from conformance.services.psc.tokens import Lifetimes, new_signing_key
from conformance.services.recordlog import RecordLog
from conformance.services.tls import TlsRecorder

# How often the host looks whether its parent still lives, in seconds.
PARENT_CHECK = 0.25
# Seconds after which a thread that waits for the interpreter is given it. Python's own, 5 ms, is longer than most calls take:
# the threads that hash and flush made the loop wait for them, and calls of the DMP took half as much time again.
SWITCH = 0.0005
SERVICES = (contract.PSC, contract.SMTP, contract.IMAP, contract.AUTOCONFIG, contract.DELIVERY)


class Host:
    """Every lane's services and the control interface, in the running loop."""

    def __init__(
        self, evidence: Path, home: Path | None = None, *, permitted: Sequence[str] = (), backend: str = EMBEDDED
    ) -> None:
        pki = Pki.open(home / "pki" if home else None, permitted=permitted)
        self.journal = GroupedJournal(evidence, "services")
        self.log = RecordLog(asyncio.get_running_loop())
        self.journal.listeners.append(self.log.heard)
        self.lanes: dict[str, ServiceLane] = {}
        self.stopping = asyncio.Event()
        key = new_signing_key()
        self._backend = backend
        self._dovecot = Dovecot(key) if backend == DOVECOT else None
        self._bench = Bench(self.journal, pki, TlsRecorder(self.journal, pki), key, self._dovecot)
        self._control = HttpServer(settled=self.journal.durable)
        self._token = secrets.token_urlsafe(32)
        self._file: Path | None = None
        self._making = asyncio.Lock()

    async def start(self, lanes: Sequence[str], endpoints: Path | None = None) -> None:
        """Start the lanes and the control interface, then write ``endpoints``."""
        if self._dovecot:
            await self._dovecot.start()
        for name in lanes:
            await self.lane(name)
        await self._control.start(control_app(self, self._token))
        self._file = endpoints
        self._publish()

    async def lane(self, name: str, lifetimes: Lifetimes | None = None) -> LaneEndpoints:
        """The endpoints of a lane, which is made when it is new; ``lifetimes`` are those of a new lane's tokens."""
        async with self._making:
            if name not in self.lanes:
                lane = ServiceLane(name, self._bench, lifetimes)
                try:
                    await lane.start()
                except BaseException:
                    await lane.stop()
                    raise
                self.lanes[name] = lane
                self._publish()
        return self.lanes[name].endpoints()

    def sequences(self, lane: str) -> dict[str, int]:
        """The last sequence number of every service in a lane; 0 for one that has recorded nothing yet."""
        lasts = self.journal.lasts(lane)
        return {name: lasts.get(name, 0) for name in sorted({*SERVICES, *lasts} - {BENCH, RUN})}

    def endpoints(self) -> Endpoints:
        """Everything a client needs."""
        return Endpoints(
            control_url=self._control.url(LOOPBACK),
            control_token=self._token,
            ca_pem=self._bench.pki.ca_pem,
            pid=os.getpid(),
            mail_backend=self._backend,
            lanes={name: lane.endpoints() for name, lane in self.lanes.items()},
        )

    async def stop(self) -> None:
        """Stop everything and close the journal; what was acknowledged is durable already."""
        if self._file:
            self._file.unlink(missing_ok=True)
        self.log.close()
        try:
            await asyncio.gather(self._control.stop(), *(lane.stop() for lane in self.lanes.values()))
            if self._dovecot:
                await self._dovecot.stop()
        finally:
            self.journal.close()

    def _publish(self) -> None:
        if self._file:
            self.endpoints().write(self._file)


async def serve(options: argparse.Namespace) -> None:
    """Run until told to stop."""
    host = Host(options.evidence, options.home, permitted=options.permit, backend=options.mail_backend)
    for variable in options.secret_env:
        if secret := os.environ.get(variable):
            host.journal.redactor.declare(secret)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, host.stopping.set)
    try:
        await host.start([name for name in options.lanes.split(",") if name], options.endpoints)
        await _until_told(host.stopping, options.parent)
    finally:
        await host.stop()


async def _until_told(stopping: asyncio.Event, parent: int | None) -> None:
    """Orphans get another parent: an abandoned host must not keep its ports and its journal."""
    while not stopping.is_set() and parent in (None, os.getppid()):
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), PARENT_CHECK)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; the exit code says whose fault a failed start is."""
    parser = argparse.ArgumentParser(prog="conformance.services.host")
    parser.add_argument("--evidence", type=Path, required=True)
    parser.add_argument("--endpoints", type=Path, required=True)
    parser.add_argument("--lanes", default="")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--permit", action="append", default=[])
    parser.add_argument("--mail-backend", choices=BACKENDS, default=EMBEDDED)
    parser.add_argument("--parent", type=int)
    # The product's secrets come by the names of their variables: never on a command line.
    parser.add_argument("--secret-env", action="append", default=[])
    options = parser.parse_args(arguments)
    forbid_outbound()
    sys.setswitchinterval(SWITCH)
    try:
        asyncio.run(serve(options))
    except ConformanceError as exc:
        sys.stderr.write(exc.card() + "\n")
        return exc.exit_code
    return GOOD


if __name__ == "__main__":
    sys.exit(main())
