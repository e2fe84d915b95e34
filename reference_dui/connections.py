"""Where the national services are and what opens them, as an administrator set them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .faults import NotFound
from .store import Store


class Connections:
    """The settings of each national service."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, service: str, settings: Mapping[str, Any]) -> None:
        """Keep the settings of a service in place of the former ones."""
        self._store.run("INSERT OR REPLACE INTO connections VALUES (?, ?)", service, json.dumps(dict(settings)))

    def of(self, service: str) -> dict[str, Any]:
        """The settings of a service; :class:`NotFound` when nobody set it up."""
        row = self._store.row("SELECT settings FROM connections WHERE service = ?", service)
        if row is None:
            raise NotFound("refdui.fault.no-service", service=service)
        settings: dict[str, Any] = json.loads(row["settings"])
        return settings
