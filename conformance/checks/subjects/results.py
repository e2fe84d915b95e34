"""Laboratory reports that were fetched, and the notices that left for whoever asked to be told of abnormal results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.subjects.message import MailMessage
from conformance.checks.subjects.reception import fetches
from conformance.checks.subjects.window import address_of, settled
from conformance.evidence.observation import Observation
from conformance.evidence.record import Record


@dataclass(frozen=True)
class AnnouncedReport:
    """A fetched report: whether the biologist calls a result in it abnormal, and how many notices followed."""

    to: str
    abnormal: bool
    notices: int
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[AnnouncedReport]:
        """Every report that was fetched and announced, and in a settled window those that were not."""
        for wanted in observation.expected("abnormal-results"):
            fetched = fetches(observation, wanted)
            came = _notices(observation, wanted["to"])
            if fetched and (came or settled(observation)):
                cited = (*observation.frame_evidence, str(wanted["evidence"]), *fetched, *(r.id for r in came))
                yield cls(address_of(wanted["to"]), bool(wanted["abnormal"]), len(came), cited)


@dataclass(frozen=True)
class PlainNotice:
    """What a notice by a channel that is not secure says, and what it must not: names, matricule, results."""

    said: str
    names: tuple[str, ...]
    matricule: str
    results: tuple[str, ...]
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, observation: Observation) -> Iterator[PlainNotice]:
        """Every notice that reached somebody who asked to be told."""
        for wanted in observation.expected("abnormal-results"):
            for record in _notices(observation, wanted["to"]):
                yield cls(
                    said=_said(observation, record),
                    names=tuple(map(str, wanted["names"])),
                    matricule=str(wanted["matricule"]),
                    results=tuple(map(str, wanted["results"])),
                    evidence=(record.id, str(wanted["evidence"])),
                )


def _notices(observation: Observation, to: object) -> list[Record]:
    return [r for r in observation.of_kind("notice.received") if address_of(to) in r.data["rcpt_to"]]


def _said(observation: Observation, record: Record) -> str:
    """Headers, words and the names of the files of a notice."""
    message = MailMessage.from_bytes(observation.blob(record, "message"))
    lines = [header.value for header in message.mime.headers]
    lines += [leaf.content.decode("utf-8", "replace") for leaf in message.mime.leaves]
    return " ".join([*lines, *(leaf.name for leaf in message.attachments)])
