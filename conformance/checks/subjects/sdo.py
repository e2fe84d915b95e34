"""What the product did at the SI-SDO: connections, token requests, calls, and what was asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from conformance.checks.fhir.json_reader import read_json
from conformance.checks.subjects.window import Expectation, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record

SERVICE = "sdo"
# Faults of the bench that leave the client without the answer (``docs/services/sdo.md``).
LOST = frozenset({"cut"})
DECISION, EVALUATION = "57830-2", "51848-0"
PAGE = "_sdoPage"


def told(observation: Observation, name: str) -> frozenset[str]:
    """The values of one setting that the bench gave to the product for the SI-SDO (``configure_service``)."""
    found = set()
    for record in observation.frame:
        asked = record.data.get("parameters") if record.kind == "stimulus" else None
        if isinstance(asked, Mapping) and asked.get("service") == SERVICE and isinstance(asked["settings"], Mapping):
            found.add(str(asked["settings"].get(name, "")))
    return frozenset(found - {""})


def calls(observation: Observation) -> tuple[Record, ...]:
    """The calls that the SI-SDO recorded, in order."""
    return observation.of_kind("sdo.call")


@dataclass(frozen=True)
class SdoConnection:
    """One TLS handshake with the SI-SDO."""

    outcome: str
    certificate: str | None
    ended_by: str | None
    reason: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every handshake of the window."""
        for record in observation.of_kind("tls.handshake"):
            if record.service == SERVICE:
                data = record.data
                yield cls(
                    outcome=str(data.get("outcome")),
                    certificate=data.get("client_certificate"),
                    ended_by=data.get("alert_by"),
                    reason=str(data.get("reason") or ""),
                    evidence=(*observation.frame_evidence, record.id),
                )


@dataclass(frozen=True)
class SdoTokenRequest:
    """One request for an access token; ``declared`` are the client ids that the bench gave."""

    grant_type: str
    client_id: str
    outcome: str
    error: str
    declared: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every request to the token endpoint."""
        declared = told(observation, "client_id")
        for record in observation.of_kind("sdo.token"):
            members = {
                name: str(record.data.get(name) or "") for name in ("grant_type", "client_id", "outcome", "error")
            }
            yield cls(**members, declared=declared, evidence=(*observation.frame_evidence, record.id))


@dataclass(frozen=True)
class SdoCall:
    """One call: its token, the establishment it names; ``worn`` says that its token was refused as expired before."""

    path: str
    token: str
    worn: bool
    structure: str
    refusal: str
    declared: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every call of the window."""
        declared, expired = told(observation, "struct_idnat"), set()
        for record in calls(observation):
            data = record.data
            worn = data.get("token") == "expired" and data.get("token_id") in expired
            if data.get("token") == "expired":
                expired.add(data.get("token_id"))
            yield cls(
                path=f"{data.get('method')} {data.get('path')}",
                token=str(data.get("token")),
                worn=worn,
                structure=str(data.get("structure") or ""),
                refusal=str(data.get("refusal") or ""),
                declared=declared,
                evidence=(*observation.frame_evidence, record.id),
            )


@dataclass(frozen=True)
class SdoSearch:
    """One search: its parameters in order, when it came; ``later`` says that one like it was answered before."""

    parameters: tuple[tuple[str, str], ...]
    query: str
    at: datetime
    later: bool
    consented: bool
    evidence: tuple[str, ...]

    def values(self, name: str) -> list[str]:
        """Every value of a parameter."""
        return [value for key, value in self.parameters if key == name]

    @property
    def others(self) -> list[str]:
        """The parameters that no search of the guide has."""
        return sorted({key for key, _ in self.parameters} - {"type", "_lastUpdated", "_elements", "identifier"})

    @classmethod
    def _of(cls, observation: Observation, resource: str) -> Iterator[Self]:
        seen = False
        agreed: set[str] = set()
        cited: dict[str, str] = {}
        for record in calls(observation):
            data = record.data
            if data.get("resource") == "Consent" and data.get("status") == 201:
                agreed.add(str(data.get("decision")))
                cited[str(data.get("decision"))] = record.id
            if data.get("interaction") != "search" or data.get("resource") != resource:
                continue
            pairs = tuple((str(p[0]), str(p[1])) for p in data.get("parameters") or ())
            if any(name == PAGE for name, _ in pairs):
                continue  # an address that the service handed out
            wanted = next((value.rpartition("|")[2] for name, value in pairs if name == "identifier"), "")
            consent = (cited[wanted],) if wanted in cited else ()
            yield cls(
                parameters=pairs,
                query=str(data.get("query")),
                at=datetime.fromisoformat(record.utc),
                later=seen,
                consented=wanted in agreed,
                evidence=(*observation.frame_evidence, record.id, *consent),
            )
            seen = seen or data.get("status") == 200


