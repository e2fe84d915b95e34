"""``conformance doctor``: the configuration, before a campaign."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.bench.doctor import Doctor
from conformance.core.texts import say
from conformance.core.words import GOOD, SETUP

SYMBOLS = {"ok": "✔", "setup": "✘", "skipped": "-"}


@click.command(help=say("cli.doctor"))
@click.option("--dui", type=click.Path(path_type=Path), required=True, metavar="FILE", help=say("cli.opt.dui"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def doctor(dui: Path, form: str) -> int:
    """Ten checks; the verdict is ``setup``, never ``fail``."""
    told = []
    for diagnosis in Doctor(dui).diagnose():
        told.append(diagnosis)
        if form == "text":
            click.echo(f"  {SYMBOLS[diagnosis.verdict]} {diagnosis.check:<12} {diagnosis.told()}")
    troubled = any(d.verdict == "setup" for d in told)
    if form == "json":
        rows = [d.as_json() for d in told]
        click.echo(json.dumps({"schema": 1, "verdict": "setup" if troubled else "ok", "checks": rows}, indent=2))
    return int(SETUP if troubled else GOOD)
