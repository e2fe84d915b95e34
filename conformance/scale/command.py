"""``conformance check`` at scale: the options read, the pieces put together, the summary told."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

import click

from conformance.core.errors import SetupError, UsageError
from conformance.core.texts import say
from conformance.dossier.plain import canonical_json, one_line
from conformance.scale.cluster import Cluster
from conformance.scale.item import Batch, Item
from conformance.scale.journal import Journal
from conformance.scale.jsonlines import JsonLines
from conformance.scale.ledger import Ledger
from conformance.scale.local import Local
from conformance.scale.progress import Progress
from conformance.scale.rules import rules_version
from conformance.scale.sources import batches, items
from conformance.scale.summary import Summary
from conformance.scale.verdict import Verdict


class Engine(Protocol):
    """What judges batches."""

    def judge(self, batches: Iterator[Batch]) -> Generator[Sequence[Verdict | None], None, None]:
        """Verdicts as they come, one per document; none for a document that is still as known."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was asked; ``progress`` none follows the terminal."""

    jobs: int | None = None
    out: Path | None = None
    resume: bool = False
    engine: str | None = None
    scheduler: str | None = None
    progress: bool | None = None


def check_many(paths: Sequence[Path], form: str, options: Options) -> int:
    """Judge everything under ``paths`` and tell the summary; the exit code."""
    _refuse(form, options)
    jobs = options.jobs or len(os.sched_getaffinity(0))
    engine: Engine = Cluster(options.scheduler, jobs) if options.engine == "dask" else Local(jobs)
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(_ledger(options, stack)))
        found = chain.from_iterable(items(path, ledger.files) for path in paths)
        shown = sys.stderr.isatty() if options.progress is None else options.progress
        progress = Progress(sys.stderr, shown=shown)
        telling = None if options.out else form
        summary = judge(found, engine, ledger, progress, telling)
    if form == "json":
        # Without a file the lines have standard output for themselves.
        click.echo(canonical_json(summary.as_json()), nl=False, err=options.out is None)
    else:
        click.echo(summary.as_text())
    return summary.exit_code


def judge(
    found: Iterable[Item], engine: Engine, ledger: Ledger, progress: Progress, telling: str | None = None
) -> Summary:
    """Every document of ``found`` judged by ``engine`` and kept in ``ledger``; told as it comes in form ``telling``."""
    try:
        # Closed before anything else is: its processes must not outlive an error.
        with closing(engine.judge(batches(found, ledger.known))) as answers:
            for answered in answers:
                for verdict in ledger.add([each for each in answered if each is not None]):
                    _tell(verdict, telling)
                progress.count(answered)
        ledger.draw()
    except BrokenPipeError:
        raise
    except (OSError, sqlite3.OperationalError) as exc:
        raise SetupError("scale.out-unwritable", path=ledger.files[0], reason=str(exc)) from exc
    finally:
        progress.end()
    return Summary(rules_version(), judged=progress.judged, kept=progress.kept).add(ledger.verdicts())


def _refuse(form: str, options: Options) -> None:
    if form == "sarif":
        raise UsageError("scale.no-sarif")
    if options.resume and options.out is None:
        raise UsageError("scale.resume-needs-out")
    if options.scheduler is not None and options.engine != "dask":
        raise UsageError("scale.scheduler-needs-dask")


def _ledger(options: Options, stack: ExitStack) -> Ledger:
    out = options.out
    if out is None:
        out = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-"))) / "check.jsonl"
    kind = Journal if options.engine == "dask" else JsonLines
    return kind(out, rules_version(), resume=options.resume)


def _tell(verdict: Verdict, form: str | None) -> None:
    if form == "json":
        click.echo(verdict.line(), nl=False)
    elif form == "text" and verdict.findings:
        click.echo(f"{'✔' if verdict.valid else '✘'} {one_line(verdict.path)}")
        for each in verdict.findings:
            place = " ".join(f"{name} {value}" for name, value in each["where"].items())
            label = say(f"documents.level.{each['level']}")
            click.echo(f"  {label} [{each['code']}] {one_line(each['message'])} {one_line(place)}".rstrip())
