"""INSi searches, Annuaire searches and log-ins per second, beside a bare echo on the same server; rewrite the page.

    python benchmarks/identity.py [--calls N] [--rounds N] [--people N]

One client, then sixteen at once, on connections kept open, over HTTPS. The services parse, look up, write each exchange into a journal flushed to the disk, then
answer; the echo, an ASGI application on the same server, reads the body and sends it back, and keeps nothing. The
contenders are measured in turn, round after round. A log-in is two requests: authorization, then the code's exchange.
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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance._bundled.fixtures.people import Population
from conformance._bundled.reference_dui.insi import envelope

from conformance.services.client import Bench
from conformance.services.http import HttpServer
from conformance.services.pki import Pki

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "identity.md"
LANE = "bench"
CALLBACK = "https://dui.test/retour"
CLIENTS = (1, 16)
Call = Callable[[], None]


def serve_echo(certificate: str) -> None:
    """The bare server, until its standard input closes; writes its port first."""

    async def echo(_: Any, receive: Any, send: Any) -> None:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": bytes(body)})

    async def main() -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        server = HttpServer(context=context)
        await server.start(echo)
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await server.stop()

    asyncio.run(main())


@contextmanager
def echo_url(certificate: Path) -> Iterator[str]:
    """The bare server in a process of its own."""
    command = [sys.executable, __file__, "--echo", str(certificate)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise SystemExit("the echo does not speak")
        yield f"https://localhost:{process.stdout.readline().strip()}/"
        process.stdin.close()


def prepared(bench: Bench, web: requests.Session, scratch: Path) -> dict[str, Any]:
    """What the calls need: endpoints, a known person, a client certificate."""
    person = Population(1).person("benchmark", "usager")
    bench.act(LANE, "insi", "know", identities=[person.as_json()])
    told: dict[str, Any] = {name: bench.service(LANE, name) for name in ("insi", "annuaire", "psc")}
    card = scratch / "client.pem"
    card.write_text(told["insi"]["client_key_pem"] + told["insi"]["client_certificate_pem"])
    bench.act(LANE, "psc", "register", redirect_uris=[CALLBACK])
    bench.act(LANE, "psc", "persona", subject="899900000029")
    document = web.get(told["psc"]["discovery_url"], timeout=30).json()
    return {**told, "person": person, "card": str(card), "document": document, "ca": web.verify}


def contenders(told: dict[str, Any], echo: str) -> dict[str, Call]:
    """What is measured, by name: one call each, on connections of their own."""
    person, insi, annuaire, psc, document = (told[name] for name in ("person", "insi", "annuaire", "psc", "document"))
    fields = {"NomNaissance": person.birth_name, "Sexe": person.sex, "DateNaissance": person.birth_date}
    web, held = requests.Session(), requests.Session()
    web.trust_env, web.verify = False, told["ca"]
    held.trust_env, held.verify, held.cert = False, told["ca"], told["card"]

    def message() -> bytes:
        body = envelope.by_traits(fields, [person.first_name])
        return envelope.request("rechercherInsAvecTraitsIdentite", body, idam=insi["idam"], issuer=insi["issuer"])

    def search_insi() -> None:
        answer = held.post(insi["url"], data=message(), timeout=30)
        _must(person.matricule.encode() in answer.content, answer)

    def bare() -> None:
        body = message()
        answer = web.post(echo, data=body, timeout=30)
        _must(answer.content == body, answer)

    def search_annuaire() -> None:
        headers = {annuaire["api_key_header"]: annuaire["api_key"]}
        answer = web.get(
            f"{annuaire['url']}/Practitioner", params={"family": "BRI", "_count": 10}, headers=headers, timeout=30
        )
        _must(answer.status_code == 200, answer)

    def log_in() -> None:
        asked = {
            "response_type": "code",
            "client_id": psc["client_id"],
            "redirect_uri": CALLBACK,
            "scope": psc["scope"],
        }
        url = document["authorization_endpoint"]
        back = web.get(url, params={**asked, "state": "s", "nonce": "n"}, allow_redirects=False, timeout=30)
        code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        auth = (psc["client_id"], psc["client_secret"])
        answer = web.post(document["token_endpoint"], data=form, auth=auth, timeout=30)
        _must("id_token" in answer.json(), answer)

    return {
        "bare echo of the INSi request": bare,
        "INSi search by traits": search_insi,
        "Annuaire search by name": search_annuaire,
        "log-in (authorization, then code)": log_in,
    }


def measure(clients: list[dict[str, Call]], calls: int, rounds: int) -> dict[str, list[float]]:
    """Calls per second of each contender, all clients at once, one figure for each round."""
    rates: dict[str, list[float]] = {name: [] for name in clients[0]}
    with ThreadPoolExecutor(len(clients)) as pool:
        for turn in range(rounds + 1):
            for name, seen in rates.items():
                began = time.perf_counter()
                done = [pool.submit(_repeat, client[name], calls // len(clients)) for client in clients]
                made = sum(one.result() for one in done)
                if turn:  # the first round opens the connections
                    seen.append(made / (time.perf_counter() - began))
    return rates


def _repeat(call: Call, times: int) -> int:
    for _ in range(times):
        call()
    return times


def rows(rates: dict[str, list[float]], clients: int) -> list[str]:
    """The lines of the table, with ratios to the echo of the same run."""
    bare = statistics.median(next(iter(rates.values())))
    return [
        f"| {name} | {clients} | {statistics.median(seen):.0f} | {min(seen):.0f} to {max(seen):.0f}"
        f" | {statistics.median(seen) / bare:.2f} |"
        for name, seen in rates.items()
    ]


def page(lines: list[str], options: argparse.Namespace) -> str:
    """The page."""
    command = (
        f"python benchmarks/identity.py --calls {options.calls} --rounds {options.rounds} --people {options.people}"
    )
    machine = f"Python {platform.python_version()}, {platform.machine()}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    head = [
        "# Identity services, per second",
        "",
        f"Written by `{command}`; do not edit. {machine}. Connections kept open, HTTPS; the directory holds {options.people:,} people.",
        "",
        "| | clients | calls/s (median of rounds) | range | ratio to the echo |",
        "|---|---|---|---|---|",
    ]
    foot = [
        "",
        "Each call of a service is parsed, looked up, and flushed to the disk before it is answered; the echo keeps nothing.",
        "",
    ]
    return "\n".join([*head, *lines, *foot])


def _must(held: bool, answer: requests.Response) -> None:
    if not held:
        raise SystemExit(f"{answer.url}: {answer.status_code} {answer.content[:300]!r}")


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--echo", metavar="CERTIFICATE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.echo:
        serve_echo(options.echo)
        return
    with tempfile.TemporaryDirectory() as folder, requests.Session() as web:
        scratch = Path(folder)
        with Bench.start(scratch / "evidence", scratch / "home", [LANE]) as bench:
            pki = Pki.open(scratch / "home" / "pki")
            web.trust_env, web.verify = False, str(pki.ca_file)
            bench.act(LANE, "annuaire", "populate", count=options.people)
            with echo_url(pki.server_file(())) as echo:
                told = prepared(bench, web, scratch)
                lines = []
                for clients in CLIENTS:
                    crowd = [contenders(told, echo) for _ in range(clients)]
                    lines += rows(measure(crowd, options.calls, options.rounds), clients)
    PAGE.write_text(page(lines, options), encoding="utf-8")
    sys.stdout.write(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
