"""Measure the judging of documents on published examples and mutants, beside the published chain; rewrite the page.

    python benchmarks/documents.py CORPUS [--core 0] [--repeat 3]

``CORPUS`` holds ``examples/``, ``examples-verdicts.csv``, ``mutants/*.tar.xz``, ``mutants/verdicts.csv`` and ``schema/``.
The verdicts are those of the published chain; the speed of lxml with the published schema is measured here, in the same
run, on the same pinned core, each document judged once by each in turn.
"""

from __future__ import annotations

import argparse
import csv
import lzma
import os
import platform
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from lxml import etree

import conformance
from benchmarks.documents_measured import Measured
from benchmarks.documents_page import page, unmet
from benchmarks.documents_place import changed, near
from conformance.checks.documents import Judged, judge_bytes
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.pdf import encapsulated
from conformance.core.words import Fault, Level

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "documents.md"
# Those that this harness must equal; the others judge bodies.
STRICT = frozenset({"PARSE", "XSD", "XSD(xerces)", "STRUCMIN"})
Verdict = Mapping[str, str]


def examples(corpus: Path, measured: Measured) -> None:
    """Agreement on the published examples: no error where the published chain has none."""
    for row in _rows(corpus / "examples-verdicts.csv"):
        path = corpus / "examples" / row["file"]
        if not path.is_file():
            continue
        measured.examples += 1
        if row["total_failed"] == "0":
            measured.clean += 1
            if _refused(judge_bytes(path.read_bytes())):
                measured.alarms.append(row["file"])


def mutants(corpus: Path, measured: Measured) -> None:
    """What is caught of each family, and where, of what the published chain accepts."""
    told = {row["file"]: row for row in _rows(corpus / "mutants" / "verdicts.csv")}
    bases: dict[str, tuple[bytes, Judged]] = {}
    for name, content in _packed(corpus / "mutants"):
        row = told.get(name)
        if row is None:
            continue
        if row["base"] not in bases:
            base = (corpus / "examples" / row["base"]).read_bytes()
            bases[row["base"]] = base, judge_bytes(base)
        _count(measured, row, content, *bases[row["base"]])


def _count(measured: Measured, row: Verdict, content: bytes, base: bytes, whole: Judged) -> None:
    judged = judge_bytes(content)
    refused = _refused(judged)
    intent, verdict = row["intent"], row["verdict"]
    measured.mutants[intent, verdict] += 1
    measured.rejected[intent, verdict] += refused
    if intent == "benign":
        if verdict != "REJECT" and refused:
            measured.benign_refused.append(row["file"])
        return
    families = [f for f in row["caught_by"].split("+") if f and not f.endswith("(warn)")]
    if verdict == "REJECT":
        for family in families:
            measured.by_family[family] += 1
            measured.caught_by_family[family] += refused
        if STRICT & set(families):
            measured.strict += 1
            measured.strict_missed += [] if refused else [row["file"]]
        else:
            measured.late += 1
            measured.late_missed[row["mutation"]] += not refused
    elif intent == "invalid":
        measured.blind += 1
        caught = _at_place(content, base, judged, whole)
        measured.blind_errors += refused
        measured.blind_missed[row["mutation"]] += not caught


def _at_place(content: bytes, base: bytes, judged: Judged, whole: Judged) -> bool:
    """Whether a finding that the untouched document has not stands at the place of the fault."""
    before = {(f.code, f.where.xpath, f.got) for f in whole.findings}
    new = [f for f in judged.findings if (f.code, f.where.xpath, f.got) not in before and f.level is not Level.INFO]
    places = changed(base, content)
    if places is None:
        # The fault is before the root element: the document must not be read at all.
        return any(f.level is Level.ERROR for f in new)
    return any(near(f.where.xpath or "", place) for f in new for place in places)


def speed(corpus: Path, measured: Measured, repeat: int) -> None:
    """Each example judged by us, and parsed and validated by lxml with the published schema, in turn."""
    schema = etree.XMLSchema(etree.parse(corpus / "schema" / "CDA_extended.xsd"))
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    documents = [p.read_bytes() for p in sorted((corpus / "examples").glob("*.xml"))]
    for content in documents:
        theirs = partial(_published, schema, parser, content)
        own = partial(judge_bytes, content)
        turns = [(_spent(theirs), _spent(own)) for _ in range(repeat)]
        measured.published.append(min(spent for spent, _ in turns))
        measured.ours.append(min(spent for _, spent in turns))
        measured.pdf.append(any(True for _ in encapsulated(CdaDocument.from_bytes(content))))


def _published(schema: etree.XMLSchema, parser: etree.XMLParser, content: bytes) -> None:
    schema.validate(etree.fromstring(content, parser))


def _spent(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def _refused(judged: Judged) -> bool:
    return any(f.level is Level.ERROR and f.fault is not Fault.HARNESS for f in judged.findings)


def _rows(path: Path) -> Sequence[Verdict]:
    with path.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def _packed(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.glob("*.tar.xz")):
        with lzma.open(path) as packed, tarfile.open(fileobj=packed) as archive:
            for member in archive:
                extracted = archive.extractfile(member)
                if extracted is not None:
                    yield Path(member.name).name, extracted.read()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write the page, and answer 1 when a goal is not met."""
    parser = argparse.ArgumentParser(description="Measure the judging of documents.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--page", type=Path, default=PAGE)
    chosen = parser.parse_args(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {chosen.core})
    measured = Measured()
    # Other work shares the caches: it slows Python more than it slows libxml2.
    load = os.getloadavg()[0]
    measured.first = _spent(partial(judge_bytes, b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>"))
    speed(chosen.corpus, measured, chosen.repeat)
    examples(chosen.corpus, measured)
    mutants(chosen.corpus, measured)
    about = (
        f"{conformance.__name__}, Python {platform.python_version()}, lxml {etree.__version__}, {platform.machine()}, "
        f"load of the machine {load:.1f}"
    )
    text = page(measured, about)
    chosen.page.parent.mkdir(parents=True, exist_ok=True)
    chosen.page.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 1 if unmet(measured) else 0


if __name__ == "__main__":
    sys.exit(main())
