"""The resources of a FHIR server, in memory: versions, bounds, and all-or-nothing changes.

A stored resource is never altered: a change puts another one in its place, so that going back is putting back the index.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from conformance.services.fhir.outcome import FhirFault, Json

Key = tuple[str, str]
MAX_RESOURCES = 50_000
MAX_BYTES = 256 * 1024 * 1024


def instant() -> str:
    """Now, as an instant of FHIR."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id() -> str:
    """An id that no client chose (datatypes.html#id: 64 characters at most)."""
    return str(uuid.uuid4())


class Repository:
    """Resources by type and id. For one thread; bounded in number and in bytes."""

    def __init__(
        self,
        *,
        clock: Callable[[], str] = instant,
        max_resources: int = MAX_RESOURCES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._clock = clock
        self._bounds = (max_resources, max_bytes)
        self._current: dict[Key, Json] = {}
        self._sizes: dict[Key, int] = {}
        self._total = 0

    def __len__(self) -> int:
        return len(self._current)

    def get(self, kind: str, id: str) -> Json:
        """A resource, or a 404."""
        found = self._current.get((kind, id))
        if found is None:
            raise FhirFault(404, "not-found", "fhirserver.unknown", resource=f"{kind}/{id}")
        return found

    def has(self, kind: str, id: str) -> bool:
        """Whether a resource is there."""
        return (kind, id) in self._current

    def of_type(self, kind: str) -> list[Json]:
        """Every resource of a type, in the order of their first creation."""
        return [resource for (held, _), resource in self._current.items() if held == kind]

    def create(self, resource: Mapping[str, Any], *, id: str | None = None) -> Json:
        """Keep a new resource under an id of the server's; answers it as it is kept."""
        return self._keep(str(resource["resourceType"]), id or new_id(), resource, 1)

    def update(self, id: str, resource: Mapping[str, Any]) -> Json:
        """Put a resource in place of the former one; a new one is created under this id (http.html#upsert)."""
        kind = str(resource["resourceType"])
        former = self._current.get((kind, id))
        return self._keep(kind, id, resource, int(former["meta"]["versionId"]) + 1 if former else 1)

    def delete(self, kind: str, id: str) -> bool:
        """Forget a resource; false when it was not there."""
        self._total -= self._sizes.pop((kind, id), 0)
        return self._current.pop((kind, id), None) is not None

    def clear(self) -> None:
        """Forget everything."""
        self._current, self._sizes, self._total = {}, {}, 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Every change inside, or none of them."""
        before = (dict(self._current), dict(self._sizes), self._total)
        try:
            yield
        except BaseException:
            self._current, self._sizes, self._total = before
            raise

    def _keep(self, kind: str, id: str, resource: Mapping[str, Any], version: int) -> Json:
        given = resource.get("meta")
        meta = {**given} if isinstance(given, Mapping) else {}
        kept: Json = {**resource, "id": id, "meta": {**meta, "versionId": str(version), "lastUpdated": self._clock()}}
        size = len(json.dumps(kept, ensure_ascii=False))
        total = self._total - self._sizes.get((kind, id), 0) + size
        if total > self._bounds[1] or len(self._current) + ((kind, id) not in self._current) > self._bounds[0]:
            raise FhirFault(507, "too-costly", "fhirserver.full", limit=self._bounds[0])
        self._current[kind, id], self._sizes[kind, id], self._total = kept, size, total
        return kept
