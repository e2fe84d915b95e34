"""``conformance pack``: published FHIR packages and CDA test packs, made ready on this machine."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import click

from conformance.core.texts import say
from conformance.core.words import GOOD
from conformance.fhir_packs import store


@click.group(help=say("cli.pack"))
def pack() -> None:
    """Add or list packages."""


@pack.command(help=say("cli.pack.add"))
@click.argument("package", type=click.Path(path_type=Path, exists=True), metavar="PACKAGE")
@click.option("--seeing", type=click.Path(path_type=Path, exists=True), multiple=True, metavar="PACKAGE.tgz")
@click.option("--repair", is_flag=True, help=say("official.opt.repair"))
@click.option("--name", default="", help=say("official.opt.name"))
def add(package: Path, seeing: tuple[Path, ...], name: str, *, repair: bool) -> int:
    """Compile a FHIR package, whose code lists may need others named with ``--seeing``, or register a CDA pack."""
    if package.is_dir() or zipfile.is_zipfile(package):
        from conformance.official.command import add as add_official

        return add_official(package, name=name, repair=repair)
    table = store.add(package, seeing)
    values = {"name": table["package"], "version": table["version"]}
    counts = {"structures": len(table["structures"]), "lists": len(table["lists"])}
    click.echo(say("cli.pack.added", **values, **counts))
    return int(GOOD)


@pack.command("list", help=say("cli.pack.list"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=say("cli.opt.format"))
def list_(form: str) -> int:
    """The packages in force: the lock of every validation on this machine."""
    own = {table["package"] for table in store.installed()}
    rows = [
        {
            "name": table["package"],
            "version": table["version"],
            "sha256": table["sha256"],
            "origin": "machine" if table["package"] in own else "bundled",
            "structures": len(table["structures"]),
            "lists": len(table["lists"]),
        }
        for table in store.in_force_tables()
    ]
    from conformance.official.command import packs_as_json

    official = packs_as_json()
    if form == "json":
        click.echo(json.dumps({"schema": 1, "packages": rows, "official": official}, indent=2, ensure_ascii=False))
        return int(GOOD)
    for row in rows:
        click.echo(say("cli.pack.row", **{**row, "origin": say(f"cli.pack.{row['origin']}")}))
    for pack_row in official:
        click.echo(say("official.listed", **pack_row))
    return int(GOOD)


@pack.command(help=say("official.remove"))
@click.argument("name", metavar="NAME")
def remove(name: str) -> int:
    """Forget a CDA test pack and its copy."""
    from conformance.official.pack import remove_pack

    remove_pack(name)
    click.echo(say("official.removed", name=name))
    return int(GOOD)
