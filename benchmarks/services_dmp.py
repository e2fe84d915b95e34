"""The DMP: submissions per second beside the echo, memory over many, and the campaign that kills it."""

from __future__ import annotations

import copy
import os
import statistics
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET  # the report of the campaign is our own

from conformance._bundled.fixtures.documents.n1 import n1
from conformance._bundled.fixtures.people import Population
from conformance._bundled.reference_dui import writing
from conformance._bundled.reference_dui.dmp.assertion import assertion
from conformance._bundled.reference_dui.dmp.link import Link
from conformance._bundled.reference_dui.dmp.submission import feeding
from conformance._bundled.reference_dui.dmp.wire import _envelope, _package
from conformance._bundled.reference_dui.sins import Sins

from benchmarks.memory import resident
from benchmarks.services_floor import (
    CLIENTS,
    ECHO,
    HEAD,
    LANE,
    Call,
    echo_process,
    machine,
    measure,
    must,
    rows,
    session,
)
from benchmarks.services_page import write
from conformance.population import Correspondent, Structure
from conformance.services.client import Bench

ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
PAGE, TITLE = "dmp", "The DMP: figures"
FED = "DMP, ITI-41"
SHORT = "echo that answers in short"
# Of the memory's samples: how often, and which share of the run comes before the first that counts.
EVERY, WARM = 100, 0.5
FEEDERS = 4
CAMPAIGN = "tests/heavy/test_dmp_kill.py"

Body = tuple[str, bytes]


