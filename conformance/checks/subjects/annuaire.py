"""What the product asked of the national directory, beside what its scenario expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.checks.subjects.cda import Recipient
from conformance.checks.subjects.cda_sent import AddressedDocument
from conformance.checks.subjects.window import Expectation, address_of, recipients_of, sent, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

ASKED = ("annuaire.search", "annuaire.read")
# Seconds within which another request may have left before the answer to the first was read: no reaction to it.
IN_FLIGHT = 1.0


@dataclass(frozen=True)
class DirectoryRequest:
    """One request to the directory's API: whether its key was ``right``, ``wrong`` or ``missing``."""

    key: str
    status: int
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[DirectoryRequest]:
        """Every search and read of the window."""
        for record in observation.of_kind(*ASKED):
            yield cls(str(record.data.get("key")), int(record.data["status"]), (record.id,))


@dataclass(frozen=True)
class WantedEntry:
    """A professional that the product had to find, and the searches it made.

    ``found`` says that some answer held the professional; ``asked`` how many searches were answered.
    """

    identifier: str
    asked: int
    found: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[WantedEntry]:
        """Every expected entry that was found, and in a settled window those that were not.

        Not those that were looked for in a way that the guide offers and the bench does not play.
        """
        unplayed = any(r.data.get("unplayed") for r in observation.of_kind(*ASKED))
        searches = [r for r in observation.of_kind(*ASKED) if r.data["status"] == 200]
        for wanted in observation.expected("directory-entry"):
            found = any(_holds(record, wanted) for record in searches)
            if not found and (unplayed or not settled(observation)):
                continue
            yield cls(
                identifier=str(wanted["identifier"]),
                asked=len(searches),
                found=found,
                evidence=(str(wanted["evidence"]), *(r.id for r in searches)),
            )


@dataclass(frozen=True)
class WrittenEntry:
    """A professional whom the directory gave, and the recipients of the messages that left afterwards."""

    address: str
    written: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[WrittenEntry]:
        """Every expected entry that the directory gave, in a window where messages left.

        While more may leave, only the message that names its address says something.
        """
        messages = sent(observation)
        for wanted in observation.expected("directory-entry"):
            giving = [r for r in observation.of_kind(*ASKED) if _holds(r, wanted)]
            address = str(wanted["address"]).lower()
            written = tuple(one for m in messages for one in recipients_of(m))
            if giving and messages and (address in written or settled(observation)):
                cited = (str(wanted["evidence"]), *(r.id for r in giving), *(m.id for m in messages))
                yield cls(address, written, cited)


@dataclass(frozen=True)
class BusyAnswer:
    """A request that the directory could not answer now: seconds until it was made again, ``None`` when it never was."""

    status: int
    asked_to_wait: float
    waited: float | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[BusyAnswer]:
        """Every refusal with a time to wait, in a settled window or once it was asked again."""
        records = observation.of_kind(*ASKED)
        for position, record in enumerate(records):
            if record.data["status"] not in (429, 503):
                continue
            following = _again(record, records[position + 1 :])
            if following is None and not settled(observation):
                continue
            cited = (record.id,) if following is None else (record.id, following.id)
            waited = None if following is None else _seconds(record, following)
            yield cls(int(record.data["status"]), float(record.data.get("retry_after") or 0), waited, cited)


@dataclass(frozen=True)
class LoadedExtraction:
    """A version of the extraction that the product had to load, and whether it fetched it."""

    version: str
    fetched: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[LoadedExtraction]:
        """Every version expected, in a settled window or once it was fetched."""
        records = [r for r in observation.of_kind("annuaire.extraction") if r.data["status"] == 200]
        for wanted in observation.expected("extraction"):
            fetched = [r for r in records if r.data["version"] == wanted["version"]]
            if fetched or settled(observation):
                cited = (str(wanted["evidence"]), *(r.id for r in records))
                yield cls(str(wanted["version"]), tuple(r.id for r in fetched), cited)


@dataclass(frozen=True)
class ListedRecipient:
    """A recipient of a document whom the extraction of that moment knows, as the document names them."""

    named: Recipient
    identifier: str
    family: str
    given: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ListedRecipient]:
        """Each document's recipient, with the last version of the extraction expected before the document left."""
        for sent_document in AddressedDocument.of(observation):
            for recipient in sent_document.document.recipients:
                wanted = _known(observation, recipient, sent_document)
                if wanted is not None:
                    yield cls(
                        named=recipient,
                        identifier=str(wanted["identifier"]),
                        family=str(wanted["family"]),
                        given=str(wanted["given"]),
                        evidence=(*sent_document.evidence, str(wanted["evidence"])),
                    )


def _holds(record: Record, wanted: Expectation) -> bool:
    return wanted["identifier"] in record.data.get("identifiers", ())


def _known(observation: Observation, recipient: Recipient, document: AddressedDocument) -> Expectation | None:
    """The extraction's entry of a recipient when the document's message was expected."""
    frame = {record.id: position for position, record in enumerate(observation.frame)}
    left = max((frame[id] for id in document.evidence if id in frame), default=-1)
    known = [
        wanted
        for wanted in observation.expected("extraction")
        if wanted["address"] == address_of(recipient.address) and frame[str(wanted["evidence"])] < left
    ]
    return known[-1] if known else None


def _seconds(first: Record, second: Record) -> float:
    return second.monotonic - first.monotonic


def _again(refused: Record, later: Sequence[Record]) -> Record | None:
    """The same request made again, else the first other one that cannot have been under way beside it."""
    same = (
        r for r in later if all(r.data.get(name) == refused.data.get(name) for name in ("type", "parameters", "page"))
    )
    other = (r for r in later if _seconds(refused, r) > IN_FLIGHT)
    return next(same, None) or next(other, None)
