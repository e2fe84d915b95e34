"""Messages of which a scenario expects something particular: an address, a receipt asked, a replacement, a reply, an end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.subjects.message import MailMessage
from conformance.checks.subjects.window import address_of, domain_of
from conformance.evidence.observation import Observation


@dataclass(frozen=True)
class CitizenRecipient:
    """One citizen's box that a message was sent to, and the matricules that the scenario expects there.

    ``matricules`` are those of the expectation that the address answers, else of every citizen expected.
    """

    address: str
    domain: str
    matricules: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[CitizenRecipient]:
        """Every recipient in a citizens' domain of the scenario."""
        expected = [e for e in observation.expected("message") if e.get("audience") == "citizen"]
        for message in MailMessage.of(observation):
            for recipient in message.rcpt_to:
                if domain_of(recipient) not in message.citizens:
                    continue
                named = [e for e in expected if address_of(e.get("to")) == recipient]
                wanted = tuple(dict.fromkeys(str(e["matricule"]) for e in named or expected if e.get("matricule")))
                cited = (*message.evidence, *(str(e["evidence"]) for e in named or expected))
                yield cls(recipient, domain_of(recipient), wanted, tuple(dict.fromkeys(cited)))


@dataclass(frozen=True)
class ReceiptRequest:
    """A message for which the scenario asked a read receipt."""

    message: MailMessage
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ReceiptRequest]:
        """Every message that answers an expectation with ``read_receipt``."""
        for message in MailMessage.of(observation):
            if any(e.get("read_receipt") for e in message.expectations):
                yield cls(message, message.evidence)


@dataclass(frozen=True)
class ReplacingMessage:
    """A message whose document replaces another: the scenario asked for it, or the CDA says so."""

    message: MailMessage
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ReplacingMessage]:
        """Every message that answers an expectation with ``replaces``, or carries a replacing document."""
        for message in MailMessage.of(observation):
            if any(e.get("replaces") for e in message.expectations) or any(d.replaces for d in message.documents):
                yield cls(message, message.evidence)


@dataclass(frozen=True)
class ReplyMessage:
    """A message that answers a received one: its id, and the ids that it followed itself, oldest first."""

    message: MailMessage
    original: str
    references: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ReplyMessage]:
        """Every message that answers an expectation with ``in_reply_to``."""
        for message in MailMessage.of(observation):
            for expected in message.expectations:
                if expected.get("in_reply_to"):
                    references = tuple(str(id) for id in expected.get("references") or ())
                    yield cls(message, str(expected["in_reply_to"]), references, message.evidence)


@dataclass(frozen=True)
class EndingMessage:
    """A message to a citizen for which the scenario said whether an answer is wanted."""

    message: MailMessage
    ends: bool
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[EndingMessage]:
        """Every message that answers an expectation with ``no_reply``, true or false."""
        for message in MailMessage.of(observation):
            for expected in message.expectations:
                if expected.get("no_reply") is not None:
                    yield cls(message, bool(expected["no_reply"]), message.evidence)
