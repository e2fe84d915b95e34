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
        """Every person of whom the scenario said one or the other."""
        calls = list(DmpCall.of(observation))
        for expectation in observation.expected("dmp-secret"):
            mine = tuple(call for call in calls if about(call.record, str(expectation["matricule"])))
            if mine or settled(observation):
                cited = (str(expectation["evidence"]), *(call.record.id for call in mine))
                yield cls(bool(expectation["active"]), mine, cited)
