"""The product's own traces beside what the operator saw of its boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.subjects.sessions import message_id_of
from conformance.checks.subjects.told import told
from conformance.checks.subjects.window import accepted, sent
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SeenAct:
    """A message that the operator accepted from the product, or that the product fetched, and the traces that name it.

    ``names`` are what a trace may call it by: its Message-ID, and the unique ids of what it carried in.
    """

    what: str
    message_id: str
    traces: tuple[Row, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[SeenAct]:
        """Every such message that the last reading of the traces could name."""
        answers = list(told(observation, "read_traces"))
        if not answers:
            return
        last = answers[-1]
        rows = last.listed("traces")
        carried = {str(e.get("message_id")).lower(): e for e in observation.expected("integration")}
        for record in _acts(observation, last.record):
            message_id = message_id_of(record)
            expectation = carried.get(message_id, {})
            names = {message_id, *(str(expectation.get(n) or "").lower() for n in ("unique_id",))} - {""}
            found = tuple(row for row in rows if _names(row, names))
            yield cls(record.kind, message_id, found, (*observation.frame_evidence, record.id, last.record.id))


@dataclass(frozen=True)
class SeenCall:
    """A call that INSi answered, its answer, and the traces that name it.

    A trace may call it by its message id, by the matricule, or by the person of the scenario.
    """

    operation: str
    answer: str
    traces: tuple[Row, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[SeenCall]:
        """Every call that the last reading of the traces could name."""
        answers = list(told(observation, "read_traces"))
        if not answers:
            return
        last = answers[-1]
        rows = last.listed("traces")
        asked = (*observation.expected("ins-search"), *observation.expected("ins-verify"))
        people = {str(e.get("person")).lower() for e in asked}
        for record in observation.of_kind("insi.call"):
            data = record.data
            if record.utc > last.record.utc or not data.get("message_id"):
                continue
            told_of = (data["message_id"], data.get("matricule"), data["traits"].get("NumIdentifiant"))
            names = {str(name).lower() for name in told_of if name} | people
            found = tuple(row for row in rows if str(row.get("action", "")).strip() and _names(row, names))
            answer = str(data["code"] or data["fault"] or "")
            cited = (*observation.frame_evidence, record.id, last.record.id)
            yield cls(str(data["operation"]), answer, found, cited)


def _acts(observation: Observation, asked: Record) -> Iterator[Record]:
    seen: set[tuple[str, str]] = set()
    for record in (*sent(observation), *observation.of_kind("imap.fetch")):
        key = (record.kind, message_id_of(record))
        good = record.kind != "smtp.message" or accepted(record)
        if good and key[1] and key not in seen and record.utc <= asked.utc:
            seen.add(key)
            yield record


def _names(row: Row, names: set[str]) -> bool:
    text = " ".join(str(value).lower() for value in row.values())
    return any(name in text for name in names)