class SdoDecisionSearch(SdoSearch):
    """A search for decisions (flux 1.1): any search of documents that is not for an evaluation."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such search."""
        return (s for s in cls._of(observation, "DocumentReference") if not _for_evaluation(s))


class SdoEvaluationSearch(SdoSearch):
    """A search for an evaluation (flux 3.1): one that names a decision, or the type of evaluations."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such search."""
        return (s for s in cls._of(observation, "DocumentReference") if _for_evaluation(s))


class SdoStatusSearch(SdoSearch):
    """A search for statuses (flux 5.1)."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such search."""
        return cls._of(observation, "Task")

    @property
    def reach(self) -> timedelta | None:
        """How far back it asks; ``None`` when its instant cannot be read."""
        values = self.values("_lastUpdated")
        try:
            since = datetime.fromisoformat(values[0].removeprefix("gt")) if values else None
        except ValueError:
            return None
        return self.at - since if since is not None and since.tzinfo is not None else None


def _for_evaluation(search: SdoSearch) -> bool:
    kinds = [value.rpartition("|")[2] for value in search.values("type")]
    return bool(search.values("identifier")) or EVALUATION in kinds


@dataclass(frozen=True)
class SdoSent:
    """A resource that the product sent: its content, whether it was taken, and the statuses on either side of it."""

    resource: Mapping[str, Any]
    status: int
    before: str
    after: str
    structure: str
    dossiers: tuple[Expectation, ...]
    asked: frozenset[str]
    evidence: tuple[str, ...]

    @classmethod
    def _of(cls, observation: Observation, resource: str, expected: str) -> Iterator[Self]:
        dossiers = tuple(observation.expected("sdo-decision"))
        asked = frozenset(str(e.get("national")) for e in observation.expected(expected))
        for record in calls(observation):
            data = record.data
            if data.get("interaction") != "create" or data.get("resource") != resource or "body" not in record.blobs:
                continue
            value, fault = read_json(observation.blob(record, "body"))
            yield cls(
                resource=value if fault is None and isinstance(value, dict) else {},
                status=int(data.get("status", 0)),
                before=str(data.get("before") or ""),
                after=str(data.get("after") or ""),
                structure=str(data.get("structure") or ""),
                dossiers=dossiers,
                asked=asked,
                evidence=(*observation.frame_evidence, record.id),
            )


class SdoConsent(SdoSent):
    """A Consent (flux 2)."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every Consent sent."""
        return cls._of(observation, "Consent", "sdo-consent")


class SdoTask(SdoSent):
    """A Task (flux 4)."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every Task sent."""
        return cls._of(observation, "Task", "sdo-status")


@dataclass(frozen=True)
class ExpectedDecision:
    """A decision that had to be read, in one version, and the reads that answer it."""

    expectation: Expectation
    read: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every expectation ``sdo-decision`` that was answered, and in a settled window those that were not."""
        for expectation in observation.expected("sdo-decision"):
            read = tuple(r for r in calls(observation) if _answers(r, expectation))
            if read or settled(observation):
                cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in read))
                yield cls(expectation, read, cited)


def _answers(record: Record, expectation: Expectation) -> bool:
    data = record.data
    return (
        data.get("interaction") == "read"
        and data.get("id") == expectation.get("document")
        and data.get("version") == expectation.get("version")
        and data.get("status") == 200
        and data.get("fault") not in LOST
    )


@dataclass(frozen=True)
class ExpectedTelling:
    """A consent or a status that had to reach the SI-SDO, and the accepted calls that tell it."""

    expectation: Expectation
    taken: tuple[Record, ...]
    refused: tuple[Record, ...]
    evidence: tuple[str, ...]

    @property
    def what(self) -> str:
        """``Consent``, or the code of the status."""
        return str(self.expectation.get("status") or "Consent")

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every such expectation that was answered, and in a settled window those that were not."""
        for name, resource in (("sdo-consent", "Consent"), ("sdo-status", "Task")):
            for expectation in observation.expected(name):
                about = [r for r in calls(observation) if _tells(r, resource, expectation)]
                taken = tuple(r for r in about if r.data.get("status") == 201)
                refused = tuple(r for r in about if r.data.get("status") != 201)
                if taken or settled(observation):
                    cited = (*observation.frame_evidence, str(expectation["evidence"]), *(r.id for r in about))
                    yield cls(expectation, taken, refused, cited)


class TakenTelling(ExpectedTelling):
    """The same, for those that the SI-SDO took."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Self]:
        """Every expectation that an accepted call answers."""
        return (telling for telling in super().of(observation) if telling.taken)


def _tells(record: Record, resource: str, expectation: Expectation) -> bool:
    data = record.data
    return (
        data.get("interaction") == "create"
        and data.get("resource") == resource
        and data.get("decision") == expectation.get("national")
        and (resource == "Consent" or data.get("after") == expectation.get("status"))
    )
