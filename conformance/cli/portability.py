"""``conformance portability``: what a record loses from one software to another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from conformance.core.errors import UsageError
from conformance.core.texts import Language, say
from conformance.core.words import GOOD, NON_CONFORMITIES

MAX_BYTES = 64 * 1024 * 1024
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(help=say("cli.portability"))
@click.argument("before", metavar="A", type=_FILE)
@click.argument("after", metavar="B", type=_FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=say("cli.opt.format"))
@click.option("--json", "as_json", is_flag=True, help="--format json")
@click.option("--all", "whole", is_flag=True, help=say("cli.opt.all-differences"))
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=say("cli.opt.html"))
@click.option("--lang", type=click.Choice(["fr", "en"]))
def portability(
    before: Path, after: Path, form: str, as_json: bool, whole: bool, html: Path | None, lang: Language | None
) -> int:
    """Compare two Bundles; exit code 0 when nothing is lost or changed, 1 otherwise."""
    from conformance.portability.comparison import compare
    from conformance.portability.page import as_page
    from conformance.portability.telling import as_text

    made = compare(_bundle(before), _bundle(after))
    names = (before.name, after.name)
    if as_json or form == "json":
        click.echo(json.dumps(made.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(as_text(made, names, lang, whole=whole))
    if html:
        html.write_text(as_page(made, names, lang), encoding="utf-8")
        click.echo(say("portability.page-written", lang, path=str(html)), err=True)
    return int(GOOD if made.lossless else NON_CONFORMITIES)


def _bundle(path: Path) -> Mapping[str, Any]:
    from conformance.checks.fhir.depth import DEPTH, too_deep
    from conformance.checks.fhir.judge import bundled_validator
    from conformance.checks.fhir.subject import FhirResource

    if path.stat().st_size > MAX_BYTES:
        raise UsageError("portability.unreadable", path=str(path), reason=f"> {MAX_BYTES}")
    read = FhirResource.from_bytes(path.read_bytes(), tables=bundled_validator().tables)
    resource = read.resource
    if resource is None or resource.get("resourceType") != "Bundle":
        reason = read.fault.code if read.fault else "resourceType"
        raise UsageError("portability.unreadable", path=str(path), reason=reason)
    if too_deep(resource):
        raise UsageError("portability.unreadable", path=str(path), reason=f"> {DEPTH}")
    entries = resource.get("entry")
    if not any(isinstance(e, dict) and "resource" in e for e in (entries if isinstance(entries, list) else ())):
        raise UsageError("portability.empty", path=str(path))
    return resource
