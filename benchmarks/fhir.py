"""The FHIR validator: speed beside detection, ours and that of others on the same documents, in one run.

    python benchmarks/fhir.py [--corpus FOLDER] [--python INTERPRETER] [--node FOLDER] [--page FILE]

``--python`` is an interpreter that has the validators of PyPI (pyrofile-validator, hl7fhirgen, fhirkit-rs, fhir.resources),
``--node`` a folder whose node_modules has those of npm (@medplum/core, @atomic-ehr/fhirschema, fhir); without them they are
told as not run. Without a corpus only the resources of the tests are measured.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.fhir_peers import Answer, Work, peers, scored, told
from conformance.checks.fhir.definitions import bundled
from conformance.checks.fhir.validator import Validator
from conformance.core.words import Level
from tests.fhir import corpus as published
from tests.fhir import documents as made
from tests.fhir import sdo_bases, sdo_faults, tddui_bases, tddui_faults
from tests.fhir.shapes import broken

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "fhir.md"
START = """
import time; t = time.process_time()
from conformance.checks.fhir.judge import bundled_validator
bundled_validator().validate({"resourceType": "Slot", "status": "free"})
print(time.process_time() - t)
"""
# Of the study that chose how to validate, on machines of this class: 52 faults and 9 sound resources of its own.
QUOTED = (
    ("pyrofile-validator 0.3.0", 37, 4),
    ("@medplum/core 5.2.13", 20, 5),
    ("hl7fhirgen 0.1.0", 20, 2),
    ("fhircraft 0.9.0", 13, 0),
    ("@atomic-ehr/fhirschema 0.0.14", 12, 6),
    ("fhirkit-rs 0.1.0", 10, 0),
    ("fhir.resources 8.3", 9, 0),
    ("fhir (Lantana) 4.12", 7, 0),
)


def work(corpus: Path) -> Work:
    """Our sound resources and their faults, and those of the corpus."""
    asked = Work()
    for bases, faults in ((tddui_bases, tddui_faults.FAULTS), (sdo_bases, sdo_faults.FAULTS)):
        ranks: dict[str, int] = {}
        for base, path, value, _, _ in faults:
            if base not in ranks:
                ranks[base] = len(asked.sound)
                asked.sound.append(getattr(bases, base)())
            asked.faults.append((ranks[base], made.put(asked.sound[ranks[base]], path, value)))
    folder = corpus / "mutants"
    if folder.is_dir():
        index = published.load(folder / "index.json")
        ranks = {}
        for row in index:
            if row["desc"] == "valid":
                ranks[row["id"].removeprefix("base-")] = len(asked.sound)
                asked.sound.append(published.load(folder / row["file"]))
        asked.faults += [(ranks[r["base"]], published.load(folder / r["file"])) for r in index if r["desc"] != "valid"]
    return asked


def ours(validator: Validator, asked: Work, load: float) -> Answer:
    """Our own score on a work."""
    errors, ms = [], []
    for document in asked.documents:
        found = validator.validate(document)
        errors.append([f"{f.where.fhirpath} {f.code} {f.expected} {f.got}" for f in found if f.level is Level.ERROR])
        ms.append(min(_timed(validator, document) for _ in range(3)) * 1000)
    return scored(asked, errors, ms, load)


def started(times: int = 5) -> float:
    """Processor seconds from the first import of the validator to its first answer, in new processes: the median."""
    seen = []
    for _ in range(times):
        done = subprocess.run([sys.executable, "-c", START], capture_output=True, check=True, text=True)
        seen.append(float(done.stdout))
    return statistics.median(seen)


def per_resource(validator: Validator, documents: list[Any]) -> tuple[float, float]:
    """Median and greatest time per resource in milliseconds, warm; a Bundle counts for its entries."""
    for document in documents:
        validator.validate(document)
    times = []
    for document in documents:
        best = min(_timed(validator, document) for _ in range(5))
        times.append(best * 1000 / max(1, len(document.get("entry") or [None])))
    return statistics.median(times), max(times)


def transaction(entries: int) -> dict[str, Any]:
    """A transaction of that many entries, every second one referring to the one before."""
    bundle = made.bundle()
    pair, bundle["entry"] = bundle["entry"], []
    for i in range(entries // 2):
        first, second = copy.deepcopy(pair)
        first["fullUrl"] = f"urn:uuid:00000000-0000-4000-8000-a{i:011d}"
        second["fullUrl"] = f"urn:uuid:00000000-0000-4000-8000-b{i:011d}"
        second["resource"]["subject"]["reference"] = first["fullUrl"]
        bundle["entry"] += [first, second]
    return bundle


def shapes(validator: Validator, documents: list[Any], count: int) -> float:
    """Seconds to judge so many random shapes; a crash, or a document that was changed, ends the run."""
    rng = random.Random(7)
    began = time.process_time()
    for _ in range(count):
        document = broken(rng.choice(documents), rng)
        before = json.dumps(document)
        validator.validate(document)
        if json.dumps(document) != before:
            raise SystemExit("a document was changed")
    return time.process_time() - began


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description="Measure the FHIR validator beside others.")
    parser.add_argument("--corpus", type=Path, default=published.FOLDER)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--node", type=Path)
    parser.add_argument("--shapes", type=int, default=50_000)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--page", type=Path, default=PAGE)
    chosen = parser.parse_args()
    start = started()
    validator = Validator(bundled())
    asked = work(chosen.corpus)
    documents = [published.load(path) for path in sorted((chosen.corpus / "examples").glob("*/*.json"))] or asked.sound
    middle, most = per_resource(validator, documents)
    own = ours(validator, asked, start)
    lines = [told("**conformance**", own, asked)]
    if chosen.corpus.is_dir():
        answers = peers(asked, chosen.corpus / "packages", chosen.python, chosen.node)
        lines += [told(tool, answer, asked) for tool, answer in answers]
    scale = []
    for entries in (chosen.entries // 10, chosen.entries):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        spent = _timed(validator, transaction(entries))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        scale.append(f"| {entries} | {spent:.1f} | {spent * 1000 / entries:.2f} | {before} → {memory} |")
    spent = shapes(validator, documents, chosen.shapes)
    text = _page(asked, lines, scale, start, (middle, most, len(documents)), (chosen.shapes, spent))
    chosen.page.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _page(
    asked: Work,
    lines: list[str],
    scale: list[str],
    start: float,
    speed: tuple[float, float, int],
    shaped: tuple[int, float],
) -> str:
    middle, most, count = speed
    about = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors, one used"
    quoted = "\n".join(f"| {tool} | {found}/52 | {refused}/9 |" for tool, found, refused in QUOTED)
    return f"""# FHIR: figures

