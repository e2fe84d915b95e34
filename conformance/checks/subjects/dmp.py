"""The calls that a product makes to the DMP, as its simulation recorded them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from cryptography import x509

from conformance.checks.subjects.window import settled
from conformance.dmp import codes, vihf
from conformance.dmp.objects import Entry, Submission, person_of, read_submission
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record
from conformance.soap import envelope, mtom
from conformance.soap.guarded import Element, Unreadable
from conformance.soap.signatures import Refused

REFUSED = "dmp.refused"
TEST, AUTHORISATION, SUBMISSION, SEARCH, RETRIEVAL, UPDATE = (
    codes.KINDS[name] for name in ("TD0.2", "TD0.3", "TD2.1", "TD3.1", "TD3.2", "TD3.3")
)
LIST = codes.KINDS["TD0.4"]
CALLS = (*codes.KINDS.values(), REFUSED)


def calls(observation: Observation, *kinds: str) -> tuple[Record, ...]:
    """The exchanges of these kinds in the order they came."""
    return tuple(sorted(observation.of_kind(*kinds), key=lambda r: r.seq))


def accepted(record: Record) -> bool:
    """Whether the DMP did what was asked."""
    return record.data.get("outcome") == "ok"


def about(record: Record, matricule: str) -> bool:
    """Whether an exchange is about a person."""
    return bool(matricule) and str(record.data.get("patient", ""))[:13] == matricule[:13]


def lists(record: Record, matricule: str) -> bool:
    """Whether a list of the records that the user may open (TD0.4) names a person."""
    return any(matricule and str(one)[:13] == matricule[:13] for one in record.data.get("patients") or ())


@dataclass(frozen=True)
class DmpCall:
    """One call: its record, its bytes, the anchor that its certificates must lead to, and who should be calling."""

    record: Record
    request: bytes
    anchor: bytes
    user: str | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[DmpCall]:
        """Every call that reached the DMP while it was up."""
        users = list(observation.expected("dmp-user"))
        for record in calls(observation, *CALLS):
            if record.data.get("outcome") == "unavailable":
                continue
            mine = [e for e in users if about(record, str(e["matricule"]))][-1:]
            yield cls(
                record,
                observation.blob(record, "request"),
                observation.blob(record, "anchor"),
                str(mine[0]["user"]) if mine else None,
                (record.id, *(str(e["evidence"]) for e in mine)),
            )

    @cached_property
    def package(self) -> mtom.Package | str:
        """The message taken apart, or why it was not."""
        try:
            return mtom.unpack(str(self.record.data.get("content_type", "")), self.request)
        except Unreadable as exc:
            return str(exc)

    @cached_property
    def envelope(self) -> envelope.Envelope | str:
        """The envelope, or why it was not read."""
        if isinstance(self.package, str):
            return self.package
        try:
            return envelope.read(self.package.root)
        except Unreadable as exc:
            return str(exc)

    @cached_property
    def assertion(self) -> vihf.Vihf | str:
        """The VIHF, or why it is not one: ``missing``, or the word of its signature."""
        if isinstance(self.envelope, str) or self.envelope.assertion is None:
            return "missing"
        try:
            return vihf.open_assertion(self.envelope.assertion)
        except Refused as exc:
            return str(exc)

    def assertion_faults(self) -> list[str]:
        """What is wrong with a VIHF whose signature holds, at the instant of the call."""
        if isinstance(self.assertion, str):
            return []
        return list(vihf.faults(self.assertion, self.authority, self.at))

    @property
    def authority(self) -> x509.Certificate:
        """The anchor of the bench."""
        return x509.load_der_x509_certificate(self.anchor)

    @property
    def at(self) -> datetime:
        """When the call came."""
        return datetime.fromisoformat(self.record.utc)

    @cached_property
    def submission(self) -> Submission | None:
        """What an ITI-41 or an ITI-57 holds; ``None`` for other calls and for what does not read."""
        if isinstance(self.envelope, str) or isinstance(self.package, str):
            return None
        if codes.TRANSACTIONS.get(str(self.envelope.body.tag)) not in ("TD2.1", "TD3.3"):
            return None
        try:
            return read_submission(self.envelope.body, self.package)
        except Unreadable:
            return None

    @property
    def patient(self) -> tuple[str, str] | None:
        """The person that the body is about, where it says so."""
        if isinstance(self.envelope, str):
            return None
        if self.submission and self.submission.sets:
            return person_of(self.submission.sets[0].patient_id)
        return _askedabout(self.envelope.body)


class Submitted(DmpCall):
    """A call that feeds the DMP."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Submitted]:
        """Every ITI-41 that reads."""
        for call in DmpCall.of(observation):
            if call.record.kind == SUBMISSION:
                yield cls(call.record, call.request, call.anchor, call.user, call.evidence)


