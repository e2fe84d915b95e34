"""What a command prints at the end of a run."""

from __future__ import annotations

import os

import click

from conformance.core.texts import say
from conformance.dossier.outputs import Summary


def tell(summary: Summary) -> None:
    """Verdict counts by profile, what is still due, and where the report and the dossier are."""
    click.echo()
    for verdict, count in summary.counts.items():
        if count:
            click.echo(f"  {count:4d}  {say('verdict.' + verdict)}")
    if summary.proofs_due:
        click.echo()
        click.echo(say("cli.incomplete", count=summary.proofs_due))
    click.echo()
    for name, path in summary.paths.items():
        click.echo(f"  {say('output.' + name):<24} {os.path.relpath(path)}")
    if summary.root:
        click.echo(f"  {say('output.root'):<24} {summary.root}")
        click.echo(f"  {say('output.seal'):<24} {summary.seal}")
