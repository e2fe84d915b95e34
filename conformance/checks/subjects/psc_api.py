"""Calls of the national APIs in the name of somebody who is logged in by Pro Santé Connect, and the exchanges before them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.subjects.dmp import CALLS, about, calls
from conformance.checks.subjects.window import settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

# Answers to an exchange that a client meets in ordinary life: the person's token died on the way (RFC 8693 §2.2.2).
DEAD = frozenset({"expired", "login-ended"})


@dataclass(frozen=True)
class Exchange:
    """One request to the authorization server of an API."""

    certificate: str
    error: str
    subject_token: str
    evidence: tuple[str, ...]

    @property
    def ordinary(self) -> bool:
        """Whether it was granted, or refused for a person's token that had died."""
        return not self.error or self.subject_token in DEAD

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Exchange]:
        """Every exchange of the window."""
        for record in observation.of_kind("exchange.token"):
            told = {name: str(record.data.get(name) or "") for name in ("certificate", "error", "subject_token")}
            yield cls(**told, evidence=(record.id,))


@dataclass(frozen=True)
class ApiCall:
    """One expectation ``psc-call``, and every call of the API about its person, each with what its token was.

    A refusal that a good call follows under the same certificate was mended by the product: it is left out.
    """

    user: str
    records: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[ApiCall]:
        """Every expectation with a call, and in a settled window those without."""
        said = {record.id: record.utc for record in observation.frame}
        for wanted in observation.expected("psc-call"):
            since, matricule = said[wanted["evidence"]], str(wanted["matricule"])
            # Before somebody was logged in, a call was made in nobody's name.
            mine = tuple(r for r in calls(observation, *CALLS) if about(r, matricule) and r.utc > since)
            if mine or settled(observation):
                cited = (*observation.frame_evidence, str(wanted["evidence"]), *(r.id for r in mine))
                yield cls(str(wanted["user"]), tuple(r for r in mine if not _mended(r, mine)), cited)


@dataclass(frozen=True)
class NamedCall:
    """A call whose token the API took: whom the token names, whom the VIHF names, and who was logged in."""

    user: str
    token: str
    vihf: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[NamedCall]:
        """Every such call."""
        for call in ApiCall.of(observation):
            for record in call.records:
                if record.data.get("token") == "ok":
                    token, vihf = (str(record.data.get(name) or "") for name in ("token_subject", "user"))
                    yield cls(call.user, token, vihf, (*call.evidence, record.id))


def _mended(record: Record, every: tuple[Record, ...]) -> bool:
    """Whether a token that had grown old was replaced at once: an ordinary life, as RFC 6750 §3.1 foresees it."""
    if record.data.get("token") not in ("expired", "other-certificate"):
        return False
    after = [r for r in every if r.seq > record.seq and r.data.get("thumbprint") == record.data.get("thumbprint")]
    return bool(after) and after[0].data.get("token") == "ok"
