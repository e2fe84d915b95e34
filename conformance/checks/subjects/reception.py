"""What became of what was delivered: each expectation ``integration`` beside what the product says afterwards.

The first answers after the mail was fetched count: what a person then decides (to attach, to set aside) changes them.
A product that cannot say gives no subject.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.checks.subjects.told import Told, place_of, told
from conformance.checks.subjects.window import address_of
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Received:
    """One delivered message or document, and where the product says it is.

    ``filed`` maps each person whose record was read to the documents of this unique id there; ``items`` are those of the
    work list, ``None`` where it was not read.
    """

    expectation: Row
    unique_id: str
    filed: Mapping[str, tuple[Row, ...]]
    items: tuple[Row, ...] | None
    evidence: tuple[str, ...]

    outcomes: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every expectation of these outcomes whose mail was fetched, and of which the product said something."""
        for expectation in observation.expected("integration"):
            fetched = fetched_at(observation, expectation)
            if expectation.get("then") not in cls.outcomes or not expectation.get("unique_id") or fetched is None:
                continue
            records, inbox = _records(observation, fetched), _inbox(observation, fetched)
            if not records and inbox is None:
                continue
            answers = [*(a.record.id for a in records.values()), *([inbox.record.id] if inbox else [])]
            cited = (expectation["evidence"], *answers, *fetches(observation, expectation))
            items = None if inbox is None else tuple(i for i in inbox.listed("items") if concerns(i, expectation))
            for unique_id in (str(expectation["unique_id"]), *map(str, expectation.get("also") or ())):
                filed = {
                    person: tuple(d for d in answer.listed("documents") if d.get("unique_id") == unique_id)
                    for person, answer in records.items()
                }
                yield cls(expectation, unique_id, filed, items, (*observation.frame_evidence, *cited))


class FiledDocument(Received):
    """A document that is filed of itself in the record of its person."""

    outcomes = frozenset({"integrated"})


class DocumentKeptApart(Received):
    """A document that no record may hold: it waits for a person, or it is refused."""

    outcomes = frozenset({"pending", "refused"})


@dataclass(frozen=True)
class ReadBack:
    """A received document as the product gives it back, beside what was delivered."""

    unique_id: str
    expected: str
    sha256: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ReadBack]:
        """Every received document that was read back."""
        for expectation, answer in opened(observation):
            if "content" in answer.record.blobs and expectation.get("sha256"):
                digest = hashlib.sha256(observation.blob(answer.record, "content")).hexdigest()
                cited = (expectation["evidence"], answer.record.id, *fetches(observation, expectation))
                yield cls(
                    str(expectation["unique_id"]),
                    str(expectation["sha256"]),
                    digest,
                    (*observation.frame_evidence, *cited),
                )


def opened(observation: Observation) -> Iterator[tuple[Row, Told]]:
    """The received documents that were opened: each expectation, and the answer that gave the document."""
    names: dict[str, str] = {}
    for answer in told(observation, "read_record"):
        names |= {str(d.get("id")): str(d.get("unique_id")) for d in answer.listed("documents")}
    wanted = {str(e.get("unique_id")): e for e in observation.expected("integration") if e.get("unique_id")}
    for answer in told(observation, "read_document"):
        if expectation := wanted.get(names.get(str(answer.parameters.get("document")), "")):
            yield expectation, answer


def fetches(observation: Observation, expectation: Row) -> tuple[str, ...]:
    """The records that show that the product fetched a message."""
    wanted = address_of(expectation.get("message_id"))
    return tuple(r.id for r in observation.of_kind("imap.fetch") if address_of(r.data.get("message_id")) == wanted)


def messages_delivered(observation: Observation) -> dict[str, Record]:
    """The messages that reached a mailbox, by their Message-ID."""
    return {address_of(record.data.get("message_id")): record for record in observation.of_kind("mail.delivered")}


def fetched_at(observation: Observation, expectation: Row) -> int | None:
    """The place in the frame where the product had fetched a message; ``None`` when it did not."""
    if not fetches(observation, expectation):
        return None
    since = place_of(observation, expectation["evidence"])
    return next((a.place for a in told(observation, "fetch_mail", after=since)), None)


def _records(observation: Observation, after: int) -> dict[str, Told]:
    """The first reading of each record after a place."""
    found: dict[str, Told] = {}
    for answer in told(observation, "read_record", after=after):
        if answer.lists("documents"):
            found.setdefault(str(answer.parameters.get("person")), answer)
    return found


def _inbox(observation: Observation, after: int) -> Told | None:
    """The first reading of the work list after a place."""
    return next((one for one in told(observation, "read_inbox", after=after) if one.lists("items")), None)


def concerns(row: Row, expectation: Row) -> bool:
    """Whether a row that the product lists is about the message or the document of an expectation."""
    same = bool(row.get("unique_id")) and row.get("unique_id") == expectation.get("unique_id")
    return same or address_of(row.get("message_id")) == address_of(expectation.get("message_id"))