@dataclass
class Feeder:
    """Makes submissions of one document each, all different, its PDF padded to so many kilobytes."""

    link: Link
    kilobytes: int
    person: Any = field(default_factory=lambda: Population(1).person("benchmark", "usager"))
    size: int = 0

    def __post_init__(self) -> None:
        author = Correspondent("c@dui.test", "899900000011", "ESSAI", "Camille", "G15_10/SM54")
        structure = Structure("960000012", "RESIDENCE D'ESSAI")
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        self.first = writing.first_version(self.person, author, structure, "80788-3", "Projet", "Un texte.", now, [])
        pdf, _ = writing.write(self.first, Sins())
        self.padded = pdf + b"%" * (self.kilobytes * 1024 * 3 // 4 - len(pdf))

    def make(self, vihf: Any = None) -> Body:
        """One submission: its media type and its bytes; with an assertion of its own, or one that serves several times."""
        spec = replace(self.first, unique_id=writing.new_oid(), set_id=writing.new_oid())
        request = feeding(self.link, spec, n1(spec, self.padded), Sins())
        envelope = _envelope(
            ACTION, "x", assertion(self.link, self.person, Sins()) if vihf is None else vihf, request.body
        )
        made = _package(envelope, request.parts, ACTION)
        self.size = len(made[1])
        return made


@dataclass
class Fed:
    """A running DMP that knows the person, and the files that its clients need."""

    bench: Bench
    feeder: Feeder
    url: str
    ca: Path
    card: Path

    @classmethod
    def on(cls, bench: Bench, folder: Path, kilobytes: int) -> Fed:
        """Set it up."""
        link = Link.of(bench.service(LANE, "dmp"))
        feeder = Feeder(link, kilobytes)
        person = feeder.person
        bench.act(LANE, "dmp", "patient", ins=person.ins, oid=person.oid, state="open", traits=person.as_json())
        ca, card = folder / "ca.pem", folder / "client.pem"
        ca.write_text(link.ca_pem)
        card.write_text(link.client_certificate_pem + link.client_key_pem)
        return cls(bench, feeder, f"{link.base_url}/repository", ca, card)


def rates(options: Namespace) -> None:
    """Submissions per second, one client then sixteen, beside the echo of the same bodies."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with Bench.start(folder / "evidence", folder / "home", [LANE]) as bench:
            fed = Fed.on(bench, folder, options.kilobytes)
            with echo_process(folder / "home" / "pki", folder / "echo") as (echo, pid):
                pids = {ECHO: pid, FED: bench.endpoints.pid, SHORT: pid}
                for clients in CLIENTS:
                    lines += _round(fed, echo, clients, options, pids)
        about = machine(folder)
    command = f"python benchmarks/services.py dmp --submissions {options.submissions} --rounds {options.rounds} --kilobytes {options.kilobytes}"
    write(
        PAGE,
        TITLE,
        "rates",
        [
            "## Submissions per second",
            "",
            f"Written by `{command}`; do not edit. {about}",
            f"{options.rounds} rounds of {options.submissions} submissions (ITI-41) of {fed.feeder.size / 1e6:.2f} MB, all different.",
            "",
            *HEAD,
            *lines,
            "",
            "The DMP verifies two signatures, files the document, and has registry and journal on the disk before it answers. The echo is a",
            "Starlette application on the same server, with the same TLS, clients and bodies, that reads the whole body and sends it back; it",
            "keeps nothing. The last line is the same application when it only says that it has read the body.",
        ],
    )


def _round(fed: Fed, echo: str, clients: int, options: Namespace, pids: dict[str, int]) -> list[str]:
    waiting: dict[str, deque[Body]] = {name: deque() for name in pids}

    def refill() -> None:
        made = [fed.feeder.make() for _ in range(options.submissions)]
        for bodies in waiting.values():
            bodies.clear()
            bodies.extend(made)

    def client() -> dict[str, Call]:
        web = session(fed.ca, fed.card)

        def call(name: str, url: str) -> Call:
            def post() -> None:
                kind, body = waiting[name].popleft()
                answer = web.post(url, data=body, headers={"Content-Type": kind}, timeout=60)
                expected = {ECHO: body, SHORT: b"%d" % len(body)}.get(name)
                must(answer.content == expected if expected else b":Success" in answer.content, answer)

            return post

        return {ECHO: call(ECHO, f"{echo}/echo"), FED: call(FED, fed.url), SHORT: call(SHORT, f"{echo}/short")}

    crowd = [client() for _ in range(clients)]
    return rows(measure(crowd, options.submissions, options.rounds, pids, refill), clients)


def memory(options: Namespace) -> None:
    """The memory of the process of the services over many submissions."""
    samples: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with Bench.start(folder / "evidence", folder / "home", [LANE]) as bench:
            fed = Fed.on(bench, folder, options.kilobytes)
            with ThreadPoolExecutor(FEEDERS) as pool:
                for done in range(EVERY, options.submissions + 1, EVERY):
                    list(pool.map(_feed_some, [fed] * FEEDERS, [EVERY // FEEDERS] * FEEDERS))
                    samples.append((done, resident(bench.endpoints.pid)))
            held = bench.act(LANE, "dmp", "count")["documents"]
    warm = [sample for sample in samples if sample[0] > options.submissions * WARM]
    slope = statistics.linear_regression([n for n, _ in warm], [held for _, held in warm]).slope
    at = {n: held / 2**20 for n, held in samples}
    steps = [n for n in (EVERY, *(options.submissions * tenth // 10 for tenth in range(1, 11))) if n in at]
    command = (
        f"python benchmarks/services.py memory --submissions {options.submissions} --kilobytes {options.kilobytes}"
    )
    write(
        PAGE,
        TITLE,
        "memory",
        [
            "## Memory",
            "",
            f"Written by `{command}`; do not edit. Resident memory of the process of the services after so many submissions of",
            f"{fed.feeder.size / 1e6:.2f} MB, by four clients at once on new connections every twenty-five; the registry held {held} documents at the end, signatures included.",
            "",
            "| submissions | " + " | ".join(f"{n:,}" for n in steps) + " |",
            "|---|" + "---|" * len(steps),
            "| MB | " + " | ".join(f"{at[n]:.0f}" for n in steps) + " |",
            "",
            f"From submission {warm[0][0]:,} on: {slope:+.0f} bytes for each submission; at most {max(held for _, held in samples) / 2**20:.0f} MB.",
        ],
    )


def _feed_some(fed: Fed, count: int) -> None:
    vihf = assertion(fed.feeder.link, fed.feeder.person, Sins())
    with session(fed.ca, fed.card) as web:
        for _ in range(count):
            kind, body = fed.feeder.make(copy.deepcopy(vihf))
            answer = web.post(fed.url, data=body, headers={"Content-Type": kind}, timeout=60)
            must(b":Success" in answer.content, answer)


def kill(options: Namespace) -> None:
    """The campaign of ``kill -9``, and what it lost."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-m",
            "heavy",
            CAMPAIGN,
            f"--junitxml={report}",
            "-o",
            "junit_family=xunit1",
        ]
        root = Path(__file__).resolve().parents[1]
        environment = {**os.environ, "DMP_KILL_ROUNDS": str(options.rounds)}
        subprocess.run(command, cwd=root, env=environment, check=False)
        cases = list(ET.parse(report).getroot().iter("testcase"))
    bad = [case.get("name") for case in cases if case.find("failure") is not None or case.find("error") is not None]
    if bad or not cases:
        raise SystemExit(
            f"{len(bad)} of {len(cases)} rounds failed, the page stays as it is: {', '.join(map(str, bad))}"
        )
    accepted = sum(
        int(one.get("value", "0")) for case in cases for one in case.iter("property") if one.get("name") == "accepted"
    )
    write(
        PAGE,
        TITLE,
        "kill",
        [
            "## Killed while it is fed",
            "",
            f"Written by `python benchmarks/services.py kill --rounds {options.rounds}`; do not edit. The process of the services dies by",
            f"`kill -9` at a random moment while documents are fed to it (`{CAMPAIGN}`, also in `tox -e kill`), and comes back on the same files.",
            "",
            f"{len(cases)} kills, {accepted:,} documents accepted before them: none was lost, each came back byte for byte and once, and the",
            "journal told of it.",
        ],
    )
