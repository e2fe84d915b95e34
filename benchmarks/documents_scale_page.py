"""The page of the measures at scale."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks.memory import Memory
from conformance.scale.rules import rules_version

IMPORTS = ("conformance.checks", "conformance.checks.fhir", "pikepdf.pdfa", "jsonschema", "yaml", "click")
HUNDRED_MILLIONS = 100_000_000


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
