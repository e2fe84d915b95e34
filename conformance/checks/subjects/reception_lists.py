"""What the lists and the counts of a product show of what it received, beside what was delivered."""

from __future__ import annotations

import email
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.policy import default

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.reception import (
    DocumentKeptApart,
    FiledDocument,
    Row,
    concerns,
    fetched_at,
    fetches,
    messages_delivered,
    opened,
)
from conformance.checks.subjects.told import Told, told
from conformance.checks.subjects.window import address_of
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.evidence.observation import Observation

# What may become of a received document (MSS/UX.16): filed of itself, filed by hand, not filed yet.
WAYS = ("automatic", "manual", "waiting")


@dataclass(frozen=True)
class ListedDocument:
    """A received document in the work list, beside the header of the CDA that was delivered."""

    item: Row
    document: CdaDocument
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ListedDocument]:
        """Every document that is filed or waits, which the work list shows, and whose delivered CDA can be read."""
        raws = messages_delivered(observation)
        for received in (*FiledDocument.of(observation), *DocumentKeptApart.of(observation)):
            record = raws.get(address_of(received.expectation.get("message_id")))
            if record is None or not received.items or not received.expectation.get("sha256"):
                continue
            for name, content in attached(observation.blob(record, "message")):
                for document in XdmArchive.from_bytes(content).documents if is_archive(name, content) else ():
                    same = [i for i in received.items if i.get("unique_id") == document.unique_id]
                    if document.root is not None and same:
                        yield cls(same[0], document, (*received.evidence, record.id))


@dataclass(frozen=True)
class UnreadMark:
    """A filed document in the work list, whether it was opened before, and whether the list calls it unread."""

    unique_id: str
    opened: bool
    unread: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[UnreadMark]:
        """Every document filed of itself, in the last work list that says what is unread."""
        lists = [a for a in told(observation, "read_inbox") if any("unread" in i for i in a.listed("items"))]
        if not lists:
            return
        last = lists[-1]
        read = {str(e["unique_id"]): a for e, a in opened(observation) if a.place < last.place}
        for expectation in observation.expected("integration"):
            if expectation.get("then") != "integrated" or not expectation.get("unique_id"):
                continue
            for item in (i for i in last.listed("items") if i.get("unique_id") == expectation["unique_id"]):
                answer = read.get(str(expectation["unique_id"]))
                cited = (expectation["evidence"], last.record.id, *([answer.record.id] if answer else []))
                marked = bool(item.get("unread"))
                evidence = (*observation.frame_evidence, *cited, *fetches(observation, expectation))
                yield cls(str(expectation["unique_id"]), answer is not None, marked, evidence)


@dataclass(frozen=True)
class ListedMessage:
    """A delivered message as the list of received messages shows it, beside what it was.

    ``archive`` is whether it carries documents in an archive; ``None`` for a hostile archive or a cancellation, of which a
    product may say either.
    """

    row: Row
    subject: str
    sender: str
    archive: bool | None
    patients_domain: str
    person: Row | None
    evidence: tuple[str, ...]

    @property
    def citizen(self) -> bool:
        """Whether a person wrote it from Mon espace santé."""
        return bool(self.patients_domain) and self.sender.endswith(f"@{self.patients_domain}")

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ListedMessage]:
        """Every delivered message that was fetched and that the list shows; the first list after the fetch counts."""
        raws = messages_delivered(observation)
        people = {str(r.data.get("key")): r.data for r in observation.frame if r.kind == "population.person"}
        domain = _patients_domain(observation)
        for expectation in observation.expected("integration"):
            fetched = fetched_at(observation, expectation)
            answer = None if fetched is None else next(told(observation, "read_messages", after=fetched), None)
            record = raws.get(address_of(expectation.get("message_id")))
            if answer is None or record is None:
                continue
            rows = [
                r for r in answer.listed("messages") if concerns(r, expectation) and r.get("direction") == "received"
            ]
            if rows:
                message = email.message_from_bytes(observation.blob(record, "message"), policy=default)
                names = [part.get_filename() or "" for part in message.walk()]
                unsure = expectation.get("then") in ("withdrawn", "refused")
                yield cls(
                    row=rows[0],
                    subject=" ".join(str(message.get("Subject", "")).split()),
                    sender=address_of(str(record.data.get("from")).rpartition("<")[2]),
                    archive=None if unsure else any(name.upper() == "IHE_XDM.ZIP" for name in names),
                    patients_domain=domain,
                    person=people.get(str(expectation.get("person"))),
                    evidence=(
                        *observation.frame_evidence,
                        *(expectation["evidence"], record.id, answer.record.id),
                        *fetches(observation, expectation),
                    ),
                )


@dataclass(frozen=True)
class CountedLoad:
    """What the counts of a product grew by, beside the load that was delivered between two readings of them."""

    expected: Mapping[str, Row]
    grown: Mapping[str, Mapping[str, int]]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[CountedLoad]:
        """The load of the window, where the counts were read before and after."""
        answers = list(told(observation, "read_reception_counts"))
        for load in observation.expected("reception-load"):
            if len(answers) < 2:
                continue
            before, after = _counts(answers[0]), _counts(answers[-1])
            grown = {
                code: {way: row[way] - before.get(code, {}).get(way, 0) for way in WAYS} for code, row in after.items()
            }
            expected = {str(row.get("type_code")): row for row in load.get("counts") or ()}
            fetched = [i for e in observation.expected("integration") for i in fetches(observation, e)]
            cited = (load["evidence"], answers[0].record.id, answers[-1].record.id, *fetched)
            yield cls(expected, grown, (*observation.frame_evidence, *cited))


@dataclass(frozen=True)
class UnreadPeriod:
    """The unread documents that a product lists since a day, among those of the window."""

    since: str
    begun: bool
    listed: frozenset[str]
    unread: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[UnreadPeriod]:
        """Every reading of the list: ``begun`` is whether its period had begun when the documents came."""
        wanted = [
            e for e in observation.expected("integration") if e.get("then") == "integrated" and e.get("unique_id")
        ]
        read = {str(e["unique_id"]) for e, _ in opened(observation)}
        mine = {str(e["unique_id"]): e for e in wanted if fetches(observation, e)}
        fetched = [i for e in mine.values() for i in fetches(observation, e)]
        for answer in told(observation, "read_unread"):
            since = str(answer.parameters.get("since"))
            listed = {str(i.get("unique_id")) for i in answer.listed("items")} & set(mine)
            cited = (answer.record.id, *(e["evidence"] for e in mine.values()), *fetched)
            yield cls(
                since,
                since <= answer.record.utc[:10],
                frozenset(listed),
                frozenset(set(mine) - read),
                (*observation.frame_evidence, *cited),
            )


def _counts(answer: Told) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in answer.listed("counts"):
        values = {way: row.get(way) for way in WAYS}
        found[str(row.get("type_code"))] = {way: v if isinstance(v, int) else 0 for way, v in values.items()}
    return found


def _patients_domain(observation: Observation) -> str:
    """The domain of the persons' addresses, as the bench gave it to the product."""
    for record in observation.frame:
        if record.kind == "stimulus" and record.data.get("operation") == "configure_mailbox":
            settings = record.data.get("parameters", {}).get("settings", {})
            return str(settings.get("patients_domain") or "").lower()
    return ""