@dataclass(frozen=True)
class Fed:
    """A document that the DMP accepted: its record, its entry, its bytes."""

    record: Record
    submission: Submission
    entry: Entry
    content: bytes


@dataclass(frozen=True)
class Feeding:
    """One expectation ``dmp-feeding``, the document that answers it, and the submissions about its person that were refused."""

    expectation: dict[str, object]
    fed: Fed | None
    earlier: tuple[Fed, ...]
    refused: tuple[Record, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[Feeding]:
        """Every expectation that was answered, and in a settled window those that were not.

        The n-th document that the DMP accepted for a person answers the n-th expectation for that person.
        """
        for matricule, wanted in expected_feedings(observation).items():
            came = fed_documents(observation, matricule)
            refused = tuple(r for r in calls(observation, SUBMISSION) if not accepted(r) and about(r, matricule))
            for position, expectation in enumerate(wanted):
                fed = came[position] if position < len(came) else None
                if fed is None and not settled(observation) and not refused:
                    continue
                seen = (fed.record.id,) if fed else tuple(r.id for r in refused)
                cited = (*observation.frame_evidence, str(expectation["evidence"]), *seen)
                yield cls(expectation, fed, tuple(came[:position]), refused if fed is None else (), cited)


@dataclass(frozen=True)
class AnsweredFeeding(Feeding):
    """A feeding whose document came: what can be said of the document."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[AnsweredFeeding]:
        """Every expectation that a document answers."""
        for feeding in Feeding.of(observation):
            if feeding.fed is not None:
                yield cls(feeding.expectation, feeding.fed, feeding.earlier, (), feeding.evidence)


@dataclass(frozen=True)
class StructuredFeeding(AnsweredFeeding):
    """A feeding whose document must have coded sections."""

    @classmethod
    def of(cls, observation: Observation) -> Iterator[StructuredFeeding]:
        """Every such expectation that a document answers; its twin around a PDF may come before it."""
        for feeding in AnsweredFeeding.of(observation):
            if feeding.expectation.get("body") == "n3":
                came = fed_documents(observation, str(feeding.expectation["matricule"]))
                fed = next((f for f in came if f.entry.code("format_code") not in ("", codes.N1)), feeding.fed)
                cited = (*feeding.evidence, *([fed.record.id] if fed else []))
                yield cls(feeding.expectation, fed, feeding.earlier, (), tuple(dict.fromkeys(cited)))


@dataclass(frozen=True)
class FedPerson:
    """How many documents the DMP accepted for a person of the scenario, and how many were validated."""

    matricule: str
    wanted: int
    came: tuple[Fed, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[FedPerson]:
        """Every person with a feeding expected, once everything is settled."""
        if not settled(observation):
            return
        for matricule, wanted in expected_feedings(observation).items():
            came = tuple(fed_documents(observation, matricule))
            cited = [*observation.frame_evidence, *(str(e["evidence"]) for e in wanted), *(f.record.id for f in came)]
            yield cls(matricule, len(wanted), came, tuple(dict.fromkeys(cited)))


def expected_feedings(observation: Observation) -> dict[str, list[dict[str, object]]]:
    """The expectations ``dmp-feeding`` by matricule, in order."""
    wanted: dict[str, list[dict[str, object]]] = {}
    for expectation in observation.expected("dmp-feeding"):
        wanted.setdefault(str(expectation["matricule"]), []).append(dict(expectation))
    return wanted


def fed_documents(observation: Observation, matricule: str) -> list[Fed]:
    """The documents that the DMP accepted for a person, without the signatures of their sets."""
    return [fed for fed in every_fed(observation) if about(fed.record, matricule)]


def every_fed(observation: Observation) -> list[Fed]:
    """The documents that the DMP accepted, without the signatures of their sets."""
    found = []
    for record in calls(observation, SUBMISSION):
        if not accepted(record):
            continue
        call = DmpCall(record, observation.blob(record, "request"), b"", None, (record.id,))
        submission = call.submission
        for entry in submission.entries if submission else ():
            content = submission.documents.get(entry.id) if submission else None
            if submission and content is not None and not entry.is_signature:
                found.append(Fed(record, submission, entry, content))
    return found


def _askedabout(body: Element) -> tuple[str, str] | None:
    value = body.find(f".//{{{codes.HL7}}}patientIdentifier/{{{codes.HL7}}}value")
    return None if value is None else (value.get("extension", ""), value.get("root", ""))
