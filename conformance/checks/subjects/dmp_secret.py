"""Calls to the DMP about people for whom a secret connection was asked, and for whom none was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.subjects.dmp import DmpCall, about
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation


@dataclass(frozen=True)
class Connections:
    """A person, whether the calls about them must be secret connections, and those calls."""

    secret: bool
    calls: tuple[DmpCall, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Connections]:
        """Every person of whom the scenario said one or the other: the calls since it did, those before were as they had to be."""
        calls, said = list(DmpCall.of(observation)), {record.id: record.utc for record in observation.frame}
        for expectation in observation.expected("dmp-secret"):
            since = said[expectation["evidence"]]
            mine = tuple(c for c in calls if about(c.record, str(expectation["matricule"])) and c.record.utc > since)
            if mine or settled(observation):
                cited = (str(expectation["evidence"]), *(call.record.id for call in mine))
                yield cls(bool(expectation["active"]), mine, cited)
