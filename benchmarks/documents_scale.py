"""What judging documents by the million costs: start-up, throughput, memory, results, and the size of a large work.

    python benchmarks/documents_scale.py [--documents 50000] [--seconds 7200] [--distinct 1200] [--repeat 3]

writes ``docs/benchmarks/documents-scale.md`` again. Documents are generated, each with bytes of its own; nothing is fetched.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import StringIO
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.scale.command import judge
from conformance.scale.item import Batch, Given, Item
from conformance.scale.jsonlines import JsonLines
from conformance.scale.local import Local
from conformance.scale.progress import Progress
from conformance.scale.rules import rules_version
from conformance.scale.verdict import Verdict

if TYPE_CHECKING:
    from conformance._bundled.fixtures.documents.model import DocumentSpec

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "documents-scale.md"
DAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
# PDFs of the memory run: printing one costs half of what judging a document does, so that they are printed once each.
PDFS = 200
IMPORTS = ("conformance.checks", "conformance.checks.fhir", "pikepdf.pdfa", "jsonschema", "yaml", "click")
WRITTEN = 200_000
HUNDRED_MILLIONS = 100_000_000


class Documents:
    """Distinct documents without end: N1 (one in ten at fault), PDF, XDM, in the proportions 8, 1, 1."""

    def __init__(self) -> None:
        from conformance._bundled.fixtures.people import Population

        self._people = Population(1)

    def spec(self, number: int) -> DocumentSpec:
        """What document ``number`` says."""
        from conformance._bundled.fixtures.documents.model import document_of

        # People are drawn from a thousand: a population remembers everybody it drew, and that is not what is measured.
        person = self._people.person("scale", f"p{number % 1000}")
        who, where = self._people.professional, self._people.structure
        text = (f"Document {number}.", "Texte produit pour la mesure. " * 20)
        return document_of(
            1, "scale", f"d{number}", person=person, author=who, structure=where, act_date=DAY, text=text
        )

    def distinct(self, count: int) -> Iterator[bytes]:
        """N1 documents, each around a PDF of its own."""
        from conformance._bundled.fixtures.documents.n1 import n1_of

        for number in range(count):
            yield n1_of(self.spec(number))

    def mixed(self, count: int) -> Iterator[bytes]:
        """Documents of every kind, around :data:`PDFS` PDFs; a remark at the end of a file makes it distinct."""
        from conformance._bundled.fixtures.documents.model import SubmissionSpec
        from conformance._bundled.fixtures.documents.n1 import n1
        from conformance._bundled.fixtures.documents.pdf import pdf_of
        from conformance._bundled.fixtures.documents.xdm import xdm
        from conformance._bundled.fixtures.identifiers import oid

        pdfs = [pdf_of(self.spec(number)) for number in range(PDFS)]
        for number in range(count):
            # The PDF bears the datamatrix of its person: the document is about the same one.
            spec = replace(self.spec(number), person=self.spec(number % PDFS).person)
            pdf, turn = pdfs[number % PDFS], number % 10
            if turn == 7:
                yield n1(spec, pdf).replace(b'extension="POCD_HD000040"', b'extension="POCD"')
            elif turn == 8:
                yield pdf + f"% {number}\n".encode()
            elif turn == 9:
                ids = (oid(1, "scale", number, "submission"), oid(1, "scale", "source"))
                yield xdm(
                    [(spec, n1(spec, pdf))],
                    SubmissionSpec(*ids, DAY, spec.author, spec.structure, spec.person),
                    software="BANC",
                )
            else:
                yield n1(spec, pdf)


@dataclass(slots=True)
class Memory:
    """Resident bytes of the writer and of its processes together, by documents judged."""

    samples: list[tuple[int, int, int]] = field(default_factory=list)

    def sample(self, judged: int, processes: Sequence[int]) -> None:
        """Take one."""
        self.samples.append((judged, _resident(os.getpid()), sum(map(_resident, processes))))

    def slope(self, which: int) -> float:
        """Bytes per document, by least squares, past the first fifth: caches fill, and then must stay."""
        kept = self.samples[len(self.samples) // 5 :]
        return statistics.linear_regression([s[0] for s in kept], [s[which] for s in kept]).slope

    @property
    def peak(self) -> int:
        """The most that all processes held at once."""
        return max(writer + workers for _, writer, workers in self.samples)


class Watched:
    """The local engine, its memory sampled as answers come."""

    def __init__(self, jobs: int, every: int, memory: Memory) -> None:
        self._engine, self._every, self._memory = Local(jobs), every, memory

    def judge(self, batches: Iterator[Batch]) -> Generator[Sequence[Verdict | None], None, None]:
        """The same answers."""
        judged, due = 0, self._every
        with closing(self._engine.judge(batches)) as answers:
            for answered in answers:
                judged += len(answered)
                if judged >= due:
                    due += self._every
                    self._memory.sample(judged, self._engine.processes())
                yield answered


class Unjudged:
    """Answers at once: what remains is the process that writes."""

    def __init__(self, every: int, memory: Memory) -> None:
        self._every, self._memory = every, memory

    def judge(self, batches: Iterator[Batch]) -> Generator[Sequence[Verdict | None], None, None]:
        """A verdict of its own for each document."""
        answered = 0
        for batch in batches:
            answered += len(batch)
            if answered % self._every == 0:
                self._memory.sample(answered, ())
            yield [Verdict(item.path, f"{hash(item.path):064x}", "cda", True, True, (), "") for item, _ in batch]


def start_up(folder: Path, repeat: int) -> dict[str, Any]:
    """Seconds of the whole command on one document, and what its imports take."""
    document = folder / "one.xml"
    document.write_bytes(next(Documents().distinct(1)))
    command = [sys.executable, "-m", "conformance", "check", str(document)]
    timed = [_timed(command) for _ in range(2 * repeat + 1)]
    walls = [wall for wall, _ in timed]
    traced = subprocess.run(
        [sys.executable, "-X", "importtime", *command[1:]], capture_output=True, text=True, check=False, timeout=60
    )
    imports = {}
    for line in traced.stderr.splitlines():
        if line.startswith("import time:") and line.count("|") == 2 and "cumulative" not in line:
            _, cumulative, name = line.split("|")
            imports[name.strip()] = int(cumulative) / 1e6
    load = os.getloadavg()[0]
    return {"load": load, "walls": sorted(walls), "cpu": min(cpu for _, cpu in timed), "imports": imports}


def throughput(folder: Path, count: int, repeat: int) -> list[dict[str, float]]:
    """Rounds of the whole command with one and with two processes, on ``count`` files."""
    tree = folder / "tree"
    tree.mkdir()
    for number, content in enumerate(Documents().distinct(count)):
        (tree / f"{number}.xml").write_bytes(content)
    rounds = []
    for turn in range(repeat):
        told = {"load": os.getloadavg()[0]}
        for jobs in (1, 2):
            out = folder / f"{turn}-{jobs}.jsonl"
            command = [sys.executable, "-m", "conformance", "check", str(tree), "--jobs", str(jobs), "--out", str(out)]
            wall, cpu = _timed(command)
            told |= {f"wall{jobs}": wall, f"cpu{jobs}": cpu, f"rate{jobs}": count / wall}
        rounds.append({**told, "ratio": told["wall1"] / told["wall2"]})
    return rounds


def memory(folder: Path, asked: int, seconds: float) -> dict[str, Any]:
    """Memory while generated documents are judged on two processes, and what their results weigh.

    ``asked`` documents, or as many as ``seconds`` allow.
    """
    out = folder / "memory.jsonl"
    sampled = Memory()
    with closing(JsonLines(out, rules_version())) as ledger:
        began = time.perf_counter()
        made = takewhile(lambda _: time.perf_counter() - began < seconds, Documents().mixed(asked))
        found: Iterator[Item] = (Given(f"generated/{n}", each) for n, each in enumerate(made))
        engine = Watched(2, max(asked // 100, 50), sampled)
        summary = judge(found, engine, ledger, Progress(StringIO(), shown=False))
        wall = time.perf_counter() - began
        index = ledger.files[1].stat().st_size
    began = time.perf_counter()
    with closing(JsonLines(out, rules_version(), resume=True)):
        taken_up = time.perf_counter() - began
    told = summary.as_json()
    count = told["documents"]
    if not told["judged"] == count <= asked:
        raise SystemExit(f"{count} verdicts for {told['judged']} documents")
    return {
        "count": count,
        "asked": asked,
        "wall": wall,
        "memory": sampled,
        "line": out.stat().st_size / count,
        "index": index / count,
        "resume": count / taken_up,
        "kinds": told["kinds"],
    }


def writer(folder: Path, count: int = WRITTEN) -> dict[str, Any]:
    """Memory of the process that writes, alone: no document is made nor judged beside it."""
    sampled = Memory()
    began = time.perf_counter()
    with closing(JsonLines(folder / "writer.jsonl", "")) as ledger:
        found = (Given(f"generated/{number}", b"") for number in range(count))
        judge(found, Unjudged(count // 100, sampled), ledger, Progress(StringIO(), shown=False))
    return {"count": count, "memory": sampled, "rate": count / (time.perf_counter() - began)}


def page(
    start: dict[str, Any],
    rounds: list[dict[str, float]],
    held: dict[str, Any],
    alone: dict[str, Any],
    distinct: int,
) -> str:
    """The page, in Markdown."""
    best = max(rounds, key=lambda each: each["rate1"])
    told = (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {platform.machine()}, "
        f"{len(os.sched_getaffinity(0))} processors, rules `{rules_version()}`."
    )
    parts = [
        "# Documents at scale: measured",
        "Written by `python benchmarks/documents_scale.py`; do not edit. [scale.md](../scale.md) tells what it means.",
        told,
        *_start_up(start),
        *_throughput(rounds, distinct),
        *_memory(held),
        *_writer(alone),
        *_hundred_millions(best["cpu1"] / distinct, held),
    ]
    return "\n\n".join(parts) + "\n"


def _start_up(start: dict[str, Any]) -> list[str]:
    walls = start["walls"]
    told = [(f"wall, median of {len(walls)}", walls[len(walls) // 2]), ("wall, best", walls[0])]
    told.append(("processor, best: the wall of a quiet machine", start["cpu"]))
    told += [(f"importing `{name}`, traced", start["imports"].get(name, 0.0)) for name in IMPORTS]
    rows = [(name, f"{seconds:.2f}") for name, seconds in told if seconds >= 0.005]
    load = f"`conformance check` on one small document, the whole command; load of the machine {start['load']:.1f}."
    return ["## Start-up", load, _table(("", "seconds"), rows)]


def _throughput(rounds: list[dict[str, float]], distinct: int) -> list[str]:
    told = (
        f"{distinct} distinct CDA N1 documents, each with its PDF, as files; the whole command, start-up included. "
        "*load*: processes that wanted a processor in the minute before (other work on the machine when above 0.3 or so). "
        "*processors*: processor time over wall time, 1 and 2 when nothing else competes. *ratio*: documents/s of two "
        "processes over one, as measured. *cost*: processor time with two processes over that with one, which is what "
        "sharing the work costs in itself."
    )
    head = ("round", "load", "1 process: documents/s", "processors", "2 processes: documents/s", "processors")
    rows = [
        (
            str(number),
            f"{each['load']:.1f}",
            f"{each['rate1']:.1f}",
            f"{each['cpu1'] / each['wall1']:.2f}",
            f"{each['rate2']:.1f}",
            f"{each['cpu2'] / each['wall2']:.2f}",
            f"{each['ratio']:.2f}",
            f"{each['cpu2'] / each['cpu1']:.2f}",
        )
        for number, each in enumerate(rounds, start=1)
    ]
    return ["## Throughput", told, _table((*head, "ratio", "cost"), rows)]


def _memory(held: dict[str, Any]) -> list[str]:
    sampled: Memory = held["memory"]
    writer, workers = sampled.slope(1), sampled.slope(2)
    kinds = ", ".join(f"{kind}: {each['valid']} valid, {each['invalid']} not" for kind, each in held["kinds"].items())
    end = "." if held["count"] == held["asked"] else f"; stopped by its limit of time before {held['asked']}."
    spread = sampled.samples[:: max(len(sampled.samples) // 10, 1)]
    return [
        "## Memory",
        f"{held['count']} generated documents ({kinds}), two processes, {held['wall']:.0f} s{end}",
        _table(
            ("", ""),
            [
                ("peak, all processes together", f"{sampled.peak / 1e6:.0f} MB"),
                ("slope past the first fifth, both workers", f"{workers:+.0f} bytes per document"),
                ("slope past the first fifth, writer", f"{writer:+.0f} bytes per document"),
            ],
        ),
        _table(
            ("judged", "writer, MB", "both workers, MB"),
            [(str(judged), f"{ours / 1e6:.0f}", f"{theirs / 1e6:.0f}") for judged, ours, theirs in spread],
        ),
        "## Results",
        _table(
            ("", ""),
            [
                ("line of JSON per document", f"{held['line']:.0f} bytes"),
                ("index on disk per document, while it runs", f"{held['index']:.0f} bytes"),
                ("lines taken up per second by `--resume`", f"{held['resume']:.0f}"),
            ],
        ),
    ]


def _writer(alone: dict[str, Any]) -> list[str]:
    return [
        "## The process that writes, alone",
        (
            f"{alone['count']} answers that no process had to find: batches, index, lines, the disk, the summary. In the memory "
            "run above this process also makes the documents."
        ),
        _table(
            ("", ""),
            [
                ("slope past the first fifth", f"{alone['memory'].slope(1):+.1f} bytes per document"),
                ("peak", f"{alone['memory'].peak / 1e6:.0f} MB"),
                ("documents per second", f"{alone['rate']:.0f}"),
            ],
        ),
    ]


def _hundred_millions(seconds: float, held: dict[str, Any]) -> list[str]:
    days = seconds * HUNDRED_MILLIONS / 86400
    return [
        "## 100 million documents",
        "Computed from the figures above; not run.",
        _table(
            ("", ""),
            [
                ("processor time per document (best round, one process)", f"{seconds * 1000:.1f} ms"),
                ("processor time in all", f"{days:.1f} days"),
                *((f"wall time on {cores} processors", f"{days / cores:.2f} days") for cores in (8, 32, 128)),
                ("file of results", f"{held['line'] * HUNDRED_MILLIONS / 1e9:.0f} GB"),
                ("index while it runs", f"{held['index'] * HUNDRED_MILLIONS / 1e9:.0f} GB"),
                ("taking the file up again", f"{HUNDRED_MILLIONS / held['resume'] / 3600:.1f} hours"),
            ],
        ),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def _timed(command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of a command and of its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=3600)
    wall = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{command}: {done.returncode}\n{done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _resident(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")), "0")
    return int(kilobytes) * 1024


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=50_000, help="for the memory")
    parser.add_argument("--seconds", type=float, default=7200, help="limit of the memory run")
    parser.add_argument("--distinct", type=int, default=1200, help="for the throughput")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="conformance-") as name:
        folder = Path(name)
        # First, while nothing else has filled this process.
        alone = writer(folder)
        start = start_up(folder, asked.repeat)
        print(f"start-up {start['walls']}", flush=True)
        rounds = throughput(folder, asked.distinct, asked.repeat)
        for each in rounds:
            print({name: round(value, 2) for name, value in each.items()}, flush=True)
        held = memory(folder, asked.documents, asked.seconds)
        asked.page.parent.mkdir(parents=True, exist_ok=True)
        asked.page.write_text(page(start, rounds, held, alone, asked.distinct), encoding="utf-8")
        print(f"written {asked.page}")


if __name__ == "__main__":
    main()