Written by `python benchmarks/fhir.py --python INTERPRETER --node FOLDER`; do not edit.

{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {about}; load of the machine {os.getloadavg()[0]:.1f}.

| what | measured | goal |
|---|---|---|
| Median per resource, warm, {count} published documents (greatest) | {middle:.2f} ms ({most:.1f} ms) | ≤ 1 ms |
| New process, import to first answer, processor | {start:.2f} s | < 2 s |
| Random shapes judged without a crash | {shaped[0]} in {shaped[1]:.0f} s | none crashes |

## Detection beside speed

{len(asked.faults)} single faults in {len(asked.sound)} sound resources: those of `tests/fhir` (TDDUI, SDO) and those of the corpus
(other guides, base). A fault counts when the tool tells an error that it does not tell of the sound resource. Each tool has
the same definitions, in a process of its own; times are the best of three per document, a Bundle counted whole;
processor times, but elapsed ones for node.

| tool | faults found | sound refused | median ms | greatest ms | load s |
|---|---|---|---|---|---|
{chr(10).join(lines)}

The faults of `tests/fhir` were made for this validator, which must find each: for it the first column is a floor that tests
hold, for the others it is a measure.

Quoted, not measured here, from the study that chose how to validate (52 faults, 9 sound resources of its own):

| tool | faults found | sound refused |
|---|---|---|
{quoted}

## One large transaction

| entries | seconds | ms per entry | peak memory, MB |
|---|---|---|---|
{chr(10).join(scale)}
"""


def _timed(validator: Validator, document: Any) -> float:
    began = time.process_time()
    validator.validate(document)
    return time.process_time() - began


if __name__ == "__main__":
    main()
