"""What is recorded of one request: one record of the journal, the bodies beside it, never a secret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.services.fhir.reading import identifier_values, objects

# Marks of one record: what a scenario owns is among the first of any honest request.
MAX_MARKS = 400
_CLIP = 400
# Headers that say how a client speaks; none may hold a secret.
HEADERS = ("content-type", "accept", "prefer", "if-none-exist", "if-match", "user-agent")


@dataclass
class Exchange:
    """One request and its answer, as facts. ``facts`` is what the service adds: who asked, with which token id."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    session: str
    body: bytes = b""
    resource: Mapping[str, Any] | None = None
    status: int = 0
    answer: bytes = b""
    outcome: Mapping[str, Any] | None = None
    fault: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def record(self, journal: Journal, service: str, lane: str) -> None:
        """Append ``<service>.request``; the server holds its answer back until it is durable."""
        journal.append(
            service,
            lane,
            f"{service}.request",
            provenance=Provenance.WIRE,
            data=self.data(),
            blobs={name: content for name, content in (("request", self.body), ("answer", self.answer)) if content},
            session=self.session,
            marks=self.marks(),
        )

    def data(self) -> dict[str, Any]:
        """The members of the record, bounded."""
        return {
            "method": self.method,
            "path": self.path[:_CLIP],
            "query": self.query[:_CLIP],
            "headers": {name: self.headers[name][:_CLIP] for name in HEADERS if name in self.headers},
            "status": self.status,
            "issues": [issue.get("code") for issue in objects((self.outcome or {}).get("issue"))][:20],
            "fault": self.fault,
            **self._content(),
            **self.facts,
        }

    def marks(self) -> tuple[str, ...]:
        """The identifiers met in the request and in its query."""
        found: dict[str, None] = {}
        for value in identifier_values(self.resource):
            found.setdefault(value.lower()[:_CLIP])
            if len(found) >= MAX_MARKS:
                break
        for _, _, value in (part.partition("=") for part in self.query.split("&")):
            if value:
                found.setdefault(value.rpartition("%7C")[2].rpartition("|")[2].lower()[:_CLIP])
        return tuple(found)

    def _content(self) -> dict[str, Any]:
        if self.resource is None:
            return {"resource": None}
        kind = str(self.resource.get("resourceType"))[:_CLIP]
        if kind != "Bundle":
            return {"resource": kind}
        inner = [entry.get("resource") for entry in objects(self.resource.get("entry"))]
        types = Counter(str(r.get("resourceType"))[:64] for r in inner if isinstance(r, dict))
        return {"resource": kind, "type": str(self.resource.get("type"))[:64], "entries": dict(types.most_common(40))}
