"""The window of one attempt of a scenario: what the bench wrote of it, and the range of exchanges that it spans."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from conformance.evidence.observation import BENCH
from conformance.evidence.record import Record

BENCH_KINDS = (
    "window.open",
    "population.person",
    "stimulus",
    "answer",
    "expectation",
    "control",
    "window.hindered",
    "window.close",
)


@dataclass
class Window:
    """A window being put together."""

    opening: Record
    frame: list[Record] = field(default_factory=list)
    exchanges: list[Record] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What its records call it."""
        return str(self.opening.data["window"])

    @property
    def marks(self) -> set[str]:
        """The marks that it owns: never those that only the product told."""
        return {mark for record in self.frame if record.provenance != "product" for mark in record.marks}

    @cached_property
    def closing(self) -> Record | None:
        """Read once the frame is whole."""
        return next((r for r in self.frame if r.kind == "window.close"), None)

    def frames(self, record: Record) -> bool:
        """Whether a record is one of those that the bench wrote of it."""
        return any(r is record for r in self.frame)

    def span(self, service: str) -> tuple[int, float]:
        """The sequence range of a service inside this window: after the first number, up to the last."""
        ends = math.inf if self.closing is None else self.closing.data["ends"].get(service, 0)
        return self.opening.data["starts"].get(service, 0), ends

    def spans(self, record: Record) -> bool:
        """Whether a record fell into the sequence range of its service."""
        after, last = self.span(record.service)
        return after < record.seq <= last

    def covers(self, record: Record) -> bool:
        """Whether the window, closed, knows that a record should exist: without it there is a gap."""
        if self.closing is None:
            return False
        framed = record.service == BENCH and self.opening.seq <= record.seq < self.closing.seq
        return framed or (record.service in self.closing.data["ends"] and self.spans(record))

    def gaps(self, present: Mapping[str, set[int]]) -> tuple[str, ...]:
        """The sequence numbers missing inside the window, for every service and for the bench itself."""
        if self.closing is None:
            return ()
        lane = self.opening.lane
        starts, ends = self.opening.data["starts"], self.closing.data["ends"]
        missing = [
            f"{service}/{lane}/{seq}"
            for service, end in ends.items()
            for seq in range(starts.get(service, 0) + 1, end + 1)
            if seq not in present[service]
        ]
        missing += [
            f"{BENCH}/{lane}/{seq}" for seq in range(self.opening.seq, self.closing.seq) if seq not in present[BENCH]
        ]
        return tuple(missing)


def windows(records: Sequence[Record]) -> list[Window]:
    """The windows of a lane in the order of their opening; what no window opened is left out."""
    found: dict[str, Window] = {}
    for record in records:
        if record.kind == "window.open":
            found[str(record.data["window"])] = Window(record)
        if record.kind in BENCH_KINDS and (window := found.get(str(record.data.get("window")))):
            window.frame.append(record)
    return list(found.values())
