"""Messages that the operator put off, refused or took: each expectation beside every attempt that was seen.

A retry, a duplicate and a last refusal are told by the SMTP sessions alone: replies to RCPT and to the end of the
data, and messages accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.checks.subjects.window import SMTP, accepted, address_of, recipients_of, sent, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class PutOffMessage:
    """A message whose recipient was refused for now, or whose session the operator cut, and what was accepted then."""

    to: str
    put_off: Record
    accepted: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[PutOffMessage]:
        """Every expected message that was put off and came later, and in a settled window those that did not come."""
        for expectation in observation.expected("message"):
            to = address_of(expectation.get("to"))
            put_off = list(_put_off(observation, to))
            if not put_off:
                continue
            first = min(put_off, key=lambda r: r.monotonic)
            later = tuple(r for r in _taken(observation, to) if r.monotonic > first.monotonic)
            if later or settled(observation):
                cited = (*observation.frame_evidence, expectation["evidence"], *(r.id for r in (*put_off, *later)))
                yield cls(to, first, later, cited)


@dataclass(frozen=True)
class Deliveries:
    """One address of a settled window: how many messages it should have received, and those that it received."""

    to: str
    expected: int
    accepted: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Deliveries]:
        """Every expected address that received something; too many can be seen at any time, enough in a settled one."""
        wanted = list(observation.expected("message"))
        counts = Counter(address_of(e.get("to")) for e in wanted)
        for to, count in counts.items():
            taken = _taken(observation, to)
            if len(taken) > count or (taken and settled(observation)):
                cited = [e["evidence"] for e in wanted if address_of(e.get("to")) == to]
                yield cls(to, count, taken, (*observation.frame_evidence, *cited, *(r.id for r in taken)))


@dataclass(frozen=True)
class MessageRefusedForGood:
    """A message that the operator refused whole and for good, each time that it was offered."""

    to: str
    offers: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[MessageRefusedForGood]:
        """Every such message: a second offer can be seen at any time, a single one in a settled window."""
        for expectation in observation.expected("refused-message"):
            to = address_of(expectation.get("to"))
            offers = tuple(r for r in _ends_of_data(observation, to) if _class(r) == 5)
            if len(offers) > 1 or (offers and settled(observation)):
                cited = (*observation.frame_evidence, expectation["evidence"], *(r.id for r in offers))
                yield cls(to, offers, cited)


def _taken(observation: Observation, to: str) -> tuple[Record, ...]:
    return tuple(r for r in sent(observation) if accepted(r) and to in recipients_of(r))


def _put_off(observation: Observation, to: str) -> Iterator[Record]:
    """Refusals of the fourth class (RFC 5321 §4.2.1), and sessions cut between the data and the answer to it."""
    for record in observation.of_kind("smtp.command"):
        if _named(record, to) and _class(record) == 4:
            yield record
    yield from (r for r in _ends_of_data(observation, to) if _class(r) == 4 or r.kind == "smtp.end")


def _ends_of_data(observation: Observation, to: str) -> Iterator[Record]:
    """How each text for an address ended, where it was not accepted: a refusal, or the end of the session."""
    for records in observation.sessions(SMTP).values():
        wanted = offered = False
        for record in records:
            verb = _verb(record)
            if verb == "MAIL":
                wanted = offered = False
            elif _named(record, to):
                wanted = wanted or _class(record) == 2
            elif verb == "DATA":
                offered = wanted and _class(record) == 3
            elif offered and (verb == "." or record.kind in ("smtp.message", "smtp.end")):
                offered = False
                if record.kind != "smtp.message":
                    yield record


def _verb(record: Record) -> str:
    return str(record.data.get("verb") or "").upper() if record.kind == "smtp.command" else ""


def _named(record: Record, to: str) -> bool:
    return _verb(record) == "RCPT" and to in _words(str(record.data.get("argument") or ""))


def _words(argument: str) -> Sequence[str]:
    return argument.lower().replace("<", " ").replace(">", " ").replace(":", " ").split()


def _class(record: Record) -> int:
    """The first digit of a reply; 0 for what is no reply."""
    reply = str(record.data.get("reply") or "")
    return int(reply[0]) if reply[:1].isdecimal() else 0
