"""``conformance selftest``: the kill matrix and the ablation."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import click

from conformance.bench.reference import refuse_unknown_defects
from conformance.cli.playing import Progress
from conformance.core.texts import say
from conformance.core.words import GOOD, NON_CONFORMITIES
from conformance.selftest.campaign import campaign
from conformance.selftest.defects import defects
from conformance.selftest.documents import document_matrix
from conformance.selftest.fhir import fhir_matrix
from conformance.selftest.matrix import Matrix


@click.command(help=say("cli.selftest"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=say("cli.opt.format"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=say("cli.opt.out"))
@click.option("--defect", "only", multiple=True, metavar="NAME", help=say("cli.opt.only-defect"))
@click.option(
    "-n",
    "workers",
    type=click.IntRange(1, 16),
    default=min(4, 2 * (os.cpu_count() or 1)),
    show_default=True,
    metavar="N",
    help=say("cli.opt.selftest-workers"),
)
def selftest(form: str, out: Path | None, only: tuple[str, ...], workers: int) -> int:
    """Play the reference and its defects, compare with what each defect announced."""
    known = defects()
    refuse_unknown_defects(only)
    chosen = [d for d in known if not only or d.name in only]
    progress = Progress(shown=form == "text")
    with tempfile.TemporaryDirectory(prefix="conformance-selftest-") as scratch:
        matrix = campaign(out or Path(scratch), chosen, whole=not only, workers=workers, progress=progress)
    if only:
        matrix.checks = sorted({id for d in chosen for id in d.expected})
        matrix.unproven = [id for id in matrix.unproven if id in matrix.checks]
    else:
        fhir_matrix(document_matrix(matrix))
    click.echo(json.dumps(matrix.as_json(), indent=2, ensure_ascii=False) if form == "json" else _text(matrix))
    return int(GOOD if matrix.good else NON_CONFORMITIES)


def _text(matrix: Matrix) -> str:
    lines = ["", say("selftest.counts", checks=len(matrix.checks), killed=len(matrix.killed))]
    lines += [say("selftest.survived", check=id) for id in matrix.survived]
    lines += [say("selftest.unproven", check=id) for id in matrix.unproven]
    lines += [say("selftest.missed", **row) for row in matrix.missed]
    lines += [say("selftest.false-alarm", **row) for row in matrix.false_alarms]
    lines += [say("selftest.ablation-survived", **row) for row in matrix.ablation.get("survived", [])]
    lines.append(say("selftest.ablation", passes=matrix.ablation["passes"], removals=matrix.ablation["removals"]))
    lines.append(say("selftest.good" if matrix.good else "selftest.bad"))
    return "\n".join(lines)
