"""``conformance demo``: the same run against the embedded reference DUI."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from conformance.bench.places import default_out
from conformance.bench.profiles import find_profile
from conformance.bench.reference import ReferenceDui, refuse_unknown_defects
from conformance.bench.sheet import refuse_unknown_scenarios
from conformance.cli.options import mail_backend_option, scenario_option
from conformance.cli.run import carry_out
from conformance.cli.telling import tell
from conformance.core.profile import load_profile
from conformance.core.texts import say
from conformance.core.words import GOOD, NON_CONFORMITIES

PROFILES = ("ms1-dui-va1", "socle-va2")
# Scenarios mostly wait for one another's mail: several products play them side by side, each in a lane of its own.
LANES = 3
MOST_LANES = 8


@click.command(help=say("cli.demo"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=say("cli.opt.out"))
@click.option("--defect", "defects", multiple=True, metavar="NAME", help=say("cli.opt.defect"))
@click.option("--profile", "profiles", multiple=True, metavar="NAME", help=say("cli.opt.profile"))
@click.option("--seed", type=int, metavar="N", help=say("cli.opt.seed"))
@mail_backend_option
@click.option("--resume", is_flag=True, help=say("cli.opt.resume"))
@scenario_option
@click.option(
    "-n",
    "lanes",
    type=click.IntRange(1, MOST_LANES),
    default=LANES,
    show_default=True,
    metavar="N",
    help=say("cli.opt.lanes"),
)
def demo(
    out: Path | None,
    defects: tuple[str, ...],
    profiles: tuple[str, ...],
    seed: int | None,
    mail_backend: str,
    resume: bool,
    scenarios: tuple[str, ...],
    lanes: int,
) -> int:
    """Start the reference DUI, play everything that needs no person, judge, seal."""
    chosen = profiles or PROFILES
    refuse_unknown_scenarios(scenarios, [load_profile(find_profile(name)) for name in chosen])
    refuse_unknown_defects(defects)
    out = out or default_out()
    out.mkdir(parents=True, exist_ok=True)
    click.echo(say("cli.demo.start", out=str(out)))
    with ExitStack() as stack:
        folder = out / "reference-dui"
        duis = [stack.enter_context(ReferenceDui(folder / name, defects=defects)) for name in _names(lanes)]
        sheet = duis[0].write_sheet(out / "dui.toml", "".join(map(ReferenceDui.lane, duis, _names(lanes))))
        summary = carry_out(
            sheet,
            chosen,
            out,
            seed=seed,
            resume=resume,
            mail_backend=mail_backend,
            workers=str(lanes) if lanes > 1 else None,
            scenarios=scenarios,
        )
    tell(summary)
    return int(GOOD if summary.demo_good else NON_CONFORMITIES)


def _names(lanes: int) -> list[str]:
    return ["main"] if lanes == 1 else [f"main-{number}" for number in range(1, lanes + 1)]
