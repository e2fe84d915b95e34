"""What a product said of itself in a window: the answers to the operations that it was asked, in order.

It is the product's own word. A check that reads it can find it wrong beside what was delivered or seen on the wire;
it never makes a pass (:mod:`conformance.judge`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.core.words import Provenance
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class Told:
    """One operation that was done: what was asked and when (UTC), what was answered, and its place in the window."""

    operation: str
    parameters: Mapping[str, Any]
    record: Record
    place: int
    asked_at: str = ""

    def lists(self, name: str) -> bool:
        """Whether the answer has a list of this name at all: one that a person gives has none."""
        body = self.record.data.get("body")
        return isinstance(body, Mapping) and isinstance(body.get(name), list)

    def listed(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """The objects of a list of the answer."""
        body = self.record.data.get("body")
        found = body.get(name) if isinstance(body, Mapping) else None
        rows: Sequence[Any] = found if isinstance(found, list) else ()
        return tuple(row for row in rows if isinstance(row, Mapping))


def told(observation: Observation, *operations: str, after: int = -1) -> Iterator[Told]:
    """The answers *done* to these operations, after a place of the frame.

    A person who drives the product reads on its screens and tells the bench nothing: what they read is not an answer.
    """
    asked: Record | None = None
    for place, record in enumerate(observation.frame):
        if record.kind == "stimulus":
            asked = record
        elif record.kind == "answer" and asked is not None and place > after:
            name = str(record.data.get("operation"))
            unsaid = name.startswith("read_") and record.provenance is Provenance.PERSON
            if name in operations and record.data.get("outcome") == "done" and not unsaid:
                parameters = asked.data.get("parameters")
                yield Told(name, parameters if isinstance(parameters, Mapping) else {}, record, place, asked.utc)


def place_of(observation: Observation, record_id: object) -> int:
    """The place of a record in the frame."""
    return next((place for place, record in enumerate(observation.frame) if record.id == record_id), -1)
