"""What the general checks of a document say again of a place where a check of its own has spoken."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from conformance.core.finding import Finding
from conformance.core.words import Level

# They judge every place by its kind; the others know what the place is for, and tell it better.
CLOSED = "cda.header.closed"
_GENERAL = frozenset({"cda.structure", "cda.datatypes"})


def told_once(found: Sequence[Finding]) -> list[Finding]:
    """The findings, less the general ones at an element that another error is about."""
    wrong = [f for f in found if f.level is Level.ERROR]
    named = {_element(f) for f in wrong if f.check not in _GENERAL}
    within = {(part, above) for part, path in map(_element, wrong) for above in _upwards(path)}
    return [f for f in found if not _is_echo(f, named, within)]


def _is_echo(finding: Finding, named: Container[object], within: Container[object]) -> bool:
    """Whether a general check, or a closed part, says again what an error says at that element, or inside it."""
    if finding.where.xpath is None:
        return False
    if finding.code == CLOSED:
        return _element(finding) in within
    return finding.check in _GENERAL and _element(finding) in named


def _upwards(path: str) -> Iterator[str]:
    """A path and every path above it."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _element(finding: Finding) -> tuple[str | None, str]:
    return finding.where.part, (finding.where.xpath or "").partition("/@")[0]
