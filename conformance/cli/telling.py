"""What a command prints at the end of a run."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence

import click

from conformance.core.texts import say
from conformance.dossier.outputs import Summary

# Requirements named in the terminal; the report has them all.
MOST = 40
_INDENT = " " * 8


def tell(summary: Summary) -> None:
    """Verdict counts by profile, what is still due, and where the report and the dossier are."""
    click.echo()
    for verdict, count in summary.counts.items():
        if count:
            click.echo(f"  {count:4d}  {say('verdict.' + verdict)}")
            click.echo(_named(summary.broken.get(verdict, ())), nl=False)
    if summary.proofs_due:
        click.echo()
        click.echo(say("cli.incomplete", count=summary.proofs_due))
    click.echo()
    for name, path in summary.paths.items():
        click.echo(f"  {say('output.' + name):<24} {os.path.relpath(path)}")
    if summary.root:
        click.echo(f"  {say('output.root'):<24} {summary.root}")
        click.echo(f"  {say('output.seal'):<24} {summary.seal}")


def _named(requirements: Sequence[str]) -> str:
    """The requirements of a verdict, on lines of their own; nothing for none."""
    words = [*requirements[:MOST], *(["…"] if len(requirements) > MOST else [])]
    wrapped = textwrap.wrap(
        "  ".join(words), 100, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False
    )
    return "".join(f"{line}\n" for line in wrapped)
