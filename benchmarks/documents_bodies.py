"""Measure the rules of bodies on published examples and mutants, by family of the published rules.

    python benchmarks/documents_bodies.py ../shared/corpus/cda [--all-checks]

``CORPUS`` holds ``examples/``, ``examples-verdicts.csv``, ``mutants/*.tar.xz`` and ``mutants/verdicts.csv``. The verdicts
are those of the published rules; this script judges the same files with our checks, and counts. Without ``--all-checks``
only the checks of bodies are counted.
"""

from __future__ import annotations

import argparse
import csv
import json
import lzma
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.checks.documents import judge_bytes
from conformance.core.words import Fault, Level

BODY = "cda.body."
OTHERS = ("IHE", "MODCDA", "MODANS", "TERMINO", "VOLET")
FIRST = ("PARSE", "XSD", "STRUCMIN")


def measure(corpus: Path, *, bodies_only: bool = True, blind_spots: bool = True) -> dict[str, Any]:
    """Everything counted, as JSON-ready data; without ``blind_spots`` only the mutants that a family rejects, and benign ones."""
    examples, alarms, spent = _examples(corpus, bodies_only=bodies_only)
    told = {row["file"]: row for row in _rows(corpus / "mutants" / "verdicts.csv")}
    seen: Counter[str] = Counter()
    total: Counter[str] = Counter()
    missed, rejected_benign, blind = [], [], Counter()
    for name, content in _mutants(corpus / "mutants"):
        row = told.get(name)
        if row is None:
            continue
        families = row["caught_by"].split("+") if row["caught_by"] else []
        late = row["verdict"] == "REJECT" and not any(f.startswith(FIRST) for f in families)
        if not (late or blind_spots or row["intent"] == "benign"):
            continue
        levels = _levels(content, bodies_only=bodies_only)
        wrong = "error" in levels
        if row["intent"] == "benign" and row["verdict"] != "REJECT" and wrong:
            rejected_benign.append(name)
        if late and row["intent"] != "benign":
            for family in families:
                total[family] += 1
                seen[family] += wrong
            total["any"] += 1
            seen["any"] += wrong
            if not wrong:
                missed.append(name)
        if row["intent"] == "invalid" and row["verdict"] == "ACCEPT":
            blind["total"] += 1
            blind["error"] += wrong
            blind["told"] += bool(levels)
    return {
        "examples": {"clean": examples, "alarms": alarms, "seconds": round(spent, 3)},
        "only_other_families": {f: {"rejected": seen[f], "of": total[f]} for f in ("any", *OTHERS)},
        "missed": sorted(missed),
        "benign_rejected": sorted(rejected_benign),
        "accepted_by_the_chain": dict(blind),
    }


def _examples(corpus: Path, *, bodies_only: bool) -> tuple[int, dict[str, list[str]], float]:
    alarms: dict[str, list[str]] = {}
    clean = [row["file"] for row in _rows(corpus / "examples-verdicts.csv") if row["total_failed"] == "0"]
    began = time.perf_counter()
    for name in clean:
        judged = judge_bytes((corpus / "examples" / name).read_bytes())
        found = [
            f"{f.check} {f.code} {f.where.xpath} expected={f.expected} got={f.got}"
            for f in judged.findings
            if f.level is Level.ERROR and (f.check.startswith(BODY) or not bodies_only)
        ]
        if found:
            alarms[name] = found
    return len(clean), alarms, time.perf_counter() - began


def _levels(content: bytes, *, bodies_only: bool) -> set[str]:
    """The levels of what was said; findings that the base has too are not set apart here."""
    found = [f for f in judge_bytes(content).findings if f.fault is not Fault.HARNESS]
    return {str(f.level) for f in found if f.check.startswith(BODY) or not bodies_only}


def _mutants(folder: Path) -> Iterator[tuple[str, bytes]]:
    for packed in sorted(folder.glob("*.tar.xz")):
        with lzma.open(packed) as stream, tarfile.open(fileobj=stream) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    yield member.name.rpartition("/")[2], content.read()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def main() -> int:
    """Print the measures; answer 1 when an example that the chain finds clean is not clean here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--all-checks", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.corpus, bodies_only=not arguments.all_checks)
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return int(bool(found["examples"]["alarms"]))


if __name__ == "__main__":
    sys.exit(main())
