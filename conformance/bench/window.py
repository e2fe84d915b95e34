"""Writing an observation window into the journal, so that it can be judged later and elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from conformance.bench.hindrance import Hindered
from conformance.core.errors import ConformanceError
from conformance.core.words import Provenance
from conformance.evidence.journal import Journal
from conformance.evidence.observation import BENCH
from conformance.evidence.record import Record

Sequences = Callable[[], dict[str, int]]
IDLE_POLL = 0.05


class Window:
    """One attempt of one scenario in one lane, from its opening to its closing."""

    def __init__(self, journal: Journal, lane: str, scenario: str, attempt: int, sequences: Sequences) -> None:
        self.journal = journal
        self.lane = lane
        self.scenario = scenario
        self.name = f"{scenario}@{lane}#{attempt}"
        self.is_open = True
        self._sequences = sequences
        self.starts: dict[str, int] = {}
        self._attempt = attempt

    def open(self) -> None:
        """Open it; services that do not answer leave an opening without sequences, and raise."""
        try:
            self.starts = self._sequences()
        finally:
            opening = {"scenario": self.scenario, "attempt": self._attempt, "starts": self.starts}
            self.write("window.open", opening)

    def write(
        self,
        kind: str,
        data: Mapping[str, Any],
        *,
        marks: Iterable[str] = (),
        provenance: Provenance = Provenance.HARNESS,
        blobs: Mapping[str, bytes] | None = None,
    ) -> Record:
        """Append one of the bench's own records to this window."""
        return self.journal.append(
            BENCH,
            self.lane,
            kind,
            provenance=provenance,
            data={"window": self.name, **data},
            marks=marks,
            blobs=blobs,
        )

    def hinder(self, hindrance: Hindered) -> None:
        """Note why the scenario stopped."""
        self.write(
            "window.hindered",
            {"code": hindrance.code, "values": hindrance.values, "fault": str(hindrance.fault)},
        )

    def close(self, idle: Callable[[], bool | None], *, idle_limit: float, quiet: float) -> str:
        """Close when the product says it is idle, else when nothing came for ``quiet`` seconds.

        ``idle`` answers ``None`` when the product cannot say. Returns the reason written: ``idle``, ``quiet``,
        or ``aborted`` when neither came within ``idle_limit`` seconds.
        """
        reason = self._settle(idle, idle_limit, quiet)
        self.write("window.close", {"reason": reason, "ends": self._sequences()})
        self.is_open = False
        return reason

    def abort(self) -> None:
        """Close without having observed quiet: absence cannot be judged in this window."""
        try:
            ends = self._sequences()
        except ConformanceError:
            ends = {}
        self.write("window.close", {"reason": "aborted", "ends": ends})
        self.is_open = False

    def _settle(self, idle: Callable[[], bool | None], limit: float, quiet: float) -> str:
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            said = idle()
            if said:
                return "idle"
            if said is None:
                return self._quiet(deadline, quiet)
            time.sleep(IDLE_POLL)
        return "aborted"

    def _quiet(self, deadline: float, quiet: float) -> str:
        last, since = self._sequences(), time.monotonic()
        while time.monotonic() < deadline:
            time.sleep(min(IDLE_POLL, quiet))
            now = self._sequences()
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since >= quiet:
                return "quiet"
        return "aborted"
