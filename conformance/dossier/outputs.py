"""Everything a run writes: verdicts, exports, report, workbook, sealed dossier, and the exit code they deserve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.core.errors import ConformanceError
from conformance.core.texts import Language
from conformance.core.words import GOOD, INCOMPLETE, Verdict
from conformance.dossier import layout
from conformance.dossier.judged import judge, verdicts_document
from conformance.dossier.junit import requirements_junit
from conformance.dossier.plain import canonical_json
from conformance.dossier.report import render_report
from conformance.dossier.sarif import results_sarif
from conformance.dossier.seal import seal
from conformance.dossier.workbook import convergence_workbook
from conformance.evidence.evidence import Evidence

DOSSIER = "dossier.zip"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a command tells of a run: counts over all profiles, proofs due, exit code, files by kind, hashes.

    ``broken`` names the requirements of the verdicts that ask for a mend. ``paths`` is keyed by the kind of output (catalogue ``output.<kind>``). ``root`` is the root hash of the
    sealed dossier and ``seal`` the hash of its manifest, both in hexadecimal.
    """

    counts: Mapping[Verdict, int]
    proofs_due: int
    exit_code: int
    paths: Mapping[str, Path]
    broken: Mapping[Verdict, Sequence[str]]
    root: str | None = None
    seal: str | None = None

    @property
    def demo_good(self) -> bool:
        """Nothing broken and nothing to mend: what a product that conforms, with proofs still due, deserves."""
        return self.exit_code in (GOOD, INCOMPLETE)


def write_outputs(
    out: Path,
    evidence_folder: Path,
    profiles: Sequence[Path],
    *,
    lang: Language | None = None,
    lane: str | None = None,
    acknowledge_production: bool = False,
) -> Summary:
    """Judge the evidence and write every output into ``out``.

    When sealing is refused (:func:`conformance.dossier.seal.seal`), the other outputs are written, with a
    report that says it is not sealed, and the refusal is raised: it is never lost among the files.
    """
    judged = judge(Evidence.load(evidence_folder), profiles, lang=lang, lane=lane)
    out.mkdir(parents=True, exist_ok=True)
    paths = {
        "verdicts": _write(out / layout.VERDICTS, canonical_json(verdicts_document(judged))),
        "requirements": _write(out / "requirements.junit.xml", requirements_junit(judged)),
        "sarif": _write(out / "results.sarif", results_sarif(judged)),
        "workbook": _write(out / layout.WORKBOOK, convergence_workbook(judged)),
    }
    report = out / layout.REPORT
    # A dossier of an earlier judgement must not lie beside the verdicts of this one.
    (out / DOSSIER).unlink(missing_ok=True)
    try:
        sealed = seal(out / DOSSIER, evidence_folder, judged, acknowledge_production=acknowledge_production)
    except ConformanceError:
        _write(report, render_report(judged, None).encode())
        raise
    paths |= {"report": _write(report, sealed.report), "dossier": sealed.path}
    return Summary(judged.counts, judged.proofs_due, judged.exit_code, paths, judged.broken, sealed.root, sealed.seal)


def _write(path: Path, content: bytes) -> Path:
    scratch = path.with_name(f".{path.name}.part")
    scratch.write_bytes(content)
    return scratch.replace(path)
