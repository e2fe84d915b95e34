"""Transfers of records (TDDUI) as evidence: what the receiving service saw, what the product answered, what it then showed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.checks.fhir.depth import too_deep
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

REQUEST, PROBE = "tddui.request", "tddui.probe"


@dataclass(frozen=True)
class Transfer:
    """One request to the base of the receiving service; ``bundle`` is null where its body is no JSON object."""

    record: Mapping[str, Any]
    bundle: Mapping[str, Any] | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterable[Self]:
        """Every transfer that came, refused ones too."""
        return [cls(r.data, _json(observation, r, "request"), (r.id,)) for r in _received(observation)]

    @property
    def accepted(self) -> bool:
        """Whether the service took it."""
        return self.record.get("status") == 200


@dataclass(frozen=True)
class TransferAwaited:
    """A record that the product was asked to send, and the transfer that carried it (null: none came)."""

    asked: Mapping[str, Any]
    transfer: Transfer | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterable[Self]:
        """One for each record asked for; without transfer, in a window that is settled only."""
        for record in _expectations(observation, "transfer"):
            found = _last(observation, record.data)
            if found is not None or settled(observation):
                yield cls(record.data, found, (record.id, *(found.evidence if found else ())))


@dataclass(frozen=True)
class TransferOfRecord:
    """A record that the product was asked to send, and the transfer that did carry it."""

    asked: Mapping[str, Any]
    bundle: Mapping[str, Any]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterable[Self]:
        """One for each record that came."""
        for record in _expectations(observation, "transfer"):
            found = _last(observation, record.data)
            if found is not None and found.bundle is not None:
                yield cls(record.data, found.bundle, (record.id, *found.evidence))

    def resources(self, *types: str) -> list[Mapping[str, Any]]:
        """The resources of these types, all of them without types."""
        return [r for r in resources_of(self.bundle) if not types or r.get("resourceType") in types]


@dataclass(frozen=True)
class UnqualifiedTransfer(TransferOfRecord):
    """The record of a person whose identity is not qualified."""

    @classmethod
    def of(cls, observation: Observation) -> Iterable[Self]:
        """Those alone."""
        return [one for one in super().of(observation) if one.asked["person"]["status"] != "qualifiee"]


@dataclass(frozen=True)
class RefusedTransfer:
    """A transfer that the service refused on purpose, and what the product sent after it."""

    refused: Transfer
    after: tuple[Transfer, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterable[Self]:
        """The first refusal; something must have come after it."""
        seen = list(Transfer.of(observation))
        first = next((i for i, one in enumerate(seen) if one.record.get("fault") == "entry"), None)
        if first is not None and (after := tuple(seen[first + 1 :])):
            yield cls(seen[first], after, tuple(e for one in seen[first:] for e in one.evidence))


@dataclass(frozen=True)
class ImportAnswer:
    """What the product answered to a transaction that was sent to it."""

    faulty: bool
    status: int
    content_type: str
    sent: Mapping[str, Any]
    answer: Mapping[str, Any] | None
    evidence: tuple[str, ...]
    wanted: ClassVar[bool] = False

    @classmethod
    def of(cls, observation: Observation) -> Iterable[Self]:
        """Each answer to a transaction of this kind (good here, faulty in the subclass)."""
        for record in (*observation.of_kind(PROBE), *(r for r in observation.frame if r.kind == "answer")):
            if record.kind == PROBE:
                answer = _json(observation, record, "answer")
                sent = _json(observation, record, "request") or {}
                made = cls._made(record, record.data, sent, answer, str(record.data.get("content_type") or ""))
            elif record.data.get("operation") == "import_record" and "status" in record.data.get("body", {}):
                told = record.data["body"]
                sent = _imported(observation, record) or {}
                made = cls._made(record, {**told, "faulty": sent.get("_faulty")}, sent, told.get("response"), "")
            else:
                continue
            if made.faulty == cls.wanted:
                yield made

    @classmethod
    def _made(cls, record: Record, data: Mapping[str, Any], sent: Mapping[str, Any], answer: Any, kind: str) -> Self:
        read = answer if isinstance(answer, Mapping) else None
        status = data.get("status")
        return cls(bool(data.get("faulty")), status if isinstance(status, int) else 0, kind, sent, read, (record.id,))


@dataclass(frozen=True)
class FaultyImportAnswer(ImportAnswer):
    """What the product answered to a transaction that holds a fault."""

    wanted: ClassVar[bool] = True


@dataclass(frozen=True)
class Shown:
    """A record as it must be shown again (``wanted``), and the transfer that shows it."""

    wanted: Mapping[str, Any]
    shown: Mapping[str, Any]
    evidence: tuple[str, ...]
    what: ClassVar[str] = "import"

    @classmethod
    def of(cls, observation: Observation) -> Iterable[Self]:
        """Each record of this kind that was exported after it was asked for."""
        for record in _expectations(observation, "shown"):
            if record.data.get("what") != cls.what:
                continue
            found = _last(observation, record.data)
            wanted = _json(observation, record, "bundle")
            if found is not None and found.bundle is not None and wanted is not None:
                yield cls(wanted, found.bundle, (record.id, *found.evidence))


@dataclass(frozen=True)
class ShownAfterFault(Shown):
    """The record of before a faulty transaction, and the one of after."""

    what: ClassVar[str] = "after-fault"


@dataclass(frozen=True)
class ShownAfterRoundTrip(Shown):
    """The record that left, and the one that came back from where it was imported."""

    what: ClassVar[str] = "round-trip"


def resources_of(bundle: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The resources of a Bundle's entries."""
    entries = bundle.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("resource"), Mapping):
            yield entry["resource"]


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list, whatever else stands there; of an object alone, itself."""
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, Mapping)]


def _received(observation: Observation) -> list[Record]:
    return [r for r in observation.of_kind(REQUEST) if r.data.get("method") == "POST" and not r.data.get("path")]


def _expectations(observation: Observation, name: str) -> list[Record]:
    return [r for r in observation.expectations if r.data.get("name") == name]


def _last(observation: Observation, asked: Mapping[str, Any]) -> Transfer | None:
    """The last transfer after the stimulus that bears the person's mark; an accepted one first."""
    mark, after = str(asked.get("mark", "")).lower(), int(asked.get("after", 0))
    found = [
        Transfer(r.data, _json(observation, r, "request"), (r.id,))
        for r in _received(observation)
        if r.seq > after and (not mark or mark in r.marks)
    ]
    taken = [one for one in found if one.accepted]
    return next(reversed(taken or found), None)


def _imported(observation: Observation, answer: Record) -> Mapping[str, Any] | None:
    """The transaction that an answer of ``import_record`` is about: the last one noted before it."""
    noted = [r for r in _expectations(observation, "sent") if r.seq < answer.seq]
    if not noted:
        return None
    return {**(_json(observation, noted[-1], "bundle") or {}), "_faulty": noted[-1].data.get("faulty")}


def _json(observation: Observation, record: Record, role: str) -> Mapping[str, Any] | None:
    if role not in record.blobs:
        return None
    try:
        read = json.loads(observation.blob(record, role))
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) and not too_deep(read) else None
