"""``conformance check``: documents judged alone, without a run."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.checks.documents import Judged, judge_path
from conformance.core.finding import Finding
from conformance.core.home import home_folder
from conformance.core.texts import language, say
from conformance.core.words import GOOD, NON_CONFORMITIES, USAGE, Level
from conformance.dossier.card import card
from conformance.dossier.plain import canonical_json, clean

if TYPE_CHECKING:
    from conformance.checks.fhir.validator import Validator

COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "blue"}


@click.command(help=say("cli.check"))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", help=say("documents.format")
)
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help=say("scale.opt.jobs"))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=say("scale.opt.out"))
@click.option("--resume", is_flag=True, help=say("scale.opt.resume"))
@click.option("--engine", type=click.Choice(["local", "dask"]), help=say("scale.opt.engine"))
@click.option("--scheduler", metavar="ADDRESS", help=say("scale.opt.scheduler"))
@click.option("--progress/--no-progress", default=None, help=say("scale.opt.progress"))
@click.option("--with", "pack", metavar="PACK", help=say("official.opt.with"))
@click.option("--explain-disagreement", "explained", is_flag=True, help=say("official.opt.explain"))
def check(paths: Sequence[Path], form: str, pack: str | None, *, explained: bool, **scale: Any) -> None:
    """Judge every path; a path that cannot be opened does not keep the others from being judged."""
    many = any(asked not in {None, False} for asked in scale.values())
    if pack or explained:
        from conformance.official.command import check_with

        click.get_current_context().exit(
            check_with(paths, form, pack, explained=explained, many=many, tell=_tell, sum_up=_sum_up)
        )
    if many:
        # Its parts are imported by those who need them: one document is judged in less time than they take.
        from conformance.scale.command import Options, check_many

        click.get_current_context().exit(check_many(paths, form, Options(**scale)))
    for name in ("pikepdf", "fontTools"):
        # What they grumble about a file is told as findings.
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    judged: list[Judged] = []
    packages = _packages()
    for path in paths:
        for each in judge_path(path, fhir=packages):
            judged.append(each)
            if form == "text":
                _tell(each)
    if form == "json":
        click.echo(canonical_json([each.as_json() for each in judged]), nl=False)
    elif form == "sarif":
        from conformance.dossier.sarif_documents import documents_sarif

        click.echo(documents_sarif(judged), nl=False)
    else:
        _sum_up(judged)
    click.get_current_context().exit(exit_code(judged))


def _packages() -> Validator | None:
    """A validator that knows the FHIR packages of this machine; ``None`` when it has none of its own."""
    if not (home_folder() / "packs").is_dir():
        return None
    from conformance.checks.fhir.validator import Validator
    from conformance.fhir_packs.store import in_force

    return Validator(in_force())


def exit_code(judged: Sequence[Judged]) -> int:
    """2 when a path could not be opened, else 1 when one is not valid, else 0."""
    if not all(each.opened for each in judged):
        return int(USAGE)
    return int(GOOD if all(each.valid for each in judged) else NON_CONFORMITIES)


def _tell(each: Judged) -> None:
    mark, colour = ("✔", "green") if each.valid else ("✘", "red")
    answer = say("documents.valid" if each.valid else "documents.invalid")
    name = clean(each.path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))
    form, _, resource = each.kind.partition(":")
    kind = f"{say(f'documents.kind.{form}')} {resource}".rstrip()
    click.echo(f"{click.style(mark, fg=colour)} {click.style(name, bold=True)} ({kind}) : {answer}")
    for finding in each.findings:
        _tell_finding(finding)
    if each.findings:
        click.echo()


def _tell_finding(finding: Finding) -> None:
    label = click.style(say(f"documents.level.{finding.level}"), fg=COLOURS[finding.level], bold=True)
    first, *rest = card(finding, language()).splitlines()
    click.echo(f"  {label} {first}")
    if finding.beyond:
        rest.append(f"  {say('documents.beyond')}")
    for line in rest:
        click.echo(f"    {line}")


def _sum_up(judged: Sequence[Judged]) -> None:
    findings = [finding for each in judged for finding in each.findings]
    valid = sum(each.valid for each in judged)
    click.echo(
        say(
            "documents.summary",
            total=len(judged),
            valid=valid,
            invalid=len(judged) - valid,
            errors=sum(f.level is Level.ERROR for f in findings),
            warnings=sum(f.level is Level.WARNING for f in findings),
        )
    )
    if unopened := sum(not each.opened for each in judged):
        click.echo(say("documents.unopened", count=unopened))
    if any(each.kind == "cda" for each in judged):
        click.echo(say("documents.unofficial"))
