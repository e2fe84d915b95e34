"""Identities that a scenario made, and what then left of them: documents, and calls to INSi."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from conformance.checks.subjects import dmp
from conformance.checks.subjects.cda import CdaDocument
from conformance.checks.subjects.readable import readable
from conformance.checks.subjects.window import accepted, address_of, recipients_of, sent, settled
from conformance.checks.subjects.xdm import XdmArchive, attached, is_archive
from conformance.dmp import codes
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# A matricule without its key.
LENGTH = 13


@dataclass(frozen=True)
class DecidedIdentity:
    """An identity whose acts decided its status, and the documents that then reached a correspondent of its own.

    ``spread`` names the places of the messages where the matricule was found, with or without its key.
    """

    wanted: Mapping[str, Any]
    documents: tuple[CdaDocument, ...]
    spread: tuple[str, ...]
    evidence: tuple[str, ...]

    @property
    def case(self) -> str:
        """The name of the case in the table."""
        return str(self.wanted["case"])

    @classmethod
    def read(cls, observation: Observation, wanted: Mapping[str, Any]) -> Self | None:
        """What left for the case that an expectation names; nothing at all only counts in a settled window."""
        number = str(wanted["matricule"])[:LENGTH]
        mine = _own(observation, wanted)
        since = next(r.utc for r in observation.expectations if r.id == wanted["evidence"])
        later = [r for r in sent(observation) if r.utc >= since]
        strays = [r for r in later if any(a.startswith(number) for a in recipients_of(r))]
        if not (mine or strays or settled(observation)):
            return None
        spread = [f"{r.kind} {address}" for r in strays for address in recipients_of(r) if address.startswith(number)]
        spread += [place for r in mine for place in _places(observation.blob(r, "message"), number)]
        documents = [document for r in mine for document in _documents(observation.blob(r, "message"), r)]
        cited = [str(wanted["evidence"]), *(r.id for r in (*mine, *strays))]
        return cls(wanted, tuple(documents), tuple(spread), tuple(dict.fromkeys(cited)))


@dataclass(frozen=True)
class QualifiedIdentity(DecidedIdentity):
    """An identity that is qualified."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every case that ends qualified."""
        found = (cls.read(observation, w) for w in observation.expected("ins-case") if w["carried"])
        yield from (one for one in found if one is not None)


@dataclass(frozen=True)
class UnqualifiedIdentity(DecidedIdentity):
    """An identity that is not, or no longer, qualified."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every case that ends with another status."""
        found = (cls.read(observation, w) for w in observation.expected("ins-case") if not w["carried"])
        yield from (one for one in found if one is not None)


