"""``conformance doctor``: the configuration, before a campaign."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.bench.doctor import Doctor
from conformance.core.texts import say
from conformance.core.words import GOOD, SETUP
from conformance.services.mssante.dovecot.presence import missing

SYMBOLS = {"ok": "✔", "setup": "✘", "skipped": "-"}


@click.command(help=say("cli.doctor"))
@click.option("--dui", type=click.Path(path_type=Path), required=True, metavar="FILE", help=say("cli.opt.dui"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=say("cli.opt.format"))
def doctor(dui: Path, form: str) -> int:
    """Ten checks; the verdict is ``setup``, never ``fail``. Which mail backends are there is told, and no verdict."""
    told = []
    absent = missing()
    for diagnosis in Doctor(dui).diagnose():
        told.append(diagnosis)
        if form == "text":
            click.echo(f"  {SYMBOLS[diagnosis.verdict]} {diagnosis.check:<12} {diagnosis.told()}")
    if form == "text":
        click.echo(say("doctor.dovecot.absent", packages=" ".join(absent)) if absent else say("doctor.dovecot.present"))
    troubled = any(d.verdict == "setup" for d in told)
    if form == "json":
        rows = [d.as_json() for d in told]
        backends = {"embedded": [], "dovecot": absent}
        verdict = "setup" if troubled else "ok"
        click.echo(
            json.dumps({"schema": 1, "verdict": verdict, "checks": rows, "mail_backends_missing": backends}, indent=2)
        )
    return int(SETUP if troubled else GOOD)
