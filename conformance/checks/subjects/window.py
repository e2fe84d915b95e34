"""What a scenario expected, beside what was seen: one subject per expectation.

A subject whose thing was not seen is made only in a settled window: elsewhere nothing can be concluded from
absence, and the check then meets no subject, which the judge answers with ``blocked``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# Names of services in the journal (``docs/evidence.md``).
SMTP = "mssante.smtp"
IMAP = "mssante.imap"

Expectation = Mapping[str, Any]


def settled(observation: Observation) -> bool:
    """Whether what was not seen did not happen: the window is closed, gap-free, and nothing stopped the scenario."""
    return observation.sound and observation.hindrance is None


def address_of(value: object) -> str:
    """An address as it is compared: lower case, without angle brackets or blanks."""
    return str(value or "").strip().strip("<>").lower()


def domain_of(address: str) -> str:
    """What follows the last ``@``; a value without one is a domain already."""
    return address.rpartition("@")[2]


def in_force(observation: Observation, domain: str) -> tuple[Record | None, Record | None]:
    """When the fault of a bad server was put on, and then off; ``None`` where it was not."""
    mine = [r for r in observation.of_kind("fault.switched") if r.data.get("domain") == domain]
    on = next((r for r in mine if r.data.get("active")), None)
    off = next((r for r in mine if on and not r.data.get("active") and r.monotonic > on.monotonic), None)
    return on, off


def accepted(record: Record) -> bool:
    """Whether the operator took charge of a message: its reply is 2xx (RFC 5321 §4.2.1)."""
    return str(record.data.get("reply", "")).strip().startswith("2")


def recipients_of(record: Record) -> tuple[str, ...]:
    """The envelope recipients of an ``smtp.message`` record."""
    return tuple(address_of(r) for r in record.data.get("rcpt_to") or ())


def sent(observation: Observation) -> tuple[Record, ...]:
    """The messages that the product submitted, in journal order."""
    return observation.of_kind("smtp.message")


def answers(observation: Observation) -> dict[str, tuple[Expectation, ...]]:
    """For each ``smtp.message`` record id, the expectations ``message`` that it answers.

    Several messages to one address answer the expectations of that address in their order: the n-th message
    that the operator accepted answers the n-th expectation, and any further one the last.
    """
    wanted: defaultdict[str, list[Expectation]] = defaultdict(list)
    for expectation in observation.expected("message"):
        wanted[address_of(expectation.get("to"))].append(expectation)
    taken: Counter[str] = Counter()
    found: dict[str, tuple[Expectation, ...]] = {}
    for record in sent(observation):
        known = [r for r in recipients_of(record) if wanted[r]]
        found[record.id] = tuple(wanted[r][min(taken[r], len(wanted[r]) - 1)] for r in known)
        if accepted(record):
            taken.update(known)
    return found


@dataclass(frozen=True)
class ExpectedMessage:
    """One expectation ``message``, the messages that answer it, and those to its address that were refused."""

    expectation: Expectation
    answered: tuple[Record, ...]
    refused: tuple[Record, ...]
    evidence: tuple[str, ...]

    @property
    def to(self) -> str:
        """The address that a message must reach."""
        return address_of(self.expectation.get("to"))

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ExpectedMessage]:
        """Every expectation ``message`` that was answered, and in a settled window those that were not."""
        answering = answers(observation)
        conclusive = settled(observation)
        for expectation in observation.expected("message"):
            mine = [r for r in sent(observation) if expectation in answering[r.id]]
            seen = tuple(r for r in mine if accepted(r))
            refused = tuple(r for r in mine if not accepted(r))
            if seen or refused or conclusive:
                cited = (*observation.frame_evidence, expectation["evidence"], *(r.id for r in mine))
                yield cls(expectation, seen, refused, cited)


@dataclass(frozen=True)
class ForbiddenMessage:
    """One expectation ``no-message`` and every exchange that breaks it.

    ``breaches`` pairs an address with the record that bears it: a message submitted, or a ``RCPT`` command.
    """

    expectation: Expectation
    breaches: tuple[tuple[str, Record], ...]
    evidence: tuple[str, ...]

    audience: ClassVar[str]

    @property
    def why(self) -> str:
        """Why no message may leave, in the words of the scenario."""
        return str(self.expectation.get("why", ""))

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every expectation ``no-message`` of this audience."""
        forbidden = [e for e in observation.expected("no-message") if e.get("audience") == cls.audience]
        for expectation in forbidden:
            breaches = list(_breaches(observation, address_of(expectation.get("to"))))
            if cls.audience == "citizen" and expectation is forbidden[0]:
                breaches += _strays(observation, forbidden)
            cited = (*observation.frame_evidence, expectation["evidence"], *(r.id for _, r in breaches))
            yield cls(expectation, tuple(breaches), cited)


class ForbiddenProfessionalMessage(ForbiddenMessage):
    """No message may leave for a professional."""

    audience = "professional"


class ForbiddenCitizenMessage(ForbiddenMessage):
    """No message may leave for a citizen.

    Any box of the citizens' domain that no expectation of the window names is forbidden too: such a box belongs to
    one person, and a wrongly built address is still a message to that person.
    """

    audience = "citizen"


def _strays(observation: Observation, forbidden: Sequence[Expectation]) -> Iterator[tuple[str, Record]]:
    """The messages to citizens whom the scenario names nowhere."""
    named = {address_of(e.get("to")) for e in (*forbidden, *observation.expected("message"))}
    domains = {domain_of(address_of(e.get("to"))) for e in forbidden}
    for record in sent(observation):
        for recipient in recipients_of(record):
            if domain_of(recipient) in domains and recipient not in named:
                yield recipient, record


def _breaches(observation: Observation, target: str) -> Iterator[tuple[str, Record]]:
    messages = [r for r in sent(observation) if target in recipients_of(r)]
    yield from ((target, record) for record in messages)
    if messages:
        return
    for record in observation.of_kind("smtp.command"):
        # RCPT TO of a message that never was accepted: the product did try to write (RFC 5321 §3.3).
        verb, argument = str(record.data.get("verb", "")).upper(), str(record.data.get("argument") or "")
        if verb == "RCPT" and target in _addresses(argument):
            yield target, record


def _addresses(argument: str) -> Sequence[str]:
    words = argument.replace("<", " ").replace(">", " ").replace(":", " ").split()
    return [word.lower() for word in words if "@" in word]
