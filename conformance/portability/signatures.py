"""What a resource is, its place among the others included, so that twins are told apart by what they are tied to.

Colour refinement (Weisfeiler and Leman): a resource's first colour is its content without local identifiers; each round adds the
colours of the resources that it names and of those that name it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.portability.reasons import LOCAL_IDENTIFIERS
from conformance.portability.units import Target, Unit, leaves_of, spelled

ROUNDS = 3


def colours(units: Sequence[Unit]) -> list[dict[int, str]]:
    """The colour of each position after each round, the coarsest first."""
    out = {unit.position: [t.unit for _, t in leaves_of(unit.content) if isinstance(t, Target)] for unit in units}
    into: defaultdict[int, list[int]] = defaultdict(list)
    for position, targets in out.items():
        for target in targets:
            into[target].append(position)
    rounds = [{unit.position: _hashed(spelled(_anonymous(unit.content))) for unit in units}]
    for _ in range(ROUNDS):
        last = rounds[-1]
        rounds.append(
            {
                position: _hashed(
                    "|".join(
                        (
                            last[position],
                            *(last[target] for target in targets),
                            "<",
                            *sorted(last[source] for source in into[position]),
                        )
                    )
                )
                for position, targets in out.items()
            }
        )
    return rounds


def _anonymous(value: Any) -> Any:
    """A content without the values of its local identifiers."""
    if isinstance(value, Mapping):
        local = str(value.get("system") or "").startswith(LOCAL_IDENTIFIERS)
        return {name: _anonymous(inner) for name, inner in value.items() if not (local and name == "value")}
    return [_anonymous(inner) for inner in value] if isinstance(value, list) else value


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
