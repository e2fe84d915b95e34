"""How a check of bodies is registered: bounded, since a document may be wrong in every line."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import TypeAlias

from conformance.checks.subjects.cda_body import ModelledBody
from conformance.core.check import check
from conformance.core.finding import Finding, info

BodyCheck: TypeAlias = Callable[[ModelledBody], Iterator[Finding]]
# A document wrong in every line is told by its first faults: a place costs a walk among its siblings.
MOST = 200


def body_check(id: str, *, source: str) -> Callable[[BodyCheck], BodyCheck]:
    """Register a check of bodies; past :data:`MOST` findings it says that there are more, and stops."""

    def register(function: BodyCheck) -> BodyCheck:
        @functools.wraps(function)
        def bounded(body: ModelledBody) -> Iterator[Finding]:
            found = function(body)
            yield from itertools.islice(found, MOST)
            if next(found, None) is not None:
                yield info("cda.n3.more", where=body.document.where(), expected=f"≤ {MOST}")

        check(id, source=source)(bounded)
        return bounded

    return register
