"""``conformance openapi``: the control API as OpenAPI 3.1."""

from __future__ import annotations

import json

import click

from conformance.core.texts import say
from conformance.drivers.openapi import document


@click.command(help=say("cli.openapi"))
def openapi() -> int:
    """Print the contract that an editor implements in front of the product."""
    click.echo(json.dumps(document(), indent=2, ensure_ascii=False))
    return 0
