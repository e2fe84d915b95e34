"""``conformance demo``: the same run against the embedded reference DUI."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.bench.places import default_out
from conformance.bench.reference import ReferenceDui
from conformance.cli.options import mail_backend_option
from conformance.cli.run import carry_out
from conformance.cli.telling import tell
from conformance.core.texts import say
from conformance.core.words import GOOD, NON_CONFORMITIES

PROFILES = ("ms1-dui-va1", "socle-va2")


@click.command(help=say("cli.demo"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=say("cli.opt.out"))
@click.option("--defect", "defects", multiple=True, metavar="NAME", help=say("cli.opt.defect"))
@click.option("--profile", "profiles", multiple=True, metavar="NAME", help=say("cli.opt.profile"))
@click.option("--seed", type=int, metavar="N", help=say("cli.opt.seed"))
@mail_backend_option
@click.option("--resume", is_flag=True, help=say("cli.opt.resume"))
def demo(
    out: Path | None,
    defects: tuple[str, ...],
    profiles: tuple[str, ...],
    seed: int | None,
    mail_backend: str,
    resume: bool,
) -> int:
    """Start the reference DUI, play everything that needs no person, judge, seal."""
    out = out or default_out()
    out.mkdir(parents=True, exist_ok=True)
    click.echo(say("cli.demo.start", out=str(out)))
    with ReferenceDui(out / "reference-dui", defects=defects) as dui:
        sheet = dui.write_sheet(out / "dui.toml")
        summary = carry_out(sheet, profiles or PROFILES, out, seed=seed, resume=resume, mail_backend=mail_backend)
    tell(summary)
    return int(GOOD if summary.demo_good else NON_CONFORMITIES)
