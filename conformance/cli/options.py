"""Options that several commands share."""

from __future__ import annotations

import click

from conformance.core.texts import say
from conformance.services.contract import BACKENDS, EMBEDDED

mail_backend_option = click.option(
    "--mail-backend",
    type=click.Choice(BACKENDS),
    default=EMBEDDED,
    show_default=True,
    help=say("cli.opt.mail-backend"),
)

scenario_option = click.option("--scenario", "scenarios", multiple=True, metavar="NAME", help=say("cli.opt.scenario"))
