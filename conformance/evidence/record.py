"""One line of the journal: something that happened, once, at one place of the bench."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.core.words import Provenance

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Record:
    """A fact in the journal.

    ``service`` and ``lane`` own a gap-free sequence ``seq`` that starts at 1. ``kind`` says how to read
    ``data`` (``docs/evidence.md`` lists the kinds). ``session`` groups the records of one connection.
    ``marks`` are the identifiers seen in it that are unique in the run: addresses, matricules, message and
    document ids. ``blobs`` name contents of the store by role (``{"message": "sha256:…"}``). ``utc`` is
    ISO 8601 with microseconds and ``Z``; ``monotonic`` is in seconds and orders the records of one process.
    """

    service: str
    lane: str
    seq: int
    kind: str
    utc: str
    monotonic: float
    provenance: Provenance
    session: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    blobs: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What findings and verdicts cite: ``service/lane/seq``."""
        return f"{self.service}/{self.lane}/{self.seq}"

    def to_line(self) -> str:
        """One JSON line, keys sorted, without the newline."""
        return json.dumps(
            {
                "schema": SCHEMA,
                "service": self.service,
                "lane": self.lane,
                "seq": self.seq,
                "kind": self.kind,
                "utc": self.utc,
                "monotonic": round(self.monotonic, 6),
                "provenance": str(self.provenance),
                "session": self.session,
                "data": dict(self.data),
                "blobs": dict(self.blobs),
                "marks": list(self.marks),
            },
            ensure_ascii=False,
            sort_keys=True,
        )

    @classmethod
    def from_line(cls, line: str) -> Record:
        """Read one line; raises :class:`ValueError` when it is not a record of this schema."""
        raw = json.loads(line)
        if not isinstance(raw, dict) or raw.pop("schema", None) != SCHEMA:
            raise ValueError("not a journal record of schema 1")
        try:
            return cls(
                **{
                    **raw,
                    "provenance": Provenance(raw["provenance"]),
                    "marks": tuple(raw["marks"]),
                }
            )
        except (TypeError, KeyError) as exc:
            raise ValueError(f"not a journal record: {exc}") from exc
