"""ITI-41 submissions per second with a document of 1 MB: the simulated DMP beside a bare echo of the same bodies.

    python benchmarks/services.py [--submissions N] [--kilobytes N] [--rounds N] [--write]

Both are spoken to over HTTPS with a client certificate, by one client, on connections kept open; the bodies are made beforehand. The
DMP verifies the signed assertion and the signature of the set, files the document in its registry, and writes the exchange into a
journal flushed to the disk, before it answers; the echo, an ASGI application on the same server, reads the body and sends it back.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance._bundled.fixtures.documents.n1 import n1
from conformance._bundled.fixtures.people import Population
from conformance._bundled.reference_dui import writing
from conformance._bundled.reference_dui.dmp.assertion import assertion
from conformance._bundled.reference_dui.dmp.link import Link
from conformance._bundled.reference_dui.dmp.submission import feeding
from conformance._bundled.reference_dui.dmp.wire import _envelope, _package
from conformance._bundled.reference_dui.sins import Sins

from conformance.population import Correspondent, Structure
from conformance.services.client import Bench
from conformance.services.http import HttpServer
from conformance.services.pki import Pki

LANE = "bench"
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "dmp.md"
ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"

Body = tuple[str, bytes]


def serve_echo(certificate: str, anchor: str) -> None:
    """The bare server, until its standard input closes; writes its port first."""

    async def echo(_: Any, receive: Any, send: Any) -> None:
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": bytes(body)})

    async def main() -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=anchor)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(certificate)
        server = HttpServer(context=context)
        await server.start(echo)
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await server.stop()

    asyncio.run(main())


def bodies(link: Link, person: Any, count: int, kilobytes: int) -> list[Body]:
    """Submissions of one document each, all different, their PDF padded to about ``kilobytes``."""
    author = Correspondent("c@dui.test", "899900000011", "ESSAI", "Camille", "G15_10/SM54")
    structure = Structure("960000012", "RESIDENCE D'ESSAI")
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    first = writing.first_version(person, author, structure, "80788-3", "Projet", "Un texte.", now, [])
    pdf, _ = writing.write(first, Sins())
    padded = pdf + b"%" * (kilobytes * 1024 * 3 // 4 - len(pdf))
    made = []
    for _ in range(count):
        spec = replace(first, unique_id=writing.new_oid(), set_id=writing.new_oid())
        request = feeding(link, spec, n1(spec, padded), Sins())
        envelope = _envelope(ACTION, "x", assertion(link, person, Sins()), request.body)
        made.append(_package(envelope, request.parts, ACTION))
    return made


def post(session: requests.Session, url: str, made: list[Body], *, expected: bytes) -> list[float]:
    """Seconds of each exchange."""
    taken = []
    for kind, body in made:
        began = time.perf_counter()
        answer = session.post(url, data=body, headers={"Content-Type": kind}, timeout=60)
        taken.append(time.perf_counter() - began)
        if answer.status_code != 200 or expected not in answer.content:
            raise SystemExit(f"{url}: {answer.status_code} {answer.content[:400]!r}")
    return taken


def told(name: str, rounds: list[list[float]], size: int) -> str:
    """One row of the table: the median round, the range of the rounds."""
    rates = sorted(len(taken) / sum(taken) for taken in rounds)
    middle = statistics.median(statistics.median(taken) for taken in rounds) * 1000
    rate = statistics.median(rates)
    return (
        f"| {name} | {rate:.1f} | {rates[0]:.1f} to {rates[-1]:.1f} | {middle:.1f} ms | {rate * size / 1e6:.0f} MB/s |"
    )


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--kilobytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks/dmp.md too")
    parser.add_argument("--echo", nargs=2, metavar=("CERTIFICATE", "ANCHOR"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.echo:
        serve_echo(*options.echo)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with Bench.start(folder / "evidence", folder / "home", [LANE]) as bench, requests.Session() as session:
            settings = bench.service(LANE, "dmp")
            link = Link.of(settings)
            person = Population(1).person("benchmark", "usager")
            bench.act(LANE, "dmp", "patient", ins=person.ins, oid=person.oid, state="open", traits=person.as_json())
            (folder / "ca.pem").write_text(link.ca_pem)
            (folder / "client.pem").write_text(link.client_certificate_pem + link.client_key_pem)
            session.trust_env, session.verify = False, str(folder / "ca.pem")
            session.cert = str(folder / "client.pem")
            count = options.submissions
            made = bodies(link, person, count * options.rounds + 3, options.kilobytes)
            size = len(made[0][1])
            turns = [made[3 + n * count : 3 + (n + 1) * count] for n in range(options.rounds)]
            certificate = Pki.open(folder / "home" / "pki").server_file(())
            command = [sys.executable, __file__, "--echo", str(certificate), str(folder / "ca.pem")]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as echo:
                assert echo.stdout
                assert echo.stdin
                url, bare_url = f"{link.base_url}/repository", f"https://localhost:{echo.stdout.readline().strip()}/"
                post(session, url, made[:3], expected=b"Success")
                post(session, bare_url, made[:3], expected=b"Content-ID")
                ours, bare = [], []
                for turn in turns:
                    ours.append(post(session, url, turn, expected=b"Success"))
                    bare.append(post(session, bare_url, turn, expected=b"Content-ID"))
                echo.stdin.close()
    report(options, size, ours, bare)


def report(options: argparse.Namespace, size: int, ours: list[list[float]], bare: list[list[float]]) -> None:
    """Print the table, and write its page where that is asked."""
    rows = [
        (
            f"Python {platform.python_version()}, {platform.machine()}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; "
            f"{options.rounds} rounds of {options.submissions} submissions of {size / 1e6:.2f} MB, one client.\n"
        ),
        "| | submissions/s | rounds | median | |\n|---|---|---|---|---|",
        told("simulated DMP", ours, size),
        told("bare echo", bare, size),
    ]
    print("\n".join(rows))
    if options.write:
        head = "# Feeding the DMP, per second\n\nWritten by `python benchmarks/services.py --write`; do not edit.\n\n"
        foot = "\n\nThe DMP verifies two signatures and flushes registry and journal to the disk before it answers; the echo keeps nothing.\n"
        PAGE.write_text(head + "\n".join(rows) + foot, encoding="utf-8")


if __name__ == "__main__":
    main()