@dataclass(frozen=True)
class FormerIdentity:
    """A person whom INSi knows under former matricules, the documents that came and where they bear one of those."""

    case: str
    documents: int
    spread: tuple[tuple[str, str], ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[FormerIdentity]:
        """Every such person of whom a document came."""
        for wanted in observation.expected("ins-case"):
            former = [str(number)[:LENGTH] for number in wanted.get("former") or ()]
            documents, seen = documents_to(observation, str(wanted["to"]))
            if not former or not documents:
                continue
            raws = [observation.blob(r, "message") for r in sent(observation) if r.id in seen]
            spread = [(place, number) for raw in raws for number in former for place in _places(raw, number)]
            yield cls(str(wanted["case"]), len(documents), tuple(spread), (str(wanted["evidence"]), *seen))


@dataclass(frozen=True)
class GoneIdentity:
    """An identity that is qualified no more, and what left under its matricule after that."""

    why: str
    breaches: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[GoneIdentity]:
        """Every such identity."""
        for wanted in observation.expected("ins-gone"):
            number, after = str(wanted["matricule"])[:LENGTH], wanted["after"]
            later = [r for r in observation.exchanges if r.seq > int(after.get(r.service, 0))]
            breaches = tuple(r for r in later if _under(r, number) and not _takes_back(r, later))
            cited = (*observation.frame_evidence, str(wanted["evidence"]), *(r.id for r in breaches))
            yield cls(str(wanted["why"]), breaches, cited)


@dataclass(frozen=True)
class UncalledIdentity:
    """An identity about which INSi must not be asked, and the calls that were made all the same."""

    case: str
    calls: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[UncalledIdentity]:
        """Every such identity."""
        for wanted in observation.expected("ins-no-call"):
            calls = calls_about(observation, wanted)
            cited = (*observation.frame_evidence, str(wanted["evidence"]), *(r.id for r in calls))
            yield cls(str(wanted["case"]), calls, cited)


def documents_to(observation: Observation, address: str) -> tuple[tuple[CdaDocument, ...], tuple[str, ...]]:
    """The documents of the messages that the operator took for an address, and the ids of their records."""
    mine = _messages_to(observation, address)
    documents = [document for r in mine for document in _documents(observation.blob(r, "message"), r)]
    return tuple(documents), tuple(r.id for r in mine)


def first_documents_to(observation: Observation, address: str) -> tuple[tuple[CdaDocument, ...], tuple[str, ...]]:
    """As :func:`documents_to`, of the first message that holds any: later ones of the person reach the same correspondents."""
    for record in _messages_to(observation, address):
        if documents := _documents(observation.blob(record, "message"), record):
            return tuple(documents), (record.id,)
    return (), ()


def calls_about(observation: Observation, wanted: Mapping[str, Any]) -> tuple[Record, ...]:
    """The calls to INSi about a person, by matricule or by name and birth date."""
    number = str(wanted.get("matricule") or "")[:LENGTH].lower()
    found = []
    for record in observation.of_kind("insi.call"):
        traits = record.data.get("traits") or {}
        named = str(traits.get("NomNaissance", "")).casefold() == str(wanted["birth_name"]).casefold()
        dated = str(traits.get("DateNaissance", "")) == str(wanted["birth_date"])
        if (named and dated) or (number and number in record.marks):
            found.append(record)
    return tuple(found)


def _messages_to(observation: Observation, address: str) -> list[Record]:
    return [r for r in sent(observation) if accepted(r) and address_of(address) in recipients_of(r)]


def _own(observation: Observation, wanted: Mapping[str, Any]) -> list[Record]:
    """The messages of a case: a later document of the same person reaches its earlier correspondents too."""
    cases = [e for e in observation.expected("ins-case") if e["person"] == wanted["person"]]
    later = cases[[e["evidence"] for e in cases].index(wanted["evidence"]) + 1 :]
    others = {d.unique_id for e in later for d in documents_to(observation, str(e["to"]))[0]} - {None}
    mine = _messages_to(observation, str(wanted["to"]))
    if not others:
        return mine
    return [r for r in mine if others.isdisjoint(d.unique_id for d in _documents(observation.blob(r, "message"), r))]


def _under(record: Record, number: str) -> bool:
    """Whether an exchange is under a matricule: a message to its box, or a call to the DMP about it."""
    if record.kind == "smtp.message":
        return any(address.startswith(number) for address in recipients_of(record))
    return record.kind.startswith("dmp.") and str(record.data.get("patient") or "")[:LENGTH] == number


def _takes_back(record: Record, later: list[Record]) -> bool:
    """Whether a call to the DMP belongs to taking back what went there under the matricule, which nothing else can name.

    A document fed by mistake is to be deleted (REM, DMP/CONF.03), after the test and the search that lead to its entry, and a
    professional may give the right on the record back (TD0.3 SUPPRESSION).
    """
    if record.kind == dmp.AUTHORISATION:
        return record.data.get("action") == "SUPPRESSION"
    deletions = [
        r for r in later if r.kind == dmp.UPDATE and _deletes(r) and dmp.about(r, str(record.data.get("patient")))
    ]
    if record.kind in (dmp.TEST, dmp.SEARCH):
        return any(r.seq > record.seq for r in deletions)
    return record in deletions


def _deletes(record: Record) -> bool:
    """Whether all that an update changed is that documents are there no more."""
    gone = (codes.ARCHIVED, codes.DELETED)
    changes = record.data.get("changes") or ()
    return bool(changes) and all(change.get("status") in gone for change in changes)


def _documents(raw: bytes, record: Record) -> list[CdaDocument]:
    archives = [content for name, content in attached(raw) if is_archive(name, content)]
    opened = (XdmArchive.from_bytes(content, evidence=(record.id,)) for content in archives)
    return [document for archive in opened for document in archive.documents]


def _places(raw: bytes, number: str) -> list[str]:
    """Where a message bears a number, each place once."""
    return list(dict.fromkeys(place for place, text in readable(raw) if number in text))
