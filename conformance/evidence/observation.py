"""What one scenario observed: its window, the exchanges attributed to it, and whether absence can be judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.core.words import Fault
from conformance.evidence.record import Record
from conformance.evidence.store import Contents

# The pytest side of the bench writes under this service name; every other service is a recorder of exchanges.
BENCH = "scenario"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a scenario could not go to its end: a catalogue code, its values, and who must act."""

    code: str
    fault: Fault
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Observation:
    """One attempt of one scenario in one lane.

    ``frame`` holds the bench's own records of the window (opening, stimuli, answers, expectations, controls,
    closing), ``exchanges`` the records of services and probes attributed to it, both in journal order.
    ``gaps`` names the records that should exist inside the window and do not.
    """

    scenario: str
    lane: str
    attempt: int
    frame: tuple[Record, ...]
    exchanges: tuple[Record, ...]
    gaps: tuple[str, ...]
    contents: Contents

    @property
    def closed(self) -> bool:
        """Whether the window was closed by the product's idleness or by the configured quiet time."""
        return any(r.kind == "window.close" and r.data["reason"] in ("idle", "quiet") for r in self.frame)

    @property
    def sound(self) -> bool:
        """Closed and gap-free: what was not seen in it did not happen."""
        return self.closed and not self.gaps

    @property
    def hindrance(self) -> Hindrance | None:
        """What stopped the scenario, if anything did."""
        for record in self.frame:
            if record.kind == "window.hindered":
                data = record.data
                return Hindrance(data["code"], Fault(data["fault"]), data.get("values", {}))
        return None

    @property
    def controls(self) -> tuple[Record, ...]:
        """The positive controls seen: what proves that the thing that must be absent could have been seen."""
        return tuple(r for r in self.frame if r.kind == "control")

    @property
    def expectations(self) -> tuple[Record, ...]:
        """What the scenario asked for and therefore expects to see."""
        return tuple(r for r in self.frame if r.kind == "expectation")

    def expected(self, name: str) -> Iterator[Mapping[str, Any]]:
        """The data of each expectation of one name, with the record's id under ``evidence``."""
        for record in self.expectations:
            if record.data.get("name") == name:
                yield {**record.data, "evidence": record.id}

    def of_kind(self, *kinds: str) -> tuple[Record, ...]:
        """The exchanges of these kinds."""
        return tuple(r for r in self.exchanges if r.kind in kinds)

    def sessions(self, service: str) -> dict[str, list[Record]]:
        """The exchanges of a service by connection, in order."""
        return {key[1]: records for key, records in self._sessions.items() if key[0] == service}

    def blob(self, record: Record, role: str) -> bytes:
        """The bytes a record refers to; raises :class:`~conformance.evidence.store.Altered`."""
        return self.contents.get(record.blobs[role])

    @cached_property
    def frame_evidence(self) -> tuple[str, ...]:
        """The records that make the window itself."""
        return tuple(r.id for r in self.frame if r.kind in ("window.open", "window.close"))

    @cached_property
    def _sessions(self) -> dict[tuple[str, str], list[Record]]:
        found: dict[tuple[str, str], list[Record]] = {}
        for record in self.exchanges:
            if record.session:
                found.setdefault((record.service, record.session), []).append(record)
        return found


def in_order(records: Sequence[Record]) -> tuple[Record, ...]:
    """Journal order: by service, then by sequence within it."""
    return tuple(sorted(records, key=lambda r: (r.service, r.lane, r.seq)))
