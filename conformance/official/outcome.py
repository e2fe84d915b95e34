"""What the published chain says of one document: one outcome for each family of rules, one status for all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.core.finding import Finding
from conformance.core.texts import say
from conformance.core.words import Level


class Status(StrEnum):
    """The chain's answer; what could not be run to its end never makes an acceptance."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One family on one document. ``reason`` is a catalogue key when it did not run to its end, ``detail`` its value.

    ``fired`` counts the rules whose context was met: a family that accepts without any has said nothing.
    """

    family: str
    findings: tuple[Finding, ...] = ()
    fired: int = 0
    reason: str = ""
    detail: str = ""

    @property
    def status(self) -> Status:
        """Rejected by an error; else unchecked when it did not run; else accepted."""
        if any(finding.level is Level.ERROR for finding in self.findings):
            return Status.REJECTED
        return Status.UNCHECKED if self.reason else Status.ACCEPTED

    def why(self) -> str:
        """The sentence that says why it did not run; empty when it did."""
        return say(self.reason, detail=self.detail) if self.reason else ""

    def as_json(self) -> dict[str, Any]:
        """The stable shape (``schemas/check.json``)."""
        return {
            "family": self.family,
            "status": str(self.status),
            "fired": self.fired,
            "reason": self.why() or None,
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class OfficialVerdict:
    """The chain on one document. ``part`` names the document inside an archive; ``typed`` that its type has rules."""

    pack: str
    digest: str
    engine: str
    outcomes: tuple[Outcome, ...]
    part: str | None = None

    @property
    def status(self) -> Status:
        """Rejected as soon as one family rejects; accepted when all ran and none did."""
        statuses = {outcome.status for outcome in self.outcomes}
        for status in (Status.REJECTED, Status.UNCHECKED):
            if status in statuses:
                return status
        return Status.ACCEPTED if self.outcomes else Status.UNCHECKED

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every family, in order of family."""
        return tuple(finding for outcome in self.outcomes for finding in outcome.findings)

    def as_json(self) -> dict[str, Any]:
        """The stable shape (``schemas/check.json``)."""
        return {
            "pack": self.pack,
            "digest": self.digest,
            "engine": self.engine,
            "part": self.part,
            "status": str(self.status),
            "families": [outcome.as_json() for outcome in self.outcomes],
        }
