"""Which scenario an exchange belongs to: by identifiers that are unique in the run, never by time.

A real product cannot be reset, and it may answer late. Each window therefore owns *marks* (recipients,
matricules, message and document ids drawn from the run's seed). A record belongs to the windows whose marks
it bears; a record without marks follows its connection; a connection that no window claims belongs to the
window of its lane in whose sequence range it fell (a lane is serial, so there is at most one).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from conformance.evidence.observation import Observation, in_order
from conformance.evidence.record import Record
from conformance.evidence.store import Contents
from conformance.evidence.window import BENCH_KINDS, Window, windows


class Attribution:
    """The records of one lane, in journal order, given to its windows; :meth:`without` takes one of them out again.

    ``observations`` holds every attempt of every scenario of the lane, in the order of their opening.
    """

    def __init__(self, records: Sequence[Record], contents: Contents) -> None:
        self._records = records
        self._contents = contents
        self._windows = {window.name: window for window in windows(records)}
        self._present: defaultdict[str, set[int]] = defaultdict(set)
        for record in records:
            self._present[record.service].add(record.seq)
        self._claims: defaultdict[str, set[str]] = defaultdict(set)
        for window in self._windows.values():
            for mark in window.marks:
                self._claims[mark].add(window.name)
        _attribute([r for r in records if r.kind not in BENCH_KINDS], self._windows, self._claims)
        self.observations = [self._observation(window) for window in self._windows.values()]

    def without(self, gone: Record) -> list[Observation]:
        """The observations of the lane less one of its records; those that it does not change are the same objects."""
        if gone.kind in ("window.open", "window.close"):
            return self._again(gone)
        claims = self._claims_without(gone)
        moved = self._moved(gone, claims)
        present = {**self._present, gone.service: self._present[gone.service] - {gone.seq}}
        return [
            replace(seen, **changes) if (changes := self._changes(window, gone, moved, present)) else seen
            for window, seen in zip(self._windows.values(), self.observations, strict=True)
        ]

    def _changes(
        self, window: Window, gone: Record, moved: Mapping[str, list[Record]], present: Mapping[str, set[int]]
    ) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if window.name in moved:
            changes["exchanges"] = in_order(moved[window.name])
        if window.frames(gone):
            changes["frame"] = tuple(r for r in window.frame if r is not gone)
        if window.covers(gone):
            changes["gaps"] = window.gaps(present)
        return changes

    def _again(self, gone: Record) -> list[Observation]:
        """Attribute everything anew: the sequence range of a window, or the window itself, is another."""
        before = dict(zip(self._windows, self.observations, strict=True))
        less = Attribution([r for r in self._records if r is not gone], self._contents)
        found = ((before.get(name), seen) for name, seen in zip(less._windows, less.observations, strict=True))
        return [earlier if earlier is not None and earlier == seen else seen for earlier, seen in found]

    def _claims_without(self, gone: Record) -> Mapping[str, set[str]]:
        """The owners of each mark, where a record no longer gives its own to its window."""
        lost: dict[str, set[str]] = {}
        for window in self._windows.values():
            if gone.marks and window.frames(gone):
                left = replace(window, frame=[r for r in window.frame if r is not gone]).marks
                lost |= {mark: self._claims[mark] - {window.name} for mark in window.marks - left}
        return {**self._claims, **lost} if lost else self._claims

    def _moved(self, gone: Record, claims: Mapping[str, set[str]]) -> Mapping[str, list[Record]]:
        """The exchanges of the windows that lose or gain some; only a lost mark or a lost companion moves a record."""
        touched = [gone] if gone.kind not in BENCH_KINDS else []
        if claims is not self._claims:
            lost = [mark for mark in gone.marks if claims.get(mark) != self._claims.get(mark)]
            touched += [r for mark in lost for r in self._bearing[mark]]
        connections = {(r.service, r.session): self._mates[r.service, r.session] for r in touched if r.session}
        touched += [r for mates in connections.values() for r in mates]
        sessions = {
            key: {name for r in mates if r is not gone for name in _claimed(r, claims)}
            for key, mates in connections.items()
        }
        moved: dict[str, list[Record]] = {}
        for record in {(r.service, r.seq): r for r in touched}.values():
            before = self._owners[record.service, record.seq]
            after = set() if record is gone else self._owners_of(record, claims, sessions)
            for name in before ^ after:
                now = moved.setdefault(name, list(self._windows[name].exchanges))
                moved[name] = [*now, record] if name in after else [r for r in now if r is not record]
        return moved

    def _owners_of(
        self, record: Record, claims: Mapping[str, set[str]], sessions: Mapping[tuple[str, str], set[str]]
    ) -> set[str]:
        owners = _claimed(record, claims) or sessions.get((record.service, record.session))
        return owners or {w.name for w in self._windows.values() if w.spans(record)}

    @cached_property
    def _owners(self) -> Mapping[tuple[str, int], set[str]]:
        """The windows of each exchange, by service and number."""
        owners: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        for window in self._windows.values():
            for record in window.exchanges:
                owners[record.service, record.seq].add(window.name)
        return owners

    @cached_property
    def _mates(self) -> Mapping[tuple[str, str], list[Record]]:
        """The exchanges of each connection."""
        mates: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
        for record in self._records:
            if record.session and record.kind not in BENCH_KINDS:
                mates[record.service, record.session].append(record)
        return mates

    @cached_property
    def _bearing(self) -> Mapping[str, list[Record]]:
        """The exchanges that bear each mark."""
        bearing: defaultdict[str, list[Record]] = defaultdict(list)
        for record in self._records:
            for mark in record.marks if record.kind not in BENCH_KINDS else ():
                bearing[mark].append(record)
        return bearing

    def _observation(self, window: Window) -> Observation:
        return Observation(
            scenario=str(window.opening.data["scenario"]),
            lane=window.opening.lane,
            attempt=int(window.opening.data["attempt"]),
            frame=tuple(window.frame),
            exchanges=in_order(window.exchanges),
            gaps=window.gaps(self._present),
            contents=self._contents,
        )


def attributions(records: Iterable[Record], contents: Contents) -> dict[str, Attribution]:
    """The attribution of every lane, in the order of their names."""
    by_lane: defaultdict[str, list[Record]] = defaultdict(list)
    for record in in_order(list(records)):
        by_lane[record.lane].append(record)
    return {lane: Attribution(by_lane[lane], contents) for lane in sorted(by_lane)}


def observations(records: Iterable[Record], contents: Contents) -> list[Observation]:
    """Every attempt of every scenario, in the order of their opening."""
    return [seen for lane in attributions(records, contents).values() for seen in lane.observations]


def _attribute(records: Sequence[Record], windows: Mapping[str, Window], claims: Mapping[str, set[str]]) -> None:
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
            windows[name].exchanges.append(record)
        if not owners:
            nobodys[record.service].append(record)
    for service, left in nobodys.items():
        _by_range(left, [(*window.span(service), window) for window in windows.values()])


def _by_range(records: Sequence[Record], spans: Sequence[tuple[int, float, Window]]) -> None:
    """Give the records of one service to the windows in whose range they fell, in one pass over both."""
    waiting = sorted(spans, key=lambda span: span[0], reverse=True)
    open_: list[tuple[int, float, Window]] = []
    for record in sorted(records, key=lambda r: r.seq):
        while waiting and waiting[-1][0] < record.seq:
            open_.append(waiting.pop())
        open_ = [span for span in open_ if span[1] >= record.seq]
        for _, _, window in open_:
            window.exchanges.append(record)


def _claimed(record: Record, claims: Mapping[str, set[str]]) -> set[str]:
    """The windows that own one of a record's marks; ``claims`` names the owners of each mark."""
    return {name for mark in record.marks if mark in claims for name in claims[mark]}
