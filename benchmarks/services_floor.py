"""What the services are measured beside, and how: a bare echo on the same server, clients at once, contenders in turn."""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.evidence.journal import Journal
from conformance.services.http import HttpServer
from conformance.services.pki import Pki
from conformance.services.tls import TlsRecorder

LANE = "bench"
CLIENTS = (1, 16)
ECHO = "bare echo"
# How often the disk is tried, and with how many bytes.
FLUSHES, FLUSHED = 20, 1_000_000
Call = Callable[[], None]


def serve_echo(home: str, scratch: str) -> None:
    """The bare server, until its standard input closes; writes its port first.

    A Starlette application on the services' own HTTP server, with their TLS. ``/echo`` reads the body and sends it back,
    ``/short`` reads it and says that it did.
    """

    async def echo(request: Request) -> Response:
        return Response(await request.body())

    async def short(request: Request) -> Response:
        return Response(f"{len(await request.body())}")

    async def main() -> None:
        recorder = TlsRecorder(Journal(Path(scratch), "echo"), Pki.open(Path(home)))
        tls = recorder.context(service="echo", lane=LANE, names=(), client_auth="optional")
        server = HttpServer(context=tls)
        await server.start(
            Starlette(routes=[Route("/echo", echo, methods=["POST"]), Route("/short", short, methods=["POST"])])
        )
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await server.stop()

    asyncio.run(main())


@contextmanager
def echo_process(home: Path, scratch: Path) -> Iterator[tuple[str, int]]:
    """The bare server in a process of its own: its address and its pid."""
    command = [sys.executable, str(Path(__file__).with_name("services.py")), "echo", str(home), str(scratch)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise SystemExit("the echo does not speak")
        yield f"https://localhost:{process.stdout.readline().strip()}", process.pid
        process.stdin.close()


@dataclass
class Seen:
    """What was seen of one contender: calls per second of each round, and the server's processor time, ms for each call."""

    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def measure(
    crowd: list[dict[str, Call]], calls: int, rounds: int, pids: dict[str, int], before: Call = lambda: None
) -> dict[str, Seen]:
    """All the clients at once, one contender after the other, another one first in each round; ``before`` runs before each."""
    names = list(crowd[0])
    seen = {name: Seen() for name in names}
    with ThreadPoolExecutor(len(crowd)) as pool:
        for turn in range(rounds + 1):
            before()
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                used, began = processor_ms(pids[name]), time.perf_counter()
                done = [pool.submit(_repeat, client[name], calls // len(crowd)) for client in crowd]
                made = sum(one.result() for one in done)
                if turn:  # the first round opens the connections
                    seen[name].rates.append(made / (time.perf_counter() - began))
                    seen[name].processor.append((processor_ms(pids[name]) - used) / made)
    return seen


def _repeat(call: Call, times: int) -> int:
    for _ in range(times):
        call()
    return times


HEAD = [
    "| | clients | calls/s (median of rounds) | range | server's processor | ratio to the echo (median of rounds) |",
    "|---|---|---|---|---|---|",
]


def rows(seen: dict[str, Seen], clients: int) -> list[str]:
    """The lines of the table; each ratio is of two rates of the same round."""
    bare = seen[ECHO].rates
    return [
        f"| {name} | {clients} | {statistics.median(one.rates):.0f} | {min(one.rates):.0f} to {max(one.rates):.0f}"
        f" | {statistics.median(one.processor):.1f} ms"
        f" | {statistics.median(ours / echo for ours, echo in zip(one.rates, bare, strict=True)):.2f} |"
        for name, one in seen.items()
    ]


def machine(scratch: Path) -> str:
    """What it was measured on: the load is that of the measure itself and of whatever else ran, the flush that of the disk."""
    return (
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors shared by clients, servers and "
        f"whatever else ran (load {os.getloadavg()[0]:.1f} at the end); writing and flushing 1 MB took {flush_ms(scratch):.1f} ms, "
        f"1 kB {flush_ms(scratch, 1000):.1f} ms (medians)."
    )


def flush_ms(folder: Path, size: int = FLUSHED) -> float:
    """How long the disk takes to keep so many bytes appended to a file, in milliseconds."""
    content, taken = os.urandom(size), []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as out:
        for _ in range(FLUSHES):
            began = time.perf_counter()
            out.write(content)
            os.fsync(out.fileno())
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def processor_ms(pid: int) -> float:
    """Processor time that a process has used (proc(5), members 14 and 15)."""
    members = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(members[11]) + int(members[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def must(held: bool, answer: requests.Response) -> None:
    """Give up when an answer is not the one that is measured."""
    if not held:
        raise SystemExit(f"{answer.url}: {answer.status_code} {answer.content[:300]!r}")


def session(ca: Path, card: Path | None = None) -> requests.Session:
    """A client with connections of its own."""
    made = requests.Session()
    made.trust_env, made.verify, made.cert = False, str(ca), str(card) if card else None
    return made
