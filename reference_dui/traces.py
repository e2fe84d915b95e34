"""Who did what, when, on which object, with what request and response (functional traces of the product)."""

from __future__ import annotations

from typing import Any

from .store import Store, now

MAX_DETAIL = 2000
MAX_LISTED = 1000


class Traces:
    """An append-only list. Secrets and message bodies never enter it: callers give identifiers and outcomes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, who: str, action: str, thing: str, request: str = "", response: str = "") -> None:
        """Write one trace; ``thing`` names the object acted on."""
        self._store.run(
            "INSERT INTO traces (at, who, action, object, request, response) VALUES (?, ?, ?, ?, ?, ?)",
            now(),
            who,
            action,
            thing,
            request[:MAX_DETAIL],
            response[:MAX_DETAIL],
        )

    def latest(self, limit: int = MAX_LISTED) -> list[dict[str, Any]]:
        """The latest traces, oldest first."""
        rows = self._store.rows(
            "SELECT at, who, action, object, request, response FROM traces ORDER BY id DESC LIMIT ?", limit
        )
        return [dict(row) for row in reversed(rows)]
