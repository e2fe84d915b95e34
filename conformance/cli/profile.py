"""``conformance profile``: the requirement profiles, what they cover, and the import of official workbooks."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from conformance.bench.profiles import find_profile, shipped_profiles
from conformance.core.errors import UsageError
from conformance.core.profile import CHAPTERS, coverage, load_profile, profile_of
from conformance.core.requirement import Profile, Requirement
from conformance.core.texts import say
from conformance.core.words import Verification
from conformance.profiles_io import drafting, workbook
from conformance.profiles_io.shape import as_data, as_yaml

WIDTH = 100

_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help=say("profile.opt.format")
)


@click.group(help=say("cli.profile"))
def profile() -> None:
    """List, show, measure or import profiles."""


@profile.command("list", help=say("profile.list"))
@_format
def list_(form: str) -> int:
    """Each shipped profile: name, title, what it counts."""
    profiles = [load_profile(path) for path in shipped_profiles().values()]
    if form == "json":
        click.echo(json.dumps([_listed(loaded) for loaded in profiles], ensure_ascii=False, indent=2))
        return 0
    for loaded in profiles:
        counts = coverage(loaded)
        assumed = sum(r.assumed for r in loaded.requirements)
        ways = ", ".join(f"{say(f'profile.way.{way}')} {counts[way]}" for way in Verification if counts[way])
        click.echo(f"{loaded.name}\n  {loaded.title}")
        click.echo("  " + say("profile.list.counts", count=len(loaded.requirements), ways=ways, assumed=assumed))
    return 0


def _listed(loaded: Profile) -> dict[str, Any]:
    return {
        "name": loaded.name,
        "title": str(loaded.title),
        "referential": loaded.referential,
        "version": loaded.version,
        "digest": loaded.digest,
        "assumed": sum(r.assumed for r in loaded.requirements),
        **coverage(loaded),
    }


@profile.command("show", help=say("profile.show"))
@click.argument("name")
@click.option("--chapter", metavar="CODE", help=say("profile.opt.chapter"))
@_format
def show(name: str, chapter: str | None, form: str) -> int:
    """A profile by chapter, each aspect with what proves it, the assumed rows marked, then what is out of scope."""
    loaded = load_profile(find_profile(name))
    if form == "json":
        click.echo(json.dumps(as_data(loaded), ensure_ascii=False, indent=2))
        return 0
    known = {r.chapter for r in loaded.requirements}
    if chapter is not None and chapter not in known:
        raise UsageError("profile.unknown-chapter", name=chapter, names=", ".join(sorted(known)))
    for line in _shown(loaded, chapter):
        click.echo(line)
    return 0


@profile.command("coverage", help=say("profile.coverage"))
@click.argument("name")
@_format
def coverage_(name: str, form: str) -> int:
    """How the requirements and their aspects are verified, in numbers."""
    loaded = load_profile(find_profile(name))
    counts: dict[str, Any] = dict(coverage(loaded))
    ways = Counter(a.verification for r in loaded.requirements for a in r.aspects)
    counts["aspects"] = {str(way): ways[way] for way in Verification}
    if form == "json":
        click.echo(json.dumps(counts, indent=2))
        return 0
    click.echo(f"{'':<14}{say('profile.coverage.requirements'):>14}{say('profile.coverage.aspects'):>12}")
    for way in Verification:
        click.echo(f"{say(f'profile.way.{way}'):<14}{counts[way]:>14}{ways[way]:>12}")
    click.echo(f"{say('profile.coverage.uncovered'):<14}{counts['uncovered']:>14}")
    click.echo(f"{say('profile.coverage.total'):<14}{counts['requirements']:>14}{ways.total():>12}")
    click.echo()
    for wire_class, count in counts["classes"].items():
        click.echo(f"{wire_class} {count:>4}  {say(f'report.class.{wire_class}')}")
    return 0


@profile.command("import", help=say("profile.import"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.yaml", help=say("profile.opt.out"))
def import_(file: Path, out: Path | None) -> int:
    """Make a profile of an official workbook; an existing file is never overwritten."""
    book = workbook.read(file)
    made = drafting.draft(file, book, [load_profile(path) for path in shipped_profiles().values()])
    target = out or Path(f"{made.data['name']}.yaml")
    content = as_yaml(made.data)
    loaded = profile_of(made.data, digest="", origin=str(target))
    _write(target, content)
    layout = say(f"profile.layout.{book.layout.kind}")
    click.echo(say("profile.import.read", file=file.name, sheet=book.layout.sheet, layout=layout, rows=book.rows))
    click.echo(
        say(
            "profile.import.written",
            path=str(target),
            count=len(loaded.requirements),
            out=len(loaded.out_of_scope),
            conditions=len(loaded.conditions),
        )
    )
    for name, count in made.taken.items():
        click.echo(say("profile.import.taken", name=name, count=count))
    for note in made.notes:
        click.echo(note.told())
    return 0


def _write(target: Path, content: str) -> None:
    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(content)
    except FileExistsError as exc:
        raise UsageError("profile.import.exists", path=str(target)) from exc
    except OSError as exc:
        raise UsageError("profile.import.unwritable", path=str(target), reason=exc.strerror or str(exc)) from exc


def _shown(loaded: Profile, only: str | None) -> Iterator[str]:
    yield str(loaded.title)
    yield f"{loaded.referential} {loaded.version}"
    yield ""
    yield from textwrap.wrap(str(loaded.notice), WIDTH)
    chapters = {r.chapter for r in loaded.requirements if only in (None, r.chapter)}
    for chapter in sorted(chapters, key=lambda c: (CHAPTERS.index(c) if c in CHAPTERS else len(CHAPTERS), c)):
        rows = [r for r in loaded.requirements if r.chapter == chapter]
        yield ""
        yield say("profile.show.chapter", chapter=chapter, count=len(rows))
        for row in rows:
            yield from _requirement(row, loaded)
    if loaded.out_of_scope and only is None:
        yield ""
        yield say("profile.show.out-of-scope", count=len(loaded.out_of_scope))
        for left in loaded.out_of_scope:
            yield from _wrapped(f"{left.id}: {left.reason}", "  ", "      ")


def _requirement(row: Requirement, loaded: Profile) -> Iterator[str]:
    marks = [str(row.level), str(row.wire_class), _way(row)]
    if row.assumed:
        marks.append(say("profile.show.assumed"))
    if row.condition:
        marks.append(say("profile.show.condition", label=loaded.conditions[row.condition].label))
    yield f"  {row.id} [{', '.join(marks)}]"
    yield from _wrapped(str(row.statement), "      ", "      ")
    for aspect in row.aspects:
        way = say(f"profile.way.{aspect.verification}")
        yield from _wrapped(f"- {aspect.id} ({way}): {aspect.statement}", "        ", "          ")
        for kind, ids in (("checks", aspect.checks), ("scenarios", aspect.scenarios)):
            if ids:
                yield from _wrapped(say(f"profile.show.{kind}", ids=", ".join(ids)), "          ", "            ")


def _way(row: Requirement) -> str:
    """How the row is verified; of a row whose verdict waits for a part only, that it is so."""
    if row.verification == Verification.PLANNED and any(a.verification != row.verification for a in row.aspects):
        return say("profile.show.partly-planned")
    return say(f"profile.way.{row.verification}")


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
