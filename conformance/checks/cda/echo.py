"""What the general checks of a document say again of a place where a check of its own has spoken."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.core.finding import Finding
from conformance.core.words import Level

# They judge every place by its kind; the others know what the place is for, and tell it better.
_GENERAL = frozenset({"cda.structure", "cda.datatypes"})


def told_once(found: Sequence[Finding]) -> list[Finding]:
    """The findings, less the general ones at an element that another error is about."""
    named = {_element(f) for f in found if f.level is Level.ERROR and f.check not in _GENERAL}
    return [f for f in found if f.check not in _GENERAL or f.where.xpath is None or _element(f) not in named]


def _element(finding: Finding) -> tuple[str | None, str]:
    return finding.where.part, (finding.where.xpath or "").partition("/@")[0]
