"""Read receipts that the product returns, beside those that a received message asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.subjects.message import MailMessage
from conformance.checks.subjects.mime import Leaf
from conformance.checks.subjects.window import Expectation, accepted, address_of, sent, settled
from conformance.evidence.observation import Observation

REPORT = "message/disposition-notification"


@dataclass(frozen=True)
class ExpectedReceipt:
    """A receipt that a received message asked for, and the receipts that went to the address it named."""

    expectation: Expectation
    returned: tuple[MailMessage, ...]
    evidence: tuple[str, ...]

    @property
    def original(self) -> str:
        """The identifier of the received message, without angle brackets."""
        return str(self.expectation.get("original_message_id"))

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ExpectedReceipt]:
        """Every expectation ``receipt`` that was answered, and in a settled window those that were not."""
        taken = {record.id for record in sent(observation) if accepted(record)}
        messages = [m for m in MailMessage.of(observation) if taken & set(m.evidence)]
        for expectation in observation.expected("receipt"):
            to = address_of(expectation.get("to"))
            returned = tuple(m for m in messages if to in m.rcpt_to and is_receipt(m))
            if returned or settled(observation):
                cited = [i for m in returned for i in m.evidence]
                evidence = (*observation.frame_evidence, str(expectation["evidence"]), *cited)
                yield cls(expectation, returned, tuple(dict.fromkeys(evidence)))


def is_receipt(message: MailMessage) -> bool:
    """Whether a message is, or means to be, a receipt: a report, or a part of that type."""
    kind = (message.header("Content-Type") or "").lower()
    return kind.startswith("multipart/report") or report_of(message) is not None


def report_of(message: MailMessage) -> Leaf | None:
    """The machine-readable part of a receipt."""
    return next((leaf for leaf in message.mime.leaves if leaf.content_type == REPORT), None)


def fields_of(report: Leaf) -> dict[str, str]:
    """The fields of a report by their lower-case name; the first of a name wins."""
    found: dict[str, str] = {}
    for line in report.content.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found
