"""``conformance dossier``: verify a sealed dossier, judge it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from conformance.core.texts import say
from conformance.dossier.rejudge import rejudge as judge_again
from conformance.dossier.verify import verify as verify_dossier

FILE = click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
FORMAT = click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", help=say("cli.dossier.format")
)


@click.group(help=say("cli.dossier"))
def dossier() -> None:
    """Verify a sealed dossier, judge it again."""


@dossier.command(help=say("cli.dossier.verify"))
@FILE
@click.option("--expect", metavar="HASH", help=say("cli.dossier.expect"))
@click.option("--trust", type=click.Path(path_type=Path), metavar="CA", help=say("cli.dossier.trust"))
@click.option("--allow-unsigned", is_flag=True, help=say("cli.dossier.allow-unsigned"))
@FORMAT
def verify(file: Path, expect: str | None, trust: Path | None, allow_unsigned: bool, form: str) -> int:
    """Say whether a dossier is as it was sealed."""
    found = verify_dossier(file, expect=expect, trust=trust)
    _tell(form, found.as_json(), found.told())
    return found.exit_code(allow_unsigned=allow_unsigned)


@dossier.command(help=say("cli.dossier.rejudge"))
@FILE
@FORMAT
def rejudge(file: Path, form: str) -> int:
    """Judge the sealed evidence again with the checks installed here."""
    found = judge_again(file)
    _tell(form, found.as_json(), found.told())
    return found.exit_code


def _tell(form: str, document: Mapping[str, Any], text: str) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2) if form == "json" else text)
