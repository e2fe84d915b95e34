"""How deep a resource may nest, asked before anything walks it."""

from __future__ import annotations

from typing import Any

# Objects within objects. R4 resources stay under 20; the bound keeps every recursion of ours far from Python's.
DEPTH = 48


def too_deep(value: Any) -> bool:
    """Whether a value nests beyond what this package walks; never recurses."""
    level: list[Any] = [value]
    for _ in range(2 * DEPTH):
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
