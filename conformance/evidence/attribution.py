"""Which scenario an exchange belongs to: by identifiers that are unique in the run, never by time.

A real product cannot be reset, and it may answer late. Each window therefore owns *marks* (recipients,
matricules, message and document ids drawn from the run's seed). A record belongs to the windows whose marks
it bears; a record without marks follows its connection; a connection that no window claims belongs to the
window of its lane in whose sequence range it fell (a lane is serial, so there is at most one).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from conformance.evidence.observation import BENCH, Observation, in_order
from conformance.evidence.record import Record
from conformance.evidence.store import Contents

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
class _Window:
    """A window being put together."""

    opening: Record
    frame: list[Record] = field(default_factory=list)
    exchanges: list[Record] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.opening.data["window"])

    @property
    def marks(self) -> set[str]:
        return {mark for record in self.frame if record.provenance != "product" for mark in record.marks}

    @cached_property
    def closing(self) -> Record | None:
        """Read once the frame is whole."""
        return next((r for r in self.frame if r.kind == "window.close"), None)

    def span(self, service: str) -> tuple[int, float]:
        """The sequence range of a service inside this window: after the first number, up to the last."""
        ends = math.inf if self.closing is None else self.closing.data["ends"].get(service, 0)
        return self.opening.data["starts"].get(service, 0), ends


def observations(records: Iterable[Record], contents: Contents) -> list[Observation]:
    """Every attempt of every scenario, in the order of their opening."""
    by_lane: defaultdict[str, list[Record]] = defaultdict(list)
    for record in in_order(list(records)):
        by_lane[record.lane].append(record)
    return [seen for lane in sorted(by_lane) for seen in _lane_observations(by_lane[lane], contents)]


def _lane_observations(records: Sequence[Record], contents: Contents) -> list[Observation]:
    windows = _windows(records)
    present: defaultdict[str, set[int]] = defaultdict(set)
    for record in records:
        present[record.service].add(record.seq)
    _attribute([r for r in records if r.kind not in BENCH_KINDS], windows)
    return [
        Observation(
            scenario=str(w.opening.data["scenario"]),
            lane=w.opening.lane,
            attempt=int(w.opening.data["attempt"]),
            frame=tuple(w.frame),
            exchanges=in_order(w.exchanges),
            gaps=_gaps(w, present),
            contents=contents,
        )
        for w in windows
    ]


def _windows(records: Sequence[Record]) -> list[_Window]:
    windows: dict[str, _Window] = {}
    for record in records:
        if record.kind == "window.open":
            windows[str(record.data["window"])] = _Window(record)
        if record.kind in BENCH_KINDS and (window := windows.get(str(record.data.get("window")))):
            window.frame.append(record)
    return list(windows.values())


def _attribute(records: Sequence[Record], windows: Sequence[_Window]) -> None:
    claims: defaultdict[str, set[str]] = defaultdict(set)
    for window in windows:
        for mark in window.marks:
            claims[mark].add(window.name)
    by_name = {w.name: w for w in windows}
    sessions: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for record in records:
        if record.session:
            sessions[record.service, record.session] |= _claimed(record, claims)
    nobodys: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        owners = _claimed(record, claims)
        if not owners and record.session:
            owners = sessions[record.service, record.session]
        for name in owners:
            by_name[name].exchanges.append(record)
        if not owners:
            nobodys[record.service].append(record)
    for service, left in nobodys.items():
        _by_range(left, [(*window.span(service), window) for window in windows])


def _by_range(records: Sequence[Record], spans: Sequence[tuple[int, float, _Window]]) -> None:
    """Give the records of one service to the windows in whose range they fell, in one pass over both."""
    waiting = sorted(spans, key=lambda span: span[0], reverse=True)
    open_: list[tuple[int, float, _Window]] = []
    for record in sorted(records, key=lambda r: r.seq):
        while waiting and waiting[-1][0] < record.seq:
            open_.append(waiting.pop())
        open_ = [span for span in open_ if span[1] >= record.seq]
        for _, _, window in open_:
            window.exchanges.append(record)


def _claimed(record: Record, claims: Mapping[str, set[str]]) -> set[str]:
    """The windows that own one of a record's marks; ``claims`` names the owners of each mark."""
    return {name for mark in record.marks if mark in claims for name in claims[mark]}


def _gaps(window: _Window, present: Mapping[str, set[int]]) -> tuple[str, ...]:
    """The sequence numbers missing inside the window, for every service and for the bench itself."""
    if window.closing is None:
        return ()
    lane = window.opening.lane
    starts, ends = window.opening.data["starts"], window.closing.data["ends"]
    missing = [
        f"{service}/{lane}/{seq}"
        for service, end in ends.items()
        for seq in range(starts.get(service, 0) + 1, end + 1)
        if seq not in present[service]
    ]
    missing += [
        f"{BENCH}/{lane}/{seq}" for seq in range(window.opening.seq, window.closing.seq) if seq not in present[BENCH]
    ]
    return tuple(missing)
