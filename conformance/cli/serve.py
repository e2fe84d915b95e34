"""``conformance serve``: the simulated services alone, for a developer's desk."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from conformance.bench.places import default_out
from conformance.cli.options import mail_backend_option
from conformance.core.home import home_folder
from conformance.core.texts import say
from conformance.services.client import Bench
from conformance.services.lane_service import LANE_SERVICES


@click.command(help=say("cli.serve"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=say("cli.opt.out"))
@click.option("--lane", "lanes", multiple=True, default=("main",), metavar="NAME", help=say("cli.opt.lane"))
@mail_backend_option
def serve(out: Path | None, lanes: tuple[str, ...], mail_backend: str) -> int:
    """Start the services, say where they are, stop at Ctrl-C."""
    folder = out or default_out()
    evidence = folder / "evidence"
    evidence.mkdir(parents=True, exist_ok=True)
    with Bench.start(evidence, home_folder(), list(lanes), mail_backend=mail_backend) as bench:
        for name, lane in bench.endpoints.lanes.items():
            click.echo(say("cli.serve.lane", lane=name, domain=lane.domain))
            click.echo(f"  autoconfiguration  {lane.autoconfig_url}")
            click.echo(f"  SMTP (STARTTLS)    {lane.smtp[0]}:{lane.smtp[1]}")
            click.echo(f"  IMAP (STARTTLS)    {lane.imap[0]}:{lane.imap[1]}")
            click.echo(f"  Pro Santé Connect  {lane.psc_issuer}  (client_id {lane.client_id})")
            for service in sorted(LANE_SERVICES):
                told = bench.service(name, service)
                (folder / f"{service}-{name}.json").touch(mode=0o600)
                (folder / f"{service}-{name}.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
                click.echo(f"  {service:<18} {folder / f'{service}-{name}.json'}")
        click.echo(say("cli.serve.attach", file=str(bench.endpoints_file)))
        try:
            while bench.alive():
                time.sleep(0.5)
        except KeyboardInterrupt:
            click.echo()
    return 0
