"""What judging documents by the million costs: start-up, throughput, memory, results, and the size of a large work.

    python benchmarks/documents_scale.py [--documents 50000] [--seconds 7200] [--distinct 1200] [--repeat 3]

writes ``docs/benchmarks/documents-scale.md`` again. Documents are generated, each with bytes of its own; nothing is fetched.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from io import StringIO
from itertools import takewhile
from pathlib import Path
from typing import Any

from benchmarks.documents_scale_made import Documents
from benchmarks.documents_scale_page import page
from benchmarks.memory import Memory
from conformance.scale.command import judge
from conformance.scale.item import Batch, Given, Item
from conformance.scale.jsonlines import JsonLines
from conformance.scale.local import Local
from conformance.scale.progress import Progress
from conformance.scale.rules import rules_version
from conformance.scale.verdict import Verdict

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "documents-scale.md"
WRITTEN = 200_000


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
