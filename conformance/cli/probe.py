"""``conformance probe``: one polite look at a front door, and what it could do better. No verdict comes of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from conformance.core.errors import SetupError
from conformance.core.finding import Finding
from conformance.core.texts import say
from conformance.core.words import GOOD, INCOMPLETE, NON_CONFORMITIES, ExitCode, Provenance
from conformance.evidence.evidence import Evidence
from conformance.evidence.journal import Journal
from conformance.hardening import SCENARIO, Hardening, State, harden
from conformance.probes.budget import Budget
from conformance.probes.observer import observe
from conformance.probes.target import Target

SYMBOLS = {State.WEAK: "✘", State.BETTER: "!", State.SOUND: "✔", State.UNSEEN: "-"}
LANE = "main"


@click.command(help=say("cli.probe"))
@click.argument("url", metavar="URL")
@click.option("--ca", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=say("cli.opt.ca"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=say("cli.opt.format"))
def probe(url: str, ca: Path | None, form: str) -> int:
    """Look at a front door; 0 nothing weak, 1 something is, 3 nobody answered, 5 the budget was spent before the end."""
    import conformance.checks  # noqa: F401 - fills the register

    target = Target.of(url, ca)
    if form == "text":
        budget = Budget()
        shown = {"connections": budget.connections, "seconds": f"{budget.seconds:g}"}
        click.echo(say("probe.start", origin=target.origin, **shown))
    with tempfile.TemporaryDirectory() as folder:
        hardening = _looked(target, Path(folder))
    if hardening is None:
        raise SetupError("probe.unreachable", origin=target.origin)
    if form == "json":
        told = {"schema": 1, "origin": target.origin, **hardening.as_json()}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _tell(hardening)
    return int(_exit_code(hardening))


def _looked(target: Target, folder: Path) -> Hardening | None:
    """The look, written into a journal that lasts as long as the command: the rules read evidence and nothing else."""
    journal = Journal(folder, "probe")
    name = f"{SCENARIO}@{LANE}#1"

    def write(kind: str, data: Mapping[str, Any], blobs: Mapping[str, bytes]) -> None:
        told = {"window": name, **data}
        provenance = Provenance.PROBE if kind.startswith("probe.") else Provenance.HARNESS
        marks = (name.lower(),) if kind.startswith(("probe.", "expectation")) else ()
        journal.append("scenario", LANE, kind, provenance=provenance, data=told, marks=marks, blobs=blobs or None)

    write("window.open", {"scenario": SCENARIO, "attempt": 1, "starts": {}}, {})
    write("expectation", {"name": "front", "origin": target.origin}, {})
    reached = observe(target, write)
    write("window.close", {"reason": "quiet", "ends": {}}, {})
    journal.close()
    return harden(Evidence.load(folder)) if reached else None


def _exit_code(hardening: Hardening) -> ExitCode:
    if hardening.counts[State.WEAK]:
        return NON_CONFORMITIES
    return GOOD if hardening.complete else INCOMPLETE


def _tell(hardening: Hardening) -> None:
    for rule in hardening.rules:
        click.echo(f"  {SYMBOLS[rule.state]} {rule.check.title()}")
        for finding in rule.findings:
            click.echo(_lines(finding))
        if rule.findings:
            click.echo(f"      {rule.check.source}")
    counts = ", ".join(f"{say(f'hardening.state.{s}')} {n}" for s, n in hardening.counts.items() if n)
    click.echo(counts)
    if not hardening.complete:
        click.echo(say("report.hardening.incomplete"))
    click.echo(say("probe.uncounted"))


def _lines(finding: Finding) -> str:
    told = f"      {finding.message()}"
    return told + (f"\n      {fix}" if (fix := finding.fix()) else "")
