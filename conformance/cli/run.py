"""``conformance run``: a product, its profiles, a folder of results."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.bench.places import default_out
from conformance.bench.profiles import find_profile
from conformance.cli.options import mail_backend_option, scenario_option
from conformance.cli.playing import Progress, play
from conformance.cli.telling import tell
from conformance.core.errors import UsageError
from conformance.core.product import load_product
from conformance.core.texts import say
from conformance.dossier.outputs import Summary, write_outputs
from conformance.drivers.guided import require_terminal
from conformance.evidence.journal import has_records
from conformance.services.contract import EMBEDDED


def carry_out(
    dui: Path,
    profiles: tuple[str, ...],
    out: Path,
    *,
    automatic_only: bool = False,
    resume: bool = False,
    seed: int | None = None,
    services: Path | None = None,
    workers: str | None = None,
    acknowledge_production: bool = False,
    mail_backend: str = EMBEDDED,
    probe: bool = True,
    scenarios: tuple[str, ...] = (),
) -> Summary:
    """Play, judge and write the outputs; usage and setup errors are raised before anything is played."""
    product = load_product(dui)
    paths = [find_profile(name) for name in profiles]
    arguments = ["--dui", str(dui)]
    for path in paths:
        arguments += ["--profile", str(path)]
    arguments += [word for name in scenarios for word in ("--scenario", name)]
    arguments += ["--mail-backend", mail_backend]
    arguments += ["--automatic-only"] if automatic_only else []
    arguments += [] if probe else ["--no-probe"]
    arguments += ["--resume"] if resume else []
    arguments += ["--seed", str(seed)] if seed is not None else []
    arguments += ["--services", str(services)] if services else []
    if has_records(out / "evidence") and not resume:
        raise UsageError("run.not-empty", path=str(out))
    if product.driver == "guided" and not automatic_only:
        require_terminal()
    out.mkdir(parents=True, exist_ok=True)
    progress = Progress()
    play(arguments, out, progress=progress, workers=workers)
    summary = write_outputs(out, out / "evidence", paths, acknowledge_production=acknowledge_production)
    if progress.interrupted:
        # What was observed is judged and written; the command still ends as one that was interrupted.
        tell(summary)
        raise click.exceptions.Abort
    return summary


@click.command(help=say("cli.run"))
@click.option("--dui", type=click.Path(path_type=Path), required=True, metavar="FILE", help=say("cli.opt.dui"))
@click.option("--profile", "profiles", multiple=True, required=True, metavar="NAME", help=say("cli.opt.profile"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=say("cli.opt.out"))
@click.option("--automatic-only", is_flag=True, help=say("cli.opt.automatic-only"))
@click.option("--no-probe", is_flag=True, help=say("cli.opt.no-probe"))
@click.option("--resume", is_flag=True, help=say("cli.opt.resume"))
@click.option("--seed", type=int, metavar="N", help=say("cli.opt.seed"))
@click.option("--services", type=click.Path(path_type=Path, exists=True), metavar="FILE", help=say("cli.opt.services"))
@click.option("--acknowledge-production", is_flag=True, help=say("cli.opt.acknowledge"))
@mail_backend_option
@scenario_option
@click.option("-n", "workers", metavar="N", help=say("cli.opt.workers"))
def run(
    dui: Path,
    profiles: tuple[str, ...],
    out: Path | None,
    automatic_only: bool,
    no_probe: bool,
    resume: bool,
    seed: int | None,
    services: Path | None,
    mail_backend: str,
    scenarios: tuple[str, ...],
    workers: str | None,
    acknowledge_production: bool,
) -> int:
    """Play the scenarios of the profiles against a product, judge, and seal the dossier."""
    if resume and out is None:
        raise UsageError("run.resume-needs-out")
    product = load_product(dui)
    for name in profiles:
        find_profile(name)
    click.echo(say("cli.run.start", product=product.name, profiles=", ".join(profiles)))
    summary = carry_out(
        dui,
        profiles,
        out or default_out(),
        automatic_only=automatic_only,
        resume=resume,
        seed=seed,
        services=services,
        workers=workers,
        acknowledge_production=acknowledge_production,
        mail_backend=mail_backend,
        probe=not no_probe,
        scenarios=scenarios,
    )
    tell(summary)
    return int(summary.exit_code)
