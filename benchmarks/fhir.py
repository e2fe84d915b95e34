"""The FHIR validator: speed beside detection, because one without the other says nothing.

    python benchmarks/fhir.py [--corpus FOLDER] [--shapes N] [--entries N]

Without a corpus it measures on resources of the tests. The figures of other tools were recorded once, on machines of
the same class, over 52 faults and 9 valid resources made for that study; they are printed as recorded, not measured.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.checks.fhir.definitions import bundled
from conformance.checks.fhir.validator import Validator
from conformance.core.words import Level
from tests.fhir import corpus as published
from tests.fhir import documents as made
from tests.fhir.shapes import broken

# Tool, faults found of 52, valid resources rejected of 9, median milliseconds.
RECORDED = (
    ("pyrofile-validator 0.3.0", 37, 4, 4.4),
    ("@medplum/core 5.2.13", 20, 5, 4.9),
    ("hl7fhirgen 0.1.0", 20, 2, 1.2),
    ("fhircraft 0.9.0", 13, 0, None),
    ("@atomic-ehr/fhirschema 0.0.14", 12, 6, 0.1),
    ("fhirkit-rs 0.1.0", 10, 0, 0.1),
    ("fhir.resources 8.3", 9, 0, 0.3),
    ("fhir (Lantana) 4.12", 7, 0, 0.2),
)


def rejected(validator: Validator, document: Any) -> bool:
    """Whether a document has an error."""
    return any(f.level is Level.ERROR for f in validator.validate(document))


def median_ms(validator: Validator, documents: list[Any]) -> tuple[float, float]:
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=published.FOLDER)
    parser.add_argument("--shapes", type=int, default=5_000)
    parser.add_argument("--entries", type=int, default=10_000)
    asked = parser.parse_args()
    started = time.perf_counter()
    validator = Validator(bundled())
    validator.validate(made.slot())
    print(f"start-up, tables and first resource: {time.perf_counter() - started:.2f} s")
    documents: list[Any] = [made.slot(), made.patient_ins(), made.esms_task(), made.bundle(), made.document_reference()]
    detection = ""
    if asked.corpus.is_dir():
        documents = [published.load(path) for path in sorted((asked.corpus / "examples").glob("*/*.json"))]
        index = published.load(asked.corpus / "mutants" / "index.json")
        loaded = [(m["desc"] == "valid", published.load(asked.corpus / "mutants" / m["file"])) for m in index]
        faults = [document for valid, document in loaded if not valid]
        bases = [document for valid, document in loaded if valid]
        found = sum(rejected(validator, d) for d in faults)
        wrong = sum(rejected(validator, d) for d in bases)
        detection = f"{found} of {len(faults)} faults found, {wrong} of {len(bases)} valid rejected"
    middle, most = median_ms(validator, documents)
    print(
        f"this validator: median {middle:.2f} ms per resource (most {most:.1f} ms, {len(documents)} documents) · {detection}"
    )
    for name, found, wrong, speed in RECORDED:
        told = "-" if speed is None else f"{speed:.1f} ms"
        print(f"  recorded: {name:<32} median {told:>7} · {found:>2} of 52 faults found, {wrong} of 9 valid rejected")
    for entries in (asked.entries // 10, asked.entries):
        bundle = transaction(entries)
        spent = _timed(validator, bundle)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"transaction of {entries} entries: {spent:.2f} s, {spent * 1000 / entries:.2f} ms per entry, peak {memory} MB"
        )
    rng = random.Random(7)
    started = time.perf_counter()
    for _ in range(asked.shapes):
        document = broken(rng.choice(documents), rng)
        before = json.dumps(document)
        validator.validate(document)
        if json.dumps(document) != before:
            raise SystemExit("a document was changed")
    print(f"random shapes: {asked.shapes} judged without a crash in {time.perf_counter() - started:.1f} s")


def _timed(validator: Validator, document: Any) -> float:
    started = time.perf_counter()
    validator.validate(document)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
