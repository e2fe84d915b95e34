"""Full mail sessions per second of the simulated operator, on each backend, beside bare servers; rewrite the page.

    python benchmarks/mssante.py [--sessions N] [--rounds N]

A full session is what a product does to send and to read one document, on two connections: TLS 1.2 or better with the chain
verified, XOAUTH2, a message with an IHE XDM archive submitted (or one read by IMAP), goodbye. The contenders are measured
in turn, round after round, with the same clients, certificate and message, in processes of their own.
"""

from __future__ import annotations

import argparse
import os
import platform
import ssl
import statistics
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import mssante_bare as bare
from benchmarks.mssante_clients import Account, flush_time, message, read, submit, token_of
from conformance.evidence.journal import read_journal
from conformance.services.client import Bench
from conformance.services.contract import DOVECOT, EMBEDDED
from conformance.services.mssante.dovecot.presence import missing
from conformance.services.pki import Pki

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "mssante.md"
LANE = "bench"
CLIENTS = (1, 4, 16)
ONE_FLUSH = "operator, one flush for each record"
NAMES = {
    "embedded": "operator",
    "dovecot": "operator, Dovecot behind its doors",
    "one-flush": ONE_FLUSH,
    "bare-dovecot": "Dovecot alone (its own TLS; nothing recorded)",
    "bare-aiosmtpd": "aiosmtpd alone (submission only; nothing recorded, nothing kept)",
}
Rates = dict[tuple[str, str, int], list[float]]


@contextmanager
def operator(scratch: Path, backend: str, *, one_flush: bool = False) -> Iterator[Account]:
    """The services, and a box of theirs."""
    name = "one-flush" if one_flush else backend
    home, evidence = scratch / "home", scratch / name
    evidence.mkdir(parents=True)
    with ExitStack() as stack:
        if one_flush:
            bench = stack.enter_context(bare.one_flush_services(evidence, home, LANE))
        else:
            bench = stack.enter_context(Bench.start(evidence, home, [LANE], mail_backend=backend))
        here, pki = bench.lane(LANE), Pki.open(home / "pki")
        box = f"dui@{here.domain}"
        refresh = bench.mailbox(LANE, box, "PER")["refresh_token"]
        account = Account(
            box=box,
            recipient=f"medecin@{here.correspondents_domain}",
            smtp=here.smtp[1],
            imap=here.imap[1],
            context=ssl.create_default_context(cadata=pki.ca_pem),
            fresh=lambda: token_of(here, refresh, pki.ca_file),
        )
        bench.deliver(LANE, box, message(), "bench")
        yield account


def measure(account: Account, sessions: int, rates: Rates, name: str) -> None:
    """One round of one contender: submission, reading and both, at each number of clients."""
    account.renew()
    kinds = {"submission": [submit]}
    if account.imap:
        kinds |= {"reading": [read], "full": [submit, read]}
    for clients in CLIENTS:
        for kind, steps in kinds.items():
            rates.setdefault((name, kind, clients), []).append(rate(account, steps, sessions, clients))


def rate(account: Account, steps: list, sessions: int, clients: int) -> float:
    """Sessions per second."""

    def one(_number: int) -> None:
        for step in steps:
            step(account)

    with ThreadPoolExecutor(clients) as pool:
        start = perf_counter()
        list(pool.map(one, range(sessions)))
    return sessions / (perf_counter() - start)


def main() -> int:
    """Measure, print and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rates: Rates = {}
    flushes: list[float] = []
    loads: list[float] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        scratch = Path(folder)
        made = {
            "one-flush": partial(operator, scratch, EMBEDDED, one_flush=True),
            "embedded": partial(operator, scratch, EMBEDDED),
            "bare-aiosmtpd": partial(bare.aiosmtpd, scratch),
        }
        if not missing():
            made |= {"dovecot": partial(operator, scratch, DOVECOT), "bare-dovecot": partial(bare.dovecot, scratch)}
        accounts = {name: stack.enter_context(start()) for name, start in made.items()}
        for number in range(options.rounds):
            for name, account in accounts.items():
                flushes.append(flush_time(scratch))
                loads.append(os.getloadavg()[0])
                measure(account, options.sessions, rates, name)
            print(f"round {number + 1} of {options.rounds}", flush=True)
        records = sum(1 for _ in read_journal(scratch / "embedded"))
    # Submission, reading, and both again.
    connections = 4 * options.sessions * options.rounds * len(CLIENTS)
    machine = (
        f"{os.cpu_count()} processors shared by clients, servers and whatever else runs (load {statistics.median(loads):.0f});"
        f" a flush of the disk took {statistics.median(flushes) * 1000:.1f} ms (medians, during the run)"
    )
    text = page(rates, options.sessions, options.rounds, machine, records / connections)
    PAGE.write_text(text, encoding="utf-8")
    print(text)
    return 0


def page(rates: Rates, sessions: int, rounds: int, machine: str, records: float) -> str:
    """The page, in Markdown."""
    lines = [
        "# Mail sessions: figures",
        "",
        "Written by `python benchmarks/mssante.py`; do not edit.",
        "",
        f"Sessions per second, median of {rounds} rounds of {sessions} sessions each, contenders in turn.",
        f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}, {platform.machine()}.",
        f"Machine: {machine}.",
        f"A session of one connection leaves {records:.0f} records, each durable before it is answered.",
        "",
    ]
    for kind, what in (
        ("full", "Full session: one message submitted, one read (two connections)"),
        ("submission", "Submission alone"),
        ("reading", "Reading alone"),
    ):
        lines += [f"## {what}", "", "| server | " + " | ".join(f"{n} clients" for n in CLIENTS) + " |"]
        lines += ["|---|" + "---|" * len(CLIENTS)]
        for name, shown in NAMES.items():
            if (name, kind, CLIENTS[0]) in rates:
                cells = [f"{statistics.median(rates[name, kind, clients]):.0f}" for clients in CLIENTS]
                lines.append(f"| {shown} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines).replace("| 1 clients", "| 1 client") + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
