"""Other FHIR validators on the same documents, in processes of their own; what cannot run here says why.

A fault counts as found when the tool tells something of the faulty document that it does not tell of the sound one it was
made from. A sound document counts as refused when the tool tells an error of it.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "peers"
# Tool, runner (an interpreter of Python, or node), name that the runner knows it by.
TOOLS = (
    ("pyrofile-validator 0.3.0", "python", "pyrofile"),
    ("hl7fhirgen 0.1.0", "python", "hl7fhirgen"),
    ("fhirkit-rs 0.1.0", "python", "fhirkit"),
    ("fhir.resources 8.3.0", "python", "fhir_resources"),
    ("@medplum/core 4.5.2", "node", "medplum"),
    ("@atomic-ehr/fhirschema 0.0.14", "node", "fhirschema"),
    ("fhir (Lantana) 4.12.0", "node", "lantana"),
)
# What is not run, and why.
NOT_RUN = (
    ("HL7 validator_cli, HAPI FHIR", "Java archives and packages of servers that are out of reach here"),
    ("fhircraft 0.9.0", "410 s to register the profiles when it was last measured"),
)
LIMIT = 400


@dataclass
class Work:
    """Sound documents, and faults: each fault names the sound document it was made from by its rank."""

    sound: list[Any] = field(default_factory=list)
    faults: list[tuple[int, Any]] = field(default_factory=list)

    @property
    def documents(self) -> list[Any]:
        """Every document, the sound ones first."""
        return [*self.sound, *(document for _, document in self.faults)]


@dataclass(frozen=True)
class Answer:
    """What one tool answered: faults found, sound documents refused, times in milliseconds, load in seconds."""

    found: int
    refused: int
    median: float
    most: float
    load: float


def scored(work: Work, errors: list[list[str]], ms: list[float], load: float) -> Answer:
    """The score of a tool on a work."""
    told = [set(e) for e in errors]
    sound = len(work.sound)
    found = sum(bool(told[sound + i] - told[base]) for i, (base, _) in enumerate(work.faults))
    refused = sum(bool(e) for e in told[:sound])
    return Answer(found, refused, statistics.median(ms), max(ms), load)


def peers(work: Work, packages: Path, python: Path | None, node: Path | None) -> Iterator[tuple[str, Answer | str]]:
    """The answer of each tool, or why there is none. ``python`` is an interpreter that has them, ``node`` a folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _unpacked(packages, folder / "definitions")
        file = folder / "work.json"
        file.write_text(json.dumps({"documents": work.documents, "definitions": str(folder / "definitions")}))
        for tool, runner, known in TOOLS:
            command = _command(runner, known, file, python, node)
            yield tool, _ran(command, work, node if runner == "node" else None) if command else f"not run: no {runner}"
    yield from NOT_RUN


def _command(runner: str, name: str, file: Path, python: Path | None, node: Path | None) -> list[str]:
    if runner == "python":
        return [str(python), str(HERE / "run_python.py"), name, str(file)] if python else []
    program = shutil.which("node")
    return [program, str(HERE / "run_node.mjs"), name, str(file)] if program and node else []


def _ran(command: list[str], work: Work, folder: Path | None) -> Answer | str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT, cwd=folder, check=True)
    except subprocess.TimeoutExpired:
        return f"not run: over {LIMIT} s"
    except (OSError, subprocess.CalledProcessError) as exc:
        lines = getattr(exc, "stderr", b"").decode(errors="replace").strip().splitlines()
        return f"not run: {lines[-1][:100] if lines else exc}"
    answer = json.loads(done.stdout)
    return scored(work, answer["errors"], answer["ms"], answer["load"])


def _unpacked(packages: Path, folder: Path) -> None:
    """Definitions of every package in one folder; of an address that two define, the first."""
    folder.mkdir()
    for path in sorted(packages.glob("*.tgz"), key=lambda p: (p.name.startswith("tddui-old"), p.name)):
        with tarfile.open(path) as archive:
            for member in archive:
                name = member.name.rpartition("/")[2]
                wanted = name.startswith(("StructureDefinition-", "ValueSet-", "CodeSystem-"))
                if not wanted or (folder / name).exists():
                    continue
                stream = archive.extractfile(member)
                if stream is not None:
                    (folder / name).write_bytes(stream.read())


def told(tool: str, answer: Answer | str, work: Work) -> str:
    """One line of the table."""
    if isinstance(answer, str):
        return f"| {tool} | {answer if answer.startswith('not run') else 'not run: ' + answer} | | | | |"
    share = f"{answer.found}/{len(work.faults)} ({100 * answer.found / len(work.faults):.0f} %)"
    refused = f"{answer.refused}/{len(work.sound)}"
    return f"| {tool} | {share} | {refused} | {answer.median:.2f} | {answer.most:.0f} | {answer.load:.1f} |"


if __name__ == "__main__":
    sys.exit("run benchmarks/fhir.py --python … --node …")
