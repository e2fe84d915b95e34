"""The evidence of a run, read: the same view over a folder and over a sealed dossier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.core.errors import UsageError
from conformance.evidence.attribution import Attribution, attributions
from conformance.evidence.journal import read_journal
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record
from conformance.evidence.store import Contents, ContentStore

RUN = "run"
EVERY_LANE = "*"


class Evidence:
    """Records and contents, indexed for judging; immutable once made."""

    def __init__(self, records: Iterable[Record], contents: Contents) -> None:
        self.records: dict[str, Record] = {record.id: record for record in records}
        self.contents = contents

    @classmethod
    def load(cls, folder: Path) -> Evidence:
        """Read a run's evidence folder; a folder without a journal is a :class:`UsageError`."""
        if not (folder / "journal").is_dir():
            raise UsageError("evidence.none", path=str(folder))
        return cls(read_journal(folder), ContentStore(folder / "content"))

    def without(self, record_id: str) -> Evidence:
        """The same evidence less one record: what ablation judges; observations it does not change are the same objects."""
        gone = self.records.get(record_id)
        return self if gone is None else _Less(self, gone)

    @cached_property
    def start(self) -> Mapping[str, Any]:
        """The latest description of the run: product sheet, parameters, population, versions, seed."""
        found = [r for r in self.records.values() if r.kind == "run.start"]
        return max(found, key=lambda r: r.seq).data if found else {}

    @cached_property
    def start_evidence(self) -> tuple[str, ...]:
        """The record :attr:`start` was read from."""
        found = [r for r in self.records.values() if r.kind == "run.start"]
        return (max(found, key=lambda r: r.seq).id,) if found else ()

    @cached_property
    def population(self) -> Mapping[str, Mapping[str, Any]]:
        """The identities issued by the harness in this run, by matricule."""
        return {
            str(record.data["matricule"]): record.data
            for record in self.records.values()
            if record.kind == "population.person" and record.data.get("matricule")
        }

    @cached_property
    def observations(self) -> list[Observation]:
        """Every attempt of every scenario."""
        return [seen for lane in self.attributions.values() for seen in lane.observations]

    @cached_property
    def attributions(self) -> Mapping[str, Attribution]:
        """Which window of its lane each record belongs to, by lane."""
        return attributions(self.records.values(), self.contents)

    @cached_property
    def _by_scenario(self) -> Mapping[str, list[Observation]]:
        index: defaultdict[str, list[Observation]] = defaultdict(list)
        for seen in self.observations:
            index[seen.scenario].append(seen)
        return index

    def attempts(self, scenario: str, lane: str | None = None) -> list[Observation]:
        """The attempts of a scenario, oldest first; of one lane when named."""
        return [seen for seen in self._by_scenario.get(scenario, []) if lane in (None, seen.lane)]

    def latest(self, scenario: str, lane: str | None = None) -> list[Observation]:
        """The attempts that count: the latest one of a scenario in each lane that played it."""
        last: dict[str, Observation] = {}
        for seen in self.attempts(scenario, lane):
            if seen.lane not in last or seen.attempt > last[seen.lane].attempt:
                last[seen.lane] = seen
        return list(last.values())


class _Less(Evidence):
    """Evidence less one record: only what the record has a part in is read anew."""

    def __init__(self, whole: Evidence, gone: Record) -> None:
        super().__init__((), whole.contents)
        self.records = dict(whole.records)
        del self.records[gone.id]
        self._whole = whole
        self._gone = gone

    @cached_property
    def start(self) -> Mapping[str, Any]:
        return super().start if self._gone.kind == "run.start" else self._whole.start

    @cached_property
    def start_evidence(self) -> tuple[str, ...]:
        return super().start_evidence if self._gone.kind == "run.start" else self._whole.start_evidence

    @cached_property
    def population(self) -> Mapping[str, Mapping[str, Any]]:
        return super().population if self._gone.kind == "population.person" else self._whole.population

    @cached_property
    def observations(self) -> list[Observation]:
        lanes = self._whole.attributions.items()
        return [
            seen
            for lane, whole in lanes
            for seen in (whole.without(self._gone) if lane == self._gone.lane else whole.observations)
        ]
