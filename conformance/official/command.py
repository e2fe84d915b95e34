"""What ``conformance check --with`` and ``conformance pack`` do with a pack of the published chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from conformance.checks.documents import Judged, judge_path
from conformance.core.errors import UsageError
from conformance.core.finding import Finding
from conformance.core.texts import language, say
from conformance.core.words import GOOD, INCOMPLETE, NON_CONFORMITIES, USAGE, Level
from conformance.documents_api import hush_parsers
from conformance.dossier.card import card
from conformance.dossier.plain import canonical_json
from conformance.dossier.sarif_documents import documents_sarif
from conformance.official.chain import OfficialChain
from conformance.official.disagreement import agreement, compared, explain
from conformance.official.outcome import OfficialVerdict, Outcome, Status
from conformance.official.pack import add_pack, get_pack, pack_names

MARKS = {Status.ACCEPTED: ("✔", "green"), Status.REJECTED: ("✘", "red"), Status.UNCHECKED: ("?", "yellow")}


@dataclass(frozen=True, slots=True)
class Both:
    """One file: our answer, and the chain's on every CDA document that it holds."""

    ours: Judged
    official: tuple[OfficialVerdict, ...]

    def ours_on(self, verdict: OfficialVerdict) -> list[Finding]:
        """Our findings on the document of one verdict: those of its part of an archive, or all of them."""
        if verdict.part is None:
            return list(self.ours.findings)
        return [finding for finding in self.ours.findings if finding.where.part == verdict.part]

    def as_json(self, *, explained: bool) -> dict[str, Any]:
        """The stable shape (``schemas/check.json``)."""
        official = [compared(self.ours_on(each), each, explained=explained) for each in self.official]
        return self.ours.as_json() | {"official": official}

    def merged(self) -> Judged:
        """One list of findings for exports that know one side only."""
        return replace(self.ours, findings=(*self.ours.findings, *(f for each in self.official for f in each.findings)))


def check_with(
    paths: Sequence[Path],
    form: str,
    pack: str | None,
    *,
    explained: bool,
    many: bool,
    tell: Callable[[Judged], None],
    sum_up: Callable[[list[Judged]], None],
) -> int:
    """Judge every path by both; ``tell`` and ``sum_up`` print our side as ``conformance check`` always does."""
    if not pack:
        raise UsageError("official.explain-needs-with")
    if many:
        raise UsageError("official.with-alone")
    hush_parsers()
    with OfficialChain(get_pack(pack)) as chain:
        judged: list[Both] = []
        for both in _judged(paths, chain):
            judged.append(both)
            if form == "text":
                tell(both.ours)
                _tell_official(both, explained=explained)
    if form == "json":
        click.echo(canonical_json([both.as_json(explained=explained) for both in judged]), nl=False)
    elif form == "sarif":
        click.echo(documents_sarif([both.merged() for both in judged]), nl=False)
    else:
        sum_up([both.ours for both in judged])
        _sum_up(judged)
    return exit_code(judged)


def exit_code(judged: Sequence[Both]) -> int:
    """2 for a path that does not open, else 1 if either side rejects, else 5 if the chain did not finish, else 0."""
    if not all(both.ours.opened for both in judged):
        return int(USAGE)
    statuses = {each.status for both in judged for each in both.official}
    if Status.REJECTED in statuses or not all(both.ours.valid for both in judged):
        return int(NON_CONFORMITIES)
    return int(INCOMPLETE if Status.UNCHECKED in statuses else GOOD)


def add(source: Path, *, name: str = "", repair: bool = False) -> int:
    """Register a pack and say what is in it, what was repaired and what stays unusable."""
    pack = add_pack(source, name=name, repair=repair)
    families = [rules for rules in pack.layout.rules if rules.every]
    counts = {"families": len(families), "types": len(pack.layout.rules) - len(families)}
    click.echo(say("official.added", name=pack.name, digest=pack.digest[:12], **counts))
    for path in pack.repaired:
        click.echo("  " + say("official.added.repaired", path=path))
    for path, lacking in (pack.unusable or {}).items():
        click.echo("  " + say("official.added.unusable", path=path, lacking=lacking))
    for path in pack.unread:
        click.echo("  " + say("official.added.unread", path=path))
    return int(GOOD)


def packs_as_json() -> list[dict[str, Any]]:
    """The registered packs, for ``conformance pack list``."""
    rows = []
    for name in pack_names():
        pack = get_pack(name)
        rows.append(
            {
                "name": name,
                "sha256": pack.digest,
                "schema": bool(pack.layout.schema),
                "rules": len(pack.layout.rules),
                "repaired": len(pack.repaired),
                "unusable": sorted(pack.unusable or {}),
            }
        )
    return rows


def _judged(paths: Sequence[Path], chain: OfficialChain) -> Iterator[Both]:
    for path in paths:
        for ours in judge_path(path):
            verdicts = tuple(chain.judge_all(Path(ours.path).read_bytes())) if ours.opened else ()
            yield Both(ours, verdicts)


def _tell_official(both: Both, *, explained: bool) -> None:
    for verdict in both.official:
        mark, colour = MARKS[verdict.status]
        name = say("official.side", pack=verdict.pack) + (f" · {verdict.part}" if verdict.part else "")
        answer = say(f"official.status.{verdict.status}")
        click.echo(f"{click.style(mark, fg=colour)} {click.style(name, bold=True)} : {answer}")
        for outcome in verdict.outcomes:
            _tell_outcome(outcome)
        ours = both.ours_on(verdict)
        click.echo("  " + say(f"official.agreement.{agreement(ours, verdict)}"))
        if explained:
            _tell_why(ours, verdict)
        click.echo()


def _tell_outcome(outcome: Outcome) -> None:
    mark, colour = MARKS[outcome.status]
    errors = sum(finding.level is Level.ERROR for finding in outcome.findings)
    counts = {"errors": errors, "others": len(outcome.findings) - errors, "fired": outcome.fired}
    sentence = outcome.why() or say("official.family", **counts)
    click.echo(f"  {click.style(mark, fg=colour)} {outcome.family} : {sentence}")
    for finding in outcome.findings:
        if finding.level is not Level.INFO:
            for line in card(finding, language()).splitlines():
                click.echo(f"      {line}")


def _tell_why(ours: Sequence[Finding], verdict: OfficialVerdict) -> None:
    told = explain(ours, verdict)
    if not told:
        click.echo("  " + say("official.why.none"))
    for each in told:
        place = each.finding.where.xpath or each.finding.where.part or ""
        side = say(f"official.why.side.{each.side}")
        click.echo(f"  · {side} : [{each.finding.code}] {each.finding.message()} {place}".rstrip())
        click.echo(f"      {say(each.why)}")


def _sum_up(judged: Sequence[Both]) -> None:
    counts: dict[str, int] = {}
    for both in judged:
        for verdict in both.official:
            key = str(agreement(both.ours_on(verdict), verdict))
            counts[key] = counts.get(key, 0) + 1
    for key, count in sorted(counts.items()):
        click.echo(say("official.summary", count=count, agreement=say(f"official.agreement.{key}")))
