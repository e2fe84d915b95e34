"""What became of what was delivered: each expectation ``integration`` beside what the product says afterwards.

The first answers after the mail was fetched count: what a person then decides (to attach, to set aside) changes them.
A product that cannot say gives no subject.
"""

from __future__ import annotations

import email
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.policy import default
from typing import Any, ClassVar, Self

from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.told import Told, place_of, told
from conformance.checks.subjects.window import address_of
from conformance.evidence.observation import Observation

Row = Mapping[str, Any]
# What may become of a received document (MSS/UX.16): filed of itself, filed by hand, not filed yet.
WAYS = ("automatic", "manual", "waiting")


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
            fetched = _fetched(observation, expectation)
            if expectation.get("then") not in cls.outcomes or not expectation.get("unique_id") or fetched is None:
                continue
            records, inbox = _records(observation, fetched), _inbox(observation, fetched)
            if not records and inbox is None:
                continue
            answers = [*(a.record.id for a in records.values()), *([inbox.record.id] if inbox else [])]
            cited = (expectation["evidence"], *answers, *fetches(observation, expectation))
            items = None if inbox is None else tuple(i for i in inbox.listed("items") if _is(i, expectation))
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


@dataclass(frozen=True)
class ListedDocument:
    """A received document in the work list, beside the header of the CDA that was delivered."""

    item: Row
    document: CdaDocument
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ListedDocument]:
        """Every document that is filed or waits, which the work list shows, and whose delivered CDA can be read."""
        from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive

        raws = {address_of(r.data.get("message_id")): r for r in observation.of_kind("mail.delivered")}
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
        raws = {address_of(r.data.get("message_id")): r for r in observation.of_kind("mail.delivered")}
        people = {str(r.data.get("key")): r.data for r in observation.frame if r.kind == "population.person"}
        domain = _patients_domain(observation)
        for expectation in observation.expected("integration"):
            fetched = _fetched(observation, expectation)
            answer = None if fetched is None else next(told(observation, "read_messages", after=fetched), None)
            record = raws.get(address_of(expectation.get("message_id")))
            if answer is None or record is None:
                continue
            rows = [r for r in answer.listed("messages") if _is(r, expectation) and r.get("direction") == "received"]
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


def _fetched(observation: Observation, expectation: Row) -> int | None:
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


def _is(row: Row, expectation: Row) -> bool:
    same = bool(row.get("unique_id")) and row.get("unique_id") == expectation.get("unique_id")
    return same or address_of(row.get("message_id")) == address_of(expectation.get("message_id"))


def _patients_domain(observation: Observation) -> str:
    """The domain of the persons' addresses, as the bench gave it to the product."""
    for record in observation.frame:
        if record.kind == "stimulus" and record.data.get("operation") == "configure_mailbox":
            settings = record.data.get("parameters", {}).get("settings", {})
            return str(settings.get("patients_domain") or "").lower()
    return ""
